"""What a fork starts from, as it lies in its folder: read by the worker, which has torch."""

from __future__ import annotations

from gencmp.models.snapshot import Snapshot, read, read_whole
from gencmp.runs.folder import RunFolder
from gencmp.runs.run import Run


def start_of(run: Run, folder: RunFolder) -> Snapshot:
    """The full state of the epoch, or its weights alone for a fork with a fresh optimiser. Raises SnapshotError."""
    epoch = run.origin["epoch"]
    weights = folder.weights(epoch)
    return read_whole(weights, folder.optimiser(epoch)) if run.origin.get("optimiser") else read(weights)
