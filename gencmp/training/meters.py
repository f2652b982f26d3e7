"""Means and seconds of an epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from torch import Tensor


class Stopwatch:
    """Seconds since it was made, without those in between. clock: returns seconds."""

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


class RunningMean:
    """The mean of measures, each a tensor. Stays on the device: .item() at every step would stall a GPU."""

    def __init__(self) -> None:
        self.total: Tensor | None = None
        self.count = 0

    def add(self, measures: Tensor) -> None:
        self.total = measures.clone() if self.total is None else self.total.add_(measures)
        self.count += 1

    def flush(self) -> Tensor:
        assert self.total is not None
        mean = self.total / self.count
        self.total, self.count = None, 0
        return mean
