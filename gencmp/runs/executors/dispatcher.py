"""A process that has waiting runs trained on a Ray cluster: python -m gencmp.runs.executors.dispatcher [--home DIR]

One for a store at a time, beside it, and the only one that writes what the nodes compute. It ends when nothing waits. When it
is killed, the trainings on the nodes end with it; the next one gives their runs back to the queue, and they go on from their
last states.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gencmp.errors import ClusterError, ClusterGone, TrainingLost
from gencmp.runs.executors.choice import RAY
from gencmp.runs.executors.fair import next_turn
from gencmp.runs.executors.job import Here, job_of
from gencmp.runs.executors.lease import Lease
from gencmp.runs.executors.process import home_option, serve
from gencmp.runs.executors.recording import heartbeat, record
from gencmp.runs.executors.status import Status, keep_status
from gencmp.runs.executors.wire import FarLine
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.safety.ending import ends_orderly, told_to_end
from gencmp.runs.safety.leftovers import clear_own
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import RunStore

if TYPE_CHECKING:
    from gencmp.runs.executors.ray_cluster import Cluster

LOOK_EVERY = 0.2  # seconds between looks at the queue
STATUS_EVERY = 5.0  # seconds, or at once when something has changed
IDLE = 2.0  # seconds without work until it ends
TRIES = 3  # times in a row that a run's training may be lost before it has finished another epoch
log = logging.getLogger("gencmp.runs.executors")


class Dispatcher:
    """Hands waiting runs to a cluster, each recorded by a thread of its own."""

    def __init__(self, store: RunStore, cluster: Cluster):
        self.store, self.cluster = store, cluster
        self.threads: dict[str, threading.Thread] = {}
        self.lost: dict[str, tuple[int, int]] = {}  # run -> (its last epoch then, how often in a row)
        self.told = Status(0.0)

    def work(self) -> None:
        """Until nothing has waited or trained for a while, or the process is told to end."""
        busy = time.monotonic()
        while not told_to_end() and time.monotonic() - busy < IDLE:
            self.threads = {run: thread for run, thread in self.threads.items() if thread.is_alive()}
            self.begin()
            self.tell()
            if self.threads or self.store.queries.turns():
                busy = time.monotonic()
            time.sleep(LOOK_EVERY)
        for thread in list(self.threads.values()):
            thread.join()
        self.tell()

    def begin(self) -> None:
        """As many waiting runs as there are places."""
        free = self.cluster.free(len(self.threads))
        while free > 0 and (turn := next_turn(self.store.queries.turns(), self.store.queries.turns_held(RAY))):
            run = self.store.claim(turn.run, RAY)
            if run is None:
                continue  # it was stopped or deleted meanwhile
            free -= 1
            thread = threading.Thread(target=self.train, args=(run,), name=run.id, daemon=True)
            self.threads[run.id] = thread
            thread.start()

    def tell(self) -> None:
        """Keep what pages say of the cluster."""
        nodes = self.cluster.nodes()
        status = Status(
            self.store.clock(), "", sum(node.places for node in nodes), len(self.threads), nodes, os.getpid()
        )  # fmt: skip
        same = (status.places, status.busy, status.nodes) == (self.told.places, self.told.busy, self.told.nodes)
        if not same or status.at - self.told.at >= STATUS_EVERY:
            keep_status(self.store, status)
            self.told = status

    # One run, in a thread of its own

    def train(self, run: Run) -> None:
        record(self.store, run, lambda: self._train(run))

    def _train(self, run: Run) -> str:
        folder = self.store.queries.folder(run.id)
        clear_own(folder)
        refuse_lost_state(run, folder)
        with heartbeat(lambda: self.store.beat(run.id)):
            line = self._line(run)
        try:
            state = drain(
                line.events(), self.store, run.id, ask=line.ask, by_hand=line.by_hand, is_ending=told_to_end, line=line
            )
        except ClusterGone as error:
            # told at once: Ray ends this process when this computer's own node has gone
            keep_status(self.store, Status(self.store.clock(), str(error)))
            return self.store.put_back(run.id, "Waiting for the cluster")
        except TrainingLost as error:
            return self._put_back(run, str(error))
        if state == "stopped" and told_to_end():
            return self.store.put_back(run.id, "The dispatcher was told to end")
        return state

    def _line(self, run: Run) -> FarLine:
        from gencmp.data.read import read_pictures

        dataset = str(run.config["dataset"])
        pictures = read_pictures(dataset, progress=lambda words: self.store.beat(run.id, words))
        job = job_of(self.store, run, pictures)
        stream = self.cluster.start(job, self.cluster.data(f"{dataset} {pictures.fingerprint}", pictures), kind_of(run))

        def begun(here: Here) -> None:
            self.store.set_place(run.id, node=stream.begun(here.node))

        return FarLine(stream, job.wanted, begun)

    def _put_back(self, run: Run, why: str) -> str:
        """Raises ClusterError when it has been lost too often."""
        now = self.store.queries.get(run.id)
        epoch, times = self.lost.get(run.id, (-1, 0))
        self.lost[run.id] = now.epoch, times + 1 if epoch == now.epoch else 1
        if self.lost[run.id][1] >= TRIES:
            raise ClusterError(
                f"Its training was lost {TRIES} times after epoch {now.epoch}; the last time, {why}. Look at that node, or choose a"
                " smaller batch or narrower layers if it was out of memory; then resume the run."
            )
        log.warning("%s: %s; it goes on elsewhere", run.name, why)
        return self.store.put_back(run.id, f"Waiting for another place: {why}")


def kind_of(run: Run) -> str:
    """The kind of processor that a run's bits come from; "" before it has begun."""
    return f"{run.machine.get('processor', '')}, {run.machine.get('features', '')}" if run.machine and run.epoch else ""


def take_over(store: RunStore) -> int:
    """Give back to the queue what a dispatcher held that was killed, or cannot go on; returns how many. Only with the lease."""
    held = store.queries.turns_held(RAY)
    for turn in held:
        store.put_back(turn.run, "Waiting for another place: the dispatcher was started again")
    return len(held)


def dispatch(store: RunStore) -> None:
    """Work as the store's one dispatcher; return at once if there is another, or nothing to do. Raises ClusterError."""
    lease = Lease(store.home / "dispatcher.lock")
    while (store.queries.turns() or store.queries.turns_held(RAY)) and not told_to_end() and lease.take():
        try:
            _dispatch(store)
        except ClusterError as error:
            take_over(store)  # what it held waits, and says so
            keep_status(store, Status(store.clock(), str(error)))
            raise
        finally:
            lease.give_back()  # then it looks once more: whoever came while it was held has left again


def _dispatch(store: RunStore) -> None:
    from gencmp.runs.executors.reach import reachable

    reachable()
    take_over(store)
    from gencmp.runs.executors.ray_cluster import connected

    with connected() as cluster, ends_orderly():
        Dispatcher(store, cluster).work()


@click.command(help="Have waiting runs trained on a Ray cluster, until none is left.")
@home_option
def main(folder: Path) -> None:
    serve(folder, dispatch, log)


if __name__ == "__main__":
    main()
