"""A process that trains queued runs, or evaluates models, until none is left: python -m gencmp.runs.worker [--home DIR]

It outlives the page and the server that started it. torch is imported only after something has been claimed,
so a worker with nothing to do exits within a tenth of a second.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import click

from gencmp.errors import RunTakenOver
from gencmp.events import Event
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.evaluations.work import EvaluationStopped, evaluate_models
from gencmp.runs.executors.choice import LOCAL, executor
from gencmp.runs.executors.local import local_source, sharing
from gencmp.runs.executors.process import give_way, home_option, serve
from gencmp.runs.executors.recording import PATIENCE, heartbeat, in_words, record
from gencmp.runs.launcher import keep_going
from gencmp.runs.run import Run
from gencmp.runs.safety.ending import ends_orderly, told_to_end
from gencmp.runs.safety.leftovers import clear_own
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import RunStore
from gencmp.training.cores import threads

log = logging.getLogger("gencmp.runs.worker")


def work(store: RunStore) -> int:
    """Claim evaluations or runs until none is left; returns how many were done.

    A process either evaluates or trains, because torch reads only once how its threads wait for each other. Where runs train on
    a cluster, it leaves them to the dispatcher.
    """
    done = 0
    while not told_to_end() and (job := store.evaluations.claim()) is not None:
        run_evaluation(store, job)
        done += 1
    evaluated = done > 0
    while not evaluated and executor() == LOCAL and not told_to_end() and (run := store.claim()) is not None:
        train_run(store, run)
        done += 1
    return done


def train_run(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]] = iter) -> None:
    """Train one claimed run in this process and record how it ended. Raises only KeyboardInterrupt, or BrokenPipeError when
    the reader of `watch`'s output has gone; in both cases the run is stopped.

    watch: wraps the events on their way to the store, e.g. to show progress.
    """
    clear_own(store.queries.folder(run.id))

    def training() -> str:
        with heartbeat(lambda: store.beat(run.id)), ends_orderly():
            return _train(store, run, watch)

    record(store, run, training)


def _train(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]]) -> str:
    refuse_lost_state(run, store.queries.folder(run.id))
    source = local_source(store, run)
    from gencmp.runs.recorder import drain

    events = watch(cast("Iterator[Event]", source.events))
    return drain(events, store, run.id, ask=source.ask, by_hand=source.by_hand, is_ending=told_to_end)


def run_evaluation(store: RunStore, job: EvaluationJob) -> None:
    """Evaluate one claimed job's models and record how it ended. Raises only KeyboardInterrupt."""
    state, reason = "finished", ""
    store.database.patience = PATIENCE
    try:
        with heartbeat(lambda: store.evaluations.tell(job)), ends_orderly():
            evaluate_models(store, job, threads(1 + sharing(store)))
    except KeyboardInterrupt:
        store.evaluations.end(job, "stopped")
        raise
    except RunTakenOver as error:
        log.warning("%s", error)
        return
    except EvaluationStopped:
        state = "stopped"
    except Exception as error:
        state, reason = "failed", in_words(error, f"evaluation {job.id}")
    store.evaluations.end(job, state, reason)


@click.command(help="Train queued runs, or evaluate models, until none is left.")
@home_option
def main(folder: Path) -> None:
    serve(folder, _work, log)


def _work(store: RunStore) -> None:
    with ends_orderly():
        work(store)
        if not told_to_end():
            keep_going(store)  # if this process evaluated, training needs another one, and vice versa


if __name__ == "__main__":
    give_way()
    main()
