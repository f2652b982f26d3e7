"""Seconds of training, without those in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Stopwatch:
    """Runs from the moment it is made. clock: returns seconds."""

    def __init__(self, clock: Callable[[], float]):
        self.clock = clock
        self.began, self.halted = clock(), 0.0

    @contextmanager
    def halt(self) -> Iterator[None]:
        """What the block takes does not count."""
        began = self.clock()
        yield
        self.halted += self.clock() - began

    @property
    def seconds(self) -> float:
        return self.clock() - self.began - self.halted
