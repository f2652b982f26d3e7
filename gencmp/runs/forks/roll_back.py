"""Rolling back a run that trains: it is stopped, and a fork goes on from its last kept epoch. Imports no torch."""

from __future__ import annotations

import time
from collections.abc import Callable

from gencmp.errors import RunStateError
from gencmp.runs.catalog import StoredRun
from gencmp.runs.forks.fork import fork
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

PATIENCE = 20.0  # seconds; a stop takes a quarter of a second, but an epoch's end is waited for
POLL = 0.05


def roll_back(store: RunStore, run_id: str, sleep: Callable[[float], None] = time.sleep) -> Run:
    """Stop a run and queue a fork, with nothing changed, from its last kept epoch, in the run's place of the queue.

    What was changed while it trained after that epoch is undone; the run itself stays as it was stopped.
    Raises RunNotFound, and RunStateError for a run that does not train, has kept no epoch yet, or does not stop.
    """
    run = store.queries.get(run_id)
    if not run.is_live:
        raise RunStateError(
            f"{run.name} is {run.state_word}: only a run that trains can be rolled back. Go on from an epoch."
        )
    if not store.queries.folder(run_id).kept():
        raise RunStateError(f"{run.name} has kept no epoch yet, so there is nothing to roll back to. Wait, or stop it.")
    store.command(run_id, "stop")
    run = _stopped(store, run_id, sleep)
    return fork(store, StoredRun(store, run), {}, facts={"stopped_at": run.epoch}, turn=run.queued)


def _stopped(store: RunStore, run_id: str, sleep: Callable[[float], None]) -> Run:
    """The run once it has ended: it may keep another epoch until then."""
    for _ in range(round(PATIENCE / POLL)):
        run = store.queries.get(run_id)
        if not run.is_live:
            return run
        sleep(POLL)
    raise RunStateError(
        f"{run.name} was asked to stop, but has not within {PATIENCE:.0f} s. When it has, go on from its last kept epoch."
    )
