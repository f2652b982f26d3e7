"""A training elsewhere, with a thread in the place of a node: no Ray, on every system."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

from there import there

from gencmp.data import load as loading
from gencmp.data.read import read_pictures
from gencmp.errors import TrainingLost
from gencmp.evaluation.judges import panel
from gencmp.runs.executors.far import Controls, far_training
from gencmp.runs.executors.job import Control, job_of
from gencmp.runs.executors.wire import FarLine
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore


class Thread:
    """A wire.Stream whose far end is a thread of this process, at most two messages ahead."""

    def __init__(self, messages: Callable[[Controls], Iterator[Any]]):
        self.controls, self.sent, self.is_cancelled, self.lost = Controls(), queue.Queue[Any](2), False, ""
        self.thread = threading.Thread(target=self._work, args=(messages,), daemon=True)
        self.thread.start()

    def _work(self, messages: Callable[[Controls], Iterator[Any]]) -> None:
        for message in chain(messages(self.controls), [StopIteration]):
            while not self.is_cancelled:
                try:
                    self.sent.put(message, timeout=0.05)
                    break
                except queue.Full:
                    continue

    def next(self, timeout: float) -> Any:
        try:
            message = self.sent.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return None
        if message is StopIteration:
            raise StopIteration
        if isinstance(message, Exception):
            raise message
        return message

    def name_of(self, node: str) -> str:
        return "beta"

    def begun(self, node: str) -> str:
        return "beta"

    def refuse_lost(self, node: str) -> None:
        if self.lost:
            raise TrainingLost(self.lost)

    def post(self, control: Control) -> None:
        self.controls.put(control)

    def cancel(self) -> None:
        self.is_cancelled = True
        self.controls.put(Control(ends=True))


def of_run(store: RunStore, run: Run) -> Thread:
    pictures = read_pictures(run.config["dataset"])
    job = job_of(store, run, pictures)
    return Thread(lambda controls: far_training(job, pictures, controls, "id"))


def recorded(store: RunStore, run: Run, stream: Any = None) -> str:
    stream = stream or of_run(store, there(store.claim(run.id, "ray")))
    line = FarLine(stream, {})
    return drain(line.events(), store, run.id, ask=line.ask, by_hand=line.by_hand, line=line)


def forget_given() -> None:
    """What a node was given stays in its process: here, this one."""
    loading._given.clear()
    panel._given.clear()
