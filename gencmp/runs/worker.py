"""A process that trains queued runs, or evaluates models, until none is left: python -m gencmp.runs.worker [--home DIR]

It outlives the page and the server that started it. torch is imported only after something has been claimed,
so a worker with nothing to do exits within a tenth of a second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from gencmp.console import make_output_legible
from gencmp.database import DatabaseError
from gencmp.errors import GencmpError, RunTakenOver, StoreError, TrainingFailed
from gencmp.events import Event
from gencmp.files import home
from gencmp.runs.changed_data import refuse_changed
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.evaluations.work import EvaluationStopped, evaluate_models
from gencmp.runs.forks.fork import retry_words
from gencmp.runs.launcher import keep_going
from gencmp.runs.run import Run
from gencmp.runs.safety.ending import ends_orderly, told_to_end
from gencmp.runs.safety.leftovers import clear_own
from gencmp.runs.safety.look_after import look_after
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import RunStore, config_of
from gencmp.training.cores import threads

HEARTBEAT = 1.0  # seconds
PATIENCE = 600.0  # seconds to wait for another program's lock on the store; a run is worth more than that
log = logging.getLogger("gencmp.runs.worker")


def work(store: RunStore) -> int:
    """Claim evaluations or runs until none is left; returns how many were done.

    A process either evaluates or trains, because torch reads only once how its threads wait for each other.
    """
    done = 0
    while not told_to_end() and (job := store.evaluations.claim()) is not None:
        run_evaluation(store, job)
        done += 1
    evaluated = done > 0
    while not evaluated and not told_to_end() and (run := store.claim()) is not None:
        train_run(store, run)
        done += 1
    return done


def train_run(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]] = iter) -> None:
    """Train one claimed run and record how it ended. Raises only KeyboardInterrupt, or BrokenPipeError when the reader of
    `watch`'s output has gone; in both cases the run is stopped.

    watch: wraps the events on their way to the store, e.g. to show progress.
    """
    store.database.patience = PATIENCE
    clear_own(store.queries.folder(run.id))
    try:
        with _heartbeat(lambda: store.beat(run.id)), ends_orderly():
            state, reason = _train(store, run, watch), ""
    except (KeyboardInterrupt, BrokenPipeError):
        store.set_state(run.id, "stopped")
        raise
    except RunTakenOver as error:
        log.warning("%s", error)
        return
    except TrainingFailed as error:
        state, reason = "failed", f"{error} {retry_words(run, store.queries.folder(run.id))}"
    except Exception as error:
        state, reason = "failed", _in_words(error, f"run {run.id}")
    _record_end(store, run, state, reason)


def _record_end(store: RunStore, run: Run, state: str, reason: str) -> None:
    if reason:
        log.warning("%s: %s", run.name, reason)
    with suppress(DatabaseError, StoreError):  # where the store is gone, the log has the reason
        store.set_state(run.id, state, reason)


def run_evaluation(store: RunStore, job: EvaluationJob) -> None:
    """Evaluate one claimed job's models and record how it ended. Raises only KeyboardInterrupt."""
    state, reason = "finished", ""
    store.database.patience = PATIENCE
    try:
        with _heartbeat(lambda: store.evaluations.tell(job)), ends_orderly():
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
        state, reason = "failed", _in_words(error, f"evaluation {job.id}")
    store.evaluations.end(job, state, reason)


def _in_words(error: Exception, what: str) -> str:
    """Why something failed, as a sentence. A bug must not stop the queue; its traceback goes to the log."""
    if isinstance(error, GencmpError):
        return str(error)
    if not isinstance(error, MemoryError):
        log.exception("%s failed", what)
    full = "out of memory" in str(error).lower() or "can't allocate" in str(error).lower()
    return _OUT_OF_MEMORY if full or isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"


_OUT_OF_MEMORY = (
    "The machine is out of memory. Choose fewer images, a smaller batch or narrower layers, or close other programs."
)


def _train(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]]) -> str:
    refuse_lost_state(run, store.queries.folder(run.id))
    store.beat(run.id, "Loading PyTorch")
    import torch  # takes 2 to 3 s

    from gencmp.training.processor import flush_denormals

    flush_denormals()  # before any computation

    from gencmp.data.load import load
    from gencmp.evaluation.checkups import with_checkups
    from gencmp.evaluation.opinions import with_opinions
    from gencmp.models.snapshot import read
    from gencmp.runs.forks.start import start_of
    from gencmp.runs.recorder import drain
    from gencmp.training.by_hand import ByHand
    from gencmp.training.changes import Levers
    from gencmp.training.loop import train
    from gencmp.training.thread_check import same_bits_with_any_threads
    from gencmp.training.thread_tuner import tune_threads

    config = config_of(run)
    torch.set_num_threads(threads_of(store, run))
    digits = load(config, progress=lambda words: store.beat(run.id, words))
    state = store.queries.folder(run.id).state
    resume = read(state) if state.exists() else None
    if resume is not None:
        refuse_changed(run, digits.fingerprint)
    start = start_of(run, store.queries.folder(run.id)) if run.origin.get("epoch") and resume is None else None
    levers, by_hand = Levers(store.queries.changes(run.id)), ByHand()
    events = train(config, digits, resume, start=start, levers=levers, by_hand=by_hand)
    sizes = len(digits.train), len(digits.test)
    if (
        config.threads == "auto"
        and not levers.reshape
        and same_bits_with_any_threads(config, threads(1), store.home, *sizes)
    ):
        events = tune_threads(events, lambda: threads_for(store))
    watched = watch(with_checkups(with_opinions(events, config), config))
    return drain(watched, store, run.id, ask=levers.ask, by_hand=by_hand, is_ending=told_to_end)


def threads_of(store: RunStore, run: Run) -> int:
    """The number of threads of a run: from its settings, else the recorded number on resume, else that of the run that a fork
    continues, else as many as are free."""
    asked = run.config.get("threads", "auto")
    return int(asked) if asked != "auto" else run.threads or run.origin.get("threads", 0) or threads_for(store)


def threads_for(store: RunStore) -> int:
    """The maximum number of threads per run, shared among runs that are training or about to."""
    return threads(sharing(store))


def sharing(store: RunStore) -> int:
    """How many runs are training or about to."""
    training = sum(run.state != "paused" for run in store.queries.live())
    starting = sum(
        max(0, min(waiting, store.queries.at_once(kind) - live))
        for kind, (live, waiting) in store.queries.open_by_kind().items()
    )
    return training + starting


@contextmanager
def _heartbeat(tell: Callable[[], object]) -> Iterator[None]:
    """Send a heartbeat every second from a separate thread, also during downloads and long epochs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT):
            # a full disk may have room at the next heartbeat; a takeover is handled by the recorder
            with suppress(DatabaseError, StoreError, RunTakenOver):
                tell()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@click.command(help="Train queued runs, or evaluate models, until none is left.")
@click.option(
    "--home",
    "folder",
    type=click.Path(path_type=Path),
    default=home,
    show_default="GENCMP_HOME, or runs/",
    help="Folder of the runs.",
)
def main(folder: Path) -> None:
    make_output_legible()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        store = RunStore(folder)
        look_after(store)
        with ends_orderly():
            work(store)
            if not told_to_end():
                keep_going(store)  # if this process evaluated, training needs another one, and vice versa
    except GencmpError as error:
        log.error("%s", error)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
