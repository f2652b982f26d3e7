"""The near end of a line: what the recorder reads, and how what it asks reaches the training. Knows nothing of Ray."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from gencmp.errors import TrainingLost
from gencmp.events import Event, Finished, Moment, Started, Waiting
from gencmp.runs.executors.far import Message
from gencmp.runs.executors.job import Control, Failed, Here
from gencmp.training.by_hand import ByHand

TICK = 0.1  # seconds between looks at commands while nothing comes
SILENCE = 30.0  # seconds; a node at work may be silent for half of them
LAST_WORDS = 3.0  # seconds in which a training that is stopped may send its newest state


class Stream(Protocol):
    """The messages of one far training, as an engine brings them."""

    def next(self, timeout: float) -> Message | None:
        """None where none has come in so many seconds. Raises StopIteration at the end, TrainingLost."""

    def name_of(self, node: str) -> str:
        """What people call the node of this id."""

    def refuse_lost(self, node: str) -> None:
        """Raise TrainingLost if the node, or before its name is known the task, is no longer part of the cluster."""

    def post(self, control: Control) -> None:
        """Send it, without waiting."""

    def cancel(self) -> None:
        """End the task, whatever it does."""


class FarByHand(ByHand):
    """A ByHand that the training has a copy of."""

    def __init__(self, line: FarLine):
        self._line = line

    @property
    def active(self) -> bool:
        return self._line.control.active

    @active.setter
    def active(self, value: bool) -> None:
        if value != self.active:
            self._line.post(active=value)

    @property
    def unwatched_until(self) -> int:
        return self._line.control.unwatched_until

    @unwatched_until.setter
    def unwatched_until(self, step: int) -> None:
        # travels with the next thing that is posted: it matters only when the training leaves its place
        self._line.control = replace(self._line.control, unwatched_until=step)


class FarLine:
    """A recorder.Line. begun: called when the training is heard of first. wanted: the versions that its node must have."""

    def __init__(
        self,
        stream: Stream,
        wanted: Mapping[str, str],
        begun: Callable[[Here], None] = lambda here: None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.stream, self.wanted, self.begun, self.clock = stream, wanted, begun, clock
        self.control = Control()
        self.by_hand = FarByHand(self)
        self.here: Here | None = None
        self.heard = clock()
        self.is_over = False
        self._words = "Waiting for a place on the cluster"
        self._ahead: deque[Message] = deque()  # messages that came while nobody waited for one
        self._unread: deque[Event | Waiting | Here | Failed] = deque()  # of the message that is being read

    def post(self, **changed: Any) -> None:
        self.control = replace(self.control, **changed)
        self.stream.post(self.control)

    def ask(self, changes: Mapping[str, Any]) -> None:
        self.post(asked=(*self.control.asked, dict(changes)))

    def events(self) -> Iterator[Event | Waiting]:
        """Whatever happens to whoever reads this, the far task is gone afterwards. Raises TrainingLost, and what the training
        failed with."""
        try:
            while (message := self._next(TICK)) is not None:
                self._unread.extend(message)
                yield from self._told()
            if not self.is_over:
                raise TrainingLost("its process ended before the run did")
        finally:
            if not self.is_over:
                self.stream.cancel()

    def check(self) -> None:
        if not self._ahead:
            try:
                if message := self.stream.next(0):
                    self._ahead.append(message)
            except StopIteration:
                raise TrainingLost("its process ended before the run did") from None
        self.stream.refuse_lost(self.here.node if self.here else "")

    def rest(self) -> Iterator[Event | Waiting]:
        until = self.clock() + LAST_WORDS
        if self.here is None or not self.control.released:
            return  # it has not begun
        self.post(ends=True)
        yield from self._events_of(self._unread)  # a stop may come between two events of a message
        try:
            while self.clock() < until and (message := self._next(TICK)) is not None:
                yield from self._events_of(message)
        except TrainingLost:
            return  # what was recorded is all there is

    @staticmethod
    def _events_of(message: Iterable[Event | Waiting | Here | Failed]) -> Iterator[Event]:
        return (event for event in message if not isinstance(event, Here | Failed | Waiting))

    def _next(self, timeout: float) -> Message | None:
        """None at the end; [Waiting] where nothing has come."""
        if self._ahead:
            return self._ahead.popleft()
        try:
            message = self.stream.next(timeout)
        except StopIteration:
            return None
        if message is None:
            return [Waiting(self._silent())]
        self.heard = self.clock()
        return message

    def _silent(self) -> str:
        node, seconds = self.here.node if self.here else "", self.clock() - self.heard
        if seconds > 1:
            self.stream.refuse_lost(node)
        if node and seconds >= SILENCE:
            return f"No word from {self.stream.name_of(node)} for {seconds // 10 * 10:.0f} s"
        return self._words

    def _told(self) -> Iterator[Event | Waiting]:
        while self._unread:
            event = self._unread.popleft()
            match event:
                case Here():
                    self.here = event
                    event.refuse_others(self.wanted, self.stream.name_of(event.node))
                    self.begun(event)
                case Failed():
                    self.is_over = True
                    event.raise_it()
                case Waiting():
                    self._words = event.words or self._words
                    yield Waiting(event.words)
                case _:
                    self._words = ""
                    self.is_over |= isinstance(event, Finished)
                    yield event
                    if isinstance(event, Started | Moment):
                        self.post(released=self.control.released + 1)
