"""Progress of a whole, told by its stretches. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

Progress = Callable[[float, str], None]  # progress: a share from 0 to 1, and words


class Part:
    """Progress within a stretch of the whole."""

    def __init__(self, told: Progress, start: float, length: float, name: str):
        self.told, self.start, self.length, self.name = told, start, length, name

    def __call__(self, share: float, words: str) -> None:
        self.told(self.start + self.length * share, f"{self.name}: {words}" if self.name else words)


class Bar:
    """Progress shared out among stretches by the seconds that each is likely to take."""

    def __init__(self, told: Progress, likely: Sequence[tuple[float, ...]]):
        self.told, self.likely = told, iter(likely)
        self.total, self.done = sum(map(sum, likely)) or 1.0, 0.0

    def next(self, name: str) -> list[Part]:
        """The stretches of the next model."""
        parts = []
        for seconds in next(self.likely):
            parts.append(Part(self.told, self.done / self.total, seconds / self.total, name))
            self.done += seconds
        return parts


def within(told: Progress, start: float, end: float) -> Part:
    """Progress of a stretch, from one share of the whole to another."""
    return Part(told, start, end - start, "")


def no_progress(share: float, words: str) -> None:
    """Progress that nobody follows."""
