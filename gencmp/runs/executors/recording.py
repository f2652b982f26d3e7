"""Recording that a run goes on and how it has ended, whatever computed it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from gencmp.database import DatabaseError
from gencmp.errors import GencmpError, RunTakenOver, StoreError, TrainingFailed
from gencmp.runs.forks.fork import retry_words
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

HEARTBEAT = 1.0  # seconds
PATIENCE = 600.0  # seconds to wait for another program's lock on the store; a run is worth more than that
OUT_OF_MEMORY = (
    "The machine is out of memory. Choose fewer images, a smaller batch or narrower layers, or close other programs."
)
log = logging.getLogger("gencmp.runs")


def record(store: RunStore, run: Run, training: Callable[[], str]) -> None:
    """Let a claimed run train, and record how it ended. training: returns "finished", "stopped", or "queued" where the run
    has gone back to the queue.

    Raises only KeyboardInterrupt, or BrokenPipeError when the reader of its output has gone; in both cases the run is stopped.
    """
    store.database.patience = PATIENCE
    try:
        state, reason = training(), ""
    except (KeyboardInterrupt, BrokenPipeError):
        store.set_state(run.id, "stopped")
        raise
    except RunTakenOver as error:
        log.warning("%s", error)
        return
    except TrainingFailed as error:
        state, reason = "failed", f"{error} {retry_words(run, store.queries.folder(run.id))}"
    except Exception as error:
        state, reason = "failed", in_words(error, f"run {run.id}")
    if reason:
        log.warning("%s: %s", run.name, reason)
    if state != "queued":
        with suppress(DatabaseError, StoreError):  # where the store is gone, the log has the reason
            store.set_state(run.id, state, reason)


def in_words(error: Exception, what: str) -> str:
    """Why something failed, as a sentence. A bug must not stop the queue; its traceback goes to the log."""
    if isinstance(error, GencmpError):
        return str(error)
    if not isinstance(error, MemoryError):
        log.error("%s failed", what, exc_info=error)
    full = "out of memory" in str(error).lower() or "can't allocate" in str(error).lower()
    return OUT_OF_MEMORY if full or isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"


@contextmanager
def heartbeat(tell: Callable[[], object]) -> Iterator[None]:
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
