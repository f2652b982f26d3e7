"""The far end of a line: a training on a node, in messages. Knows no store, no folder of runs, and nothing of Ray."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gencmp.data.read import Pictures
from gencmp.events import Checkpoint, Epoch, Event, Finished, Moment, Started, Waiting
from gencmp.runs.executors.job import Control, Failed, Here, Job
from gencmp.runs.executors.recording import in_words
from gencmp.training.by_hand import ByHand

if TYPE_CHECKING:
    from gencmp.models.snapshot import Snapshot
    from gencmp.training.changes import Levers

Message = list[Event | Waiting | Here | Failed]
BATCH = 0.25  # seconds of events in one message: as often as the recorder commits
STATE_EVERY = 10.0  # seconds; a state is 14 MB for the paper's networks, 98 % of all that a run would send


class Controls:
    """The newest Control, put in by one thread and read by the one that trains."""

    def __init__(self) -> None:
        self.newest = Control()
        self._changed = threading.Condition()

    def put(self, control: Control) -> None:
        with self._changed:
            self.newest = control
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        """Return when the training may leave its place number `count`, or should end."""
        with self._changed:
            self._changed.wait_for(lambda: self.newest.released >= count or self.newest.ends)


def far_training(
    job: Job, pictures: Pictures, controls: Controls, node: str, clock: Callable[[], float] = time.monotonic
) -> Iterator[Message]:
    """Train, in messages to the recorder. Where it is; what it is doing until it begins; its events; or why it failed.

    After Started and each Moment it waits until the recorder lets it go on, as the recorder may pause or stop it there. A state
    stays here unless its epoch is kept, it is the first or the last, or ten seconds have passed; at the end the newest is sent.
    """
    yield [Here.of(node)]
    yield [Waiting("Loading PyTorch")]
    try:
        with tempfile.TemporaryDirectory(prefix="gencmp-", ignore_cleanup_errors=True) as folder:
            yield from _batches(job, pictures, controls, clock, Path(folder))
    except Exception as error:
        yield [Failed.because(error, in_words(error, f"run {job.run}"))]


def _batches(
    job: Job, pictures: Pictures, controls: Controls, clock: Callable[[], float], folder: Path
) -> Iterator[Message]:
    """folder: of files that are needed only while it trains."""
    if not job.gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""  # a task that asked for no GPU may see all of them
    import torch

    from gencmp.training.changes import Levers
    from gencmp.training.processor import flush_denormals

    flush_denormals()
    torch.set_num_threads(job.threads or job.cpus)
    levers, by_hand, kept_back = Levers(job.changes), ByHand(), _KeptBack(job.config.epochs, clock)
    batch: Message = []
    sent, waits, asked = clock(), 0, 0
    for event in _events(job, pictures, levers, by_hand, folder):
        batch += kept_back.without(event)
        halts = isinstance(event, Started | Moment)
        if halts or isinstance(event, Finished) or clock() - sent >= BATCH:
            if batch:
                yield batch
            batch, sent = [], clock()
        if halts:
            waits += 1
            controls.wait_for(waits)
        control = controls.newest
        by_hand.active, by_hand.unwatched_until = control.active, control.unwatched_until
        for changes in control.asked[asked:]:
            levers.ask(changes)
        asked = len(control.asked)
        if control.ends and not isinstance(event, Epoch):  # an epoch's checkpoint follows at once
            break
    if last := batch + kept_back.rest():
        yield last


def _events(job: Job, pictures: Pictures, levers: Levers, by_hand: ByHand, folder: Path) -> Iterator[Event]:
    from gencmp.data.load import give, load, tensors_of
    from gencmp.evaluation.judges.panel import give_judge
    from gencmp.models.snapshot import unpack
    from gencmp.runs.executors.source import Threads, events_of

    give(job.config.dataset, tensors_of(pictures))
    digits = load(job.config)
    if job.judge:
        give_judge(job.config.dataset, _written(folder / "judge", job.judge))
    resume = unpack(job.resume, "the run's state") if job.resume is not None else None
    start = _start(job, folder) if job.start else None
    most = job.threads or job.cpus
    threads = Threads(lambda: most, most, folder)
    return events_of(job.config, digits, resume, start, levers, by_hand, threads)


def _start(job: Job, folder: Path) -> Snapshot:
    from gencmp.models.snapshot import read_whole, unpack

    assert job.start
    weights, optimiser = job.start
    if optimiser is None:
        return unpack(weights, "the weights that the run starts from")
    found = _written(folder / "start", {"weights": weights, "optimiser": optimiser})
    return read_whole(found / "weights", found / "optimiser")


def _written(folder: Path, files: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


class _KeptBack:
    """The newest state that was not sent."""

    def __init__(self, epochs: int, clock: Callable[[], float]):
        self.epochs, self.clock = epochs, clock
        self.sent = -STATE_EVERY
        self.newest: Checkpoint | None = None

    def without(self, event: Event) -> list[Event]:
        """The event, unless it is a state that stays here."""
        if not isinstance(event, Checkpoint):
            return [event]
        now = self.clock()
        if event.weights is None and event.epoch < self.epochs and self.sent > 0 and now - self.sent < STATE_EVERY:
            self.newest = event
            return []
        self.sent, self.newest = max(now, 1e-9), None
        return [event]

    def rest(self) -> list[Event]:
        return [self.newest] if self.newest else []
