"""Progress of a task that consists of several parts. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Progress = Callable[[float, str], None]  # called with the share that is done, from 0 to 1, and a status in words


class Part:
    """Progress within one part of the whole. start, length: as shares of the whole."""

    def __init__(self, progress: Progress, start: float, length: float, name: str):
        self.progress, self.start, self.length, self.name = progress, start, length, name

    def __call__(self, share: float, words: str) -> None:
        self.progress(self.start + self.length * share, f"{self.name}: {words}" if self.name else words)


class Bar:
    """Progress divided into parts in proportion to their expected seconds. expected: the seconds of each model's parts."""

    def __init__(self, progress: Progress, expected: Sequence[tuple[float, ...]]):
        self.progress, self.expected = progress, iter(expected)
        self.total, self.done = sum(map(sum, expected)) or 1.0, 0.0

    def next(self, name: str) -> list[Part]:
        """The parts of the next model."""
        parts = []
        for seconds in next(self.expected):
            parts.append(Part(self.progress, self.done / self.total, seconds / self.total, name))
            self.done += seconds
        return parts


def within(progress: Progress, start: float, end: float) -> Part:
    """Progress of one part, from one share of the whole to another."""
    return Part(progress, start, end - start, "")


def no_progress(share: float, words: str) -> None:
    """A Progress that does nothing."""
