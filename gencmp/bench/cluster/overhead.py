"""The same runs on this computer and on a cluster: what the cluster adds, and how a queue comes to its end on all places."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from gencmp.bench.cluster.nodes import Nodes
from gencmp.errors import GencmpError
from gencmp.runs.executors.choice import EXECUTOR, RAY
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, VaeConfig

PATIENCE = 300.0  # seconds that a run may take to end
OVER = 0.05  # seconds between looks


def small(epochs: int = 3, limit: int = 6000) -> Config:
    """A VAE of the paper's size on few digits, with one thread: some seconds."""
    return VaeConfig(epochs=epochs, limit=limit, device="cpu", threads="1", keep_per_decade=1)


@contextmanager
def using(nodes: Nodes | None) -> Iterator[None]:
    """What is started meanwhile trains on the cluster; without one, on this computer."""
    before = dict(os.environ)
    if nodes:
        os.environ.update(
            {name: value for name, value in nodes.environment().items() if name.startswith(("RAY_", "PYTHONPATH"))}
        )
        os.environ[EXECUTOR] = RAY
    else:
        os.environ.pop(EXECUTOR, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def ended(store: RunStore, runs: Sequence[Run], patience: float = PATIENCE) -> tuple[list[Run], int]:
    """Wait until all have ended; how many trained at once at most. Raises GencmpError when one does not, or fails."""
    until, most, looked = time.monotonic() + patience, 0, time.monotonic()
    while True:
        now = store.queries.some([run.id for run in runs])
        if not any(run.is_open or run.state == "lost" for run in now):
            break
        most = max(most, sum(run.is_live for run in now))
        if time.monotonic() > until:
            raise GencmpError(
                f"{now[0].name} has not ended within {patience:.0f} s: it is {now[0].state}. {now[0].words}"
            )
        if time.monotonic() - looked > 5:
            looked = time.monotonic()
            keep_going(store)
        time.sleep(OVER)
    if failed := [run for run in now if run.state != "finished"]:
        raise GencmpError(f"{failed[0].name} {failed[0].state}: {failed[0].reason}")
    return now, most


def one(store: RunStore, nodes: Nodes | None, config: Config) -> dict[str, float]:
    """Seconds from its press of Start to its end, of them training, and events a second while it trained."""
    with using(nodes):
        run, began = store.create(config), time.perf_counter()
        start_worker(store)
        [[run], _] = ended(store, [run])
        took = time.perf_counter() - began
    events = len(store.queries.steps(run.id)["step"])
    return {
        "seconds": round(took, 2),
        "training": round(run.seconds, 2),
        "events_a_second": round(events / run.seconds, 1),
    }


def compared(here: RunStore, far: RunStore, nodes: Nodes) -> dict[str, Any]:
    """A run on this computer, and two on the cluster: the first in a new process, the second in one that has trained before. The
    dispatcher is started for each, as it ends when nothing waits."""
    local, first, second = one(here, None, small()), one(far, nodes, small()), one(far, nodes, small())
    return {
        "local": local, "first": first, "second": second,
        "added_first": round(first["seconds"] - local["seconds"], 2), "added_second": round(second["seconds"] - local["seconds"], 2),
    }  # fmt: skip


def queue(store: RunStore, nodes: Nodes, count: int, places: int) -> dict[str, Any]:
    """So many runs of two epochs to the end."""
    with using(nodes):
        runs, began = [store.create(small(2, 3000).replace(seed=seed)) for seed in range(count)], time.perf_counter()
        start_worker(store)
        now, most = ended(store, runs)
        took = time.perf_counter() - began
    training = sum(run.seconds for run in now)
    return {
        "runs": count, "places": places, "most_at_once": most, "seconds": round(took, 1), "training": round(training, 1),
        "runs_a_minute": round(60 * count / took, 1), "busy": round(training / took / places, 3),
    }  # fmt: skip


def stop(store: RunStore, run: Run) -> None:
    with suppress(GencmpError):  # it has ended by itself
        store.command(run.id, "stop")
