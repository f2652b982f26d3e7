"""Which epochs of a run are kept. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

PICTURED = 200  # epochs, evenly spread, whose pictures a long run keeps; a shorter one keeps them all


@lru_cache(maxsize=64)
def kept_epochs(epochs: int, per_decade: int) -> frozenset[int]:
    """The epochs whose weights are kept: a logarithmic ladder with `per_decade` rungs to ten, and the last.

    >>> sorted(kept_epochs(50, per_decade=4))
    [1, 2, 3, 6, 10, 18, 32, 50]
    """
    rungs = (round(10 ** (k / per_decade)) for k in range(per_decade * len(str(epochs)) + 1))
    return frozenset({rung for rung in rungs if rung < epochs} | {epochs})


@lru_cache(maxsize=64)
def pictured_epochs(epochs: int, per_decade: int) -> frozenset[int]:
    """The epochs whose pictures stay when the next one's have come: those at even steps, and of all kept weights."""
    every = pictured_every(epochs)
    return frozenset(range(every, epochs + 1, every)) | kept_epochs(epochs, per_decade)


def pictured_every(epochs: int) -> int:
    """1 for a run of up to PICTURED epochs."""
    return -(-epochs // PICTURED)
