"""What Ray runs: a training on a node, with the mailbox through which it hears what is asked of it, and an evaluation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import ray

from gencmp.data.read import Pictures
from gencmp.runs.evaluations.on_node import Answer, Asked, measured_there
from gencmp.runs.executors.far import Controls, Message, far_training
from gencmp.runs.executors.job import Control, Here, Job

LISTEN = 20.0  # seconds of one question to the mailbox


class Mailbox:
    """The newest Control of each training. One for a dispatcher, on its own node."""

    def __init__(self) -> None:
        self.newest: dict[str, tuple[int, Control | None]] = {}
        self.posted = asyncio.Condition()

    async def post(self, key: str, number: int, control: Control | None) -> None:
        """control: None when the training is over."""
        async with self.posted:
            self.newest[key] = number, control
            self.posted.notify_all()

    async def after(self, key: str, number: int) -> tuple[int, Control | None]:
        """The newest after this number; after a while the same again."""
        async with self.posted:
            try:
                await asyncio.wait_for(self.posted.wait_for(lambda: self._number(key) > number), LISTEN)
            except TimeoutError:
                return number, Control() if number == 0 else self.newest.get(key, (0, None))[1]
            return self.newest[key]

    def _number(self, key: str) -> int:
        return self.newest.get(key, (0, None))[0]

    async def forget(self, key: str) -> None:
        self.newest.pop(key, None)


def train_far(job: Job, pictures: Pictures, mailbox: Any, key: str) -> Iterator[Message]:
    """See far.far_training."""
    controls, over = Controls(), threading.Event()
    threading.Thread(target=_listen, args=(mailbox, key, controls, over), daemon=True).start()
    try:
        yield from far_training(job, pictures, controls, ray.get_runtime_context().get_node_id())
    finally:
        over.set()


def evaluate_far(asked: Asked, pictures: Pictures) -> Iterator[list[Answer]]:
    """See on_node.measured_there."""
    yield from measured_there(asked, pictures, ray.get_runtime_context().get_node_id())


def _listen(mailbox: Any, key: str, controls: Controls, over: threading.Event) -> None:
    number = 0
    while not over.is_set():
        try:
            number, control = ray.get(mailbox.after.remote(key, number))
        except ray.exceptions.RayError:
            control = Control(ends=True)  # nobody could stop it any more
        if control is None or over.is_set():
            return
        controls.put(control)
        if control.ends:
            return


def what_is_here(node: str) -> Here:
    """For the doctor."""
    return Here.of(node)
