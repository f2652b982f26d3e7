"""Exports a run as a folder or zip file to share: weights, pictures, curves and a card."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from gencmp.files import read_at_most, write_whole
from gencmp.models.weights_file import halved, read_content, read_facts, without_paths
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.folder import RunFolder
from gencmp.runs.run import Run
from gencmp.settings.own_folder import portable_config

CURVE_POINTS = 1200  # of an exported curve: more than a chart has pixels


def export(
    record: ModelRecord,
    target: Path,
    epochs: Collection[int] = (),
    half: bool = False,
    half_last: bool = False,
    **facts: Any,
) -> None:
    """Write a run as a folder that ShippedRun reads.

    epochs: those whose weights to include (all saved ones when empty); the last is always included.
    half:   store weights in float16, which is enough for replay; the last epoch stays in float32, unless `half_last`.
    facts:  further entries of the card: name, command, machine.
    Raises SnapshotError or DamagedFile, before anything is written, for weights or pictures that are damaged.
    """
    run, kept = record.run, record.folder.kept()
    shared = [epoch for epoch in kept if not epochs or epoch in epochs or epoch == kept[-1]]
    curves = _curves_json(record)
    refuse_damaged(record.folder, shared)
    for epoch in kept:
        if epoch in shared:
            content = without_paths(read_content(record.folder.weights(epoch)))
            is_half = half_last if epoch == kept[-1] else half
            write_whole(RunFolder(target).weights(epoch), halved(content) if is_half else content)
    for epoch in record.folder.pictured():
        write_whole(RunFolder(target).arrays(epoch), record.folder.arrays_content(epoch))
    write_whole(target / "curves.json", curves)
    values = shareable(run).to_dict() | {"name": facts.get("name", run.name)}
    if record.is_shipped is False and facts.get("name"):
        values["id"] = facts["name"]
    write_whole(target / "card.json", json.dumps({"run": values} | facts, indent=1).encode())


def refuse_damaged(folder: RunFolder, epochs: Collection[int]) -> None:
    """Raise SnapshotError or DamagedFile if the weights of these epochs, or any pictures, cannot be read."""
    for epoch in epochs:
        path = folder.weights(epoch)
        read_facts(read_content(path), str(path))
    for epoch in folder.pictured():
        folder.read_arrays(epoch)


def shareable(run: Run) -> Run:
    """The run without any paths, and therefore without its error messages, so that it can be shared."""
    origin = dict(run.origin)
    for part in ("before", "changes"):
        if "dataset" in origin.get(part, {}):
            origin[part] = portable_config(origin[part])
    place = {"moves": run.place["moves"]} if run.place.get("moves") else {}  # without the names of computers
    return replace(run, config=portable_config(run.config), reason="", words="", origin=origin, place=place)


def export_zip(record: ModelRecord) -> bytes:
    """The same as a zip file for download, with all saved weights in full precision."""
    refuse_damaged(record.folder, record.folder.kept())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("card.json", json.dumps({"run": shareable(record.run).to_dict()}, indent=1))
        archive.writestr("curves.json", _curves_json(record))
        for path in sorted((record.folder.path / "epochs").glob("[0-9]*")):
            weights = path.suffix == ".safetensors"
            content = without_paths(read_content(path)) if weights else read_at_most(path)
            archive.writestr(f"epochs/{path.name}", content)
    return buffer.getvalue()


def _curves_json(record: ModelRecord) -> bytes:
    steps = {name: [_short(v) for v in column] for name, column in record.steps(points=CURVE_POINTS).items()}
    epochs, changes = ([asdict(row) for row in rows] for rows in (record.epochs(), record.changes()))
    return json.dumps({"steps": steps, "epochs": epochs, "changes": changes}, separators=(",", ":")).encode()


def _short(value: float | None) -> float | None:
    return value if value is None or isinstance(value, int) else float(f"{value:.6g}")
