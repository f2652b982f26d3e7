"""A process that trains queued runs until none is left: python -m gencmp.worker [--home DIR]

It outlives the page and the server that started it. torch is imported only after a run has been claimed,
so a worker with nothing to do is gone in a tenth of a second.
"""

from __future__ import annotations

import argparse
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gencmp.errors import GencmpError, RunTakenOver
from gencmp.events import Event
from gencmp.files import home
from gencmp.run import Run
from gencmp.runs import RunStore, config_of

HEARTBEAT = 1.0  # seconds
log = logging.getLogger("gencmp.worker")


def work(store: RunStore) -> int:
    """Claim and train runs until the queue has none for us; returns how many."""
    done = 0
    while (run := store.claim()) is not None:
        train_run(store, run)
        done += 1
    return done


def train_run(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]] = iter) -> None:
    """Train one claimed run to its end and record how it ended. Raises nothing but an interrupt.

    watch: sees the events as they pass on to the store.
    """
    try:
        with _heartbeat(store, run.id):
            state, reason = _train(store, run, watch), ""
    except KeyboardInterrupt:
        store.set_state(run.id, "stopped")
        raise
    except RunTakenOver as error:
        log.warning("%s", error)
        return
    except GencmpError as error:
        state, reason = "failed", str(error)
    except MemoryError:
        state, reason = "failed", _OUT_OF_MEMORY
    except Exception as error:  # a defect of ours must not take the queue down with it; the log has the traceback
        log.exception("run %s failed", run.id)
        full = "out of memory" in str(error).lower() or "can't allocate" in str(error).lower()
        state, reason = "failed", _OUT_OF_MEMORY if full else f"{type(error).__name__}: {error}"
    store.set_state(run.id, state, reason)


_OUT_OF_MEMORY = (
    "The machine is out of memory. Choose fewer images, a smaller batch or narrower layers, or close other programs."
)


def _train(store: RunStore, run: Run, watch: Callable[[Iterator[Event]], Iterator[Event]]) -> str:
    store.beat(run.id, "Loading PyTorch")
    # threads that spin while they wait would take the other worker's core; it must be set before torch is loaded
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch  # 2 to 3 s, so only now

    from gencmp.datasets import load
    from gencmp.glances import glanced
    from gencmp.recording import drain
    from gencmp.snapshot import read
    from gencmp.training import train

    torch.set_num_threads(threads_for(store))
    config = config_of(run)
    digits = load(config, progress=lambda words: store.beat(run.id, words))
    state = store.folder(run.id).state
    resume = read(state) if state.exists() else None
    return drain(watch(glanced(train(config, digits, resume), config)), store, run.id)


def threads_for(store: RunStore) -> int:
    """The cores, shared among the runs that are live or about to be: two busy processes with a thread a core each
    would fall to a tenth of their speed. Layers of this size gain nothing from more than four."""
    live = [run for run in store.all() if run.is_open]
    sharing = sum(min(store.at_once(kind), sum(run.kind == kind for run in live)) for kind in ("gan", "vae"))
    return max(1, min(4, cores() // max(1, sharing)))


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _heartbeat(store: RunStore, run_id: str) -> Iterator[None]:
    """A beat a second from a thread of its own, through downloads and long epochs."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(HEARTBEAT):
            store.beat(run_id)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m gencmp.worker", description="Train queued runs until none is left."
    )
    parser.add_argument("--home", type=Path, default=None, help="folder of the runs (default: GENCMP_HOME, or runs/)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    work(RunStore(options.home or home()))


if __name__ == "__main__":
    main()
