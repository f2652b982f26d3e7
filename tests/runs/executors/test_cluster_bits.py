"""A run that trains on a cluster is the same as one that trains here, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from there import there

from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import GanConfig, VaeConfig


def contents(store: RunStore, run: Run) -> dict[str, bytes]:
    """Every tensor and picture of a run's folder, by name. Not the files: how long an epoch took is in them, too."""
    folder = store.queries.folder(run.id)
    found = {}
    for path in folder.path.rglob("*.safetensors"):
        for name, tensor in load_file(path).items():
            found[f"{path.relative_to(folder.path)}/{name}"] = tensor.numpy().tobytes()
    for epoch in folder.pictured():
        found |= {f"{epoch}/{name}": array.tobytes() for name, array in folder.read_arrays(epoch).items()}
    return found


def facts(store: RunStore, run: Run) -> Any:
    rows = [(row.epoch, row.step, row.measures, row.last, row.test) for row in store.queries.epochs(run.id)]
    return rows, store.queries.steps(run.id), store.queries.checkups(run.id), store.queries.get(run.id).machine


def test_both_models_are_the_same_bit_for_bit_on_two_nodes(
    cluster: Any, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], digits_folder: Path
) -> None:
    """Networks of the paper's size, on few digits."""
    configs = [kind(epochs=3, dataset=str(digits_folder), device="cpu", threads="1") for kind in (GanConfig, VaeConfig)]
    far = ended(*(begin(config) for config in configs))
    for run, config in zip(far, configs, strict=True):
        assert (run.state, run.reason, run.epoch) == ("finished", "", 3)
        here = far_store.create(config)
        train_run(far_store, there(far_store.claim(here.id)))
        assert facts(far_store, run) == facts(far_store, here)
        assert contents(far_store, run) == contents(far_store, here)
    assert len({run.place["node"] for run in far}) == 2
