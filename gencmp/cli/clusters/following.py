"""Commands that train on a cluster: the option that chooses it, and runs watched in the store until they have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import click

from gencmp.cli.progress_bar import progress_bar
from gencmp.errors import ClusterError, GencmpError
from gencmp.runs.executors.choice import EXECUTOR, EXECUTORS, RAY, choose, executor
from gencmp.runs.executors.reach import reachable
from gencmp.runs.executors.status import cluster_words, status_of
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

LOOK_EVERY = 0.3  # seconds
START_AGAIN = 15.0  # seconds between looks whether something must be started that has died


def _choose(ctx: click.Context, option: click.Parameter, name: str | None) -> None:
    choose(name)


executor_option: Callable[[Any], Any] = click.option(
    "--executor", type=click.Choice(EXECUTORS), expose_value=False, callback=_choose, show_default=f"{EXECUTOR}, or local",
    help="Where to train and measure: on this computer, or on a Ray cluster (docs/cluster.md).",
)  # fmt: skip


def on_cluster() -> bool:
    """Whether runs train on a cluster. Raises ConfigError; ClusterError where it cannot be reached, before anything is made."""
    if executor() != RAY:
        return False
    reachable()
    return True


def wait_for(store: RunStore, runs: Sequence[Run], progress: Callable[[float, str], None]) -> list[Run]:
    """Start what trains the runs, wait until all have ended, and return them. An interrupt stops them.

    Raises ClusterError if the cluster refuses this computer; the runs are stopped then. RunNotFound if one was deleted."""
    began, looked = store.clock(), time.monotonic()
    start_worker(store)
    try:
        while True:
            now = store.queries.some([run.id for run in runs])
            if not any(run.is_open or run.state == "lost" for run in now):
                return [store.queries.get(run.id) for run in runs]
            progress(*_told(store, now))
            _refuse_trouble(store, now, began)
            if time.monotonic() - looked > START_AGAIN:
                looked = time.monotonic()
                keep_going(store)
            time.sleep(LOOK_EVERY)
    except (KeyboardInterrupt, ClusterError, BrokenPipeError):
        for run in runs:
            with suppress(GencmpError):  # it has ended meanwhile
                store.command(run.id, "stop")
        raise


def train_on_cluster(store: RunStore, run: Run) -> Run:
    """With a progress bar on standard error."""
    with progress_bar() as progress:
        return wait_for(store, [run], progress)[0]


def _told(store: RunStore, runs: Sequence[Run]) -> tuple[float, str]:
    share = sum(1.0 if not run.is_open else run.step / run.steps if run.steps else 0.0 for run in runs) / len(runs)
    if len(runs) == 1:
        [run] = runs
        where = f" on {run.place['node']}" if run.place.get("node") else ""
        words = run.words or (
            f"epoch {run.epoch_now} of {run.epochs}" if run.state != "queued" else cluster_words(store)
        )
        return share, f"{words}{where}" if run.state != "queued" else words
    open_ = sum(run.is_open for run in runs)
    return share, f"{len(runs) - open_} of {len(runs)} runs done. {cluster_words(store)}".strip()


def _refuse_trouble(store: RunStore, runs: Sequence[Run], began: float) -> None:
    status = status_of(store) if executor() == RAY else None
    if status and status.trouble and status.at > began and all(run.state == "queued" for run in runs if run.is_open):
        raise ClusterError(status.trouble)
