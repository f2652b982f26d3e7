"""For which epochs of a run the weights and the pictures are kept. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

PICTURED = 200  # epochs, evenly spaced, whose pictures a long run keeps; a shorter run keeps the pictures of all

# The newest kept epochs whose optimiser is kept, too, so that a fork continues exactly: all of the paper's 50 epochs, and a
# bound for a run that keeps many. An optimiser takes twice the bytes of the weights.
OPTIMISERS = 16


@lru_cache(maxsize=64)
def kept_epochs(epochs: int, per_decade: int) -> frozenset[int]:
    """The epochs whose weights are kept: `per_decade` per factor of ten, logarithmically spaced, and the last.

    >>> sorted(kept_epochs(50, per_decade=4))
    [1, 2, 3, 6, 10, 18, 32, 50]
    """
    spaced = (round(10 ** (k / per_decade)) for k in range(per_decade * len(str(epochs)) + 1))
    return frozenset({epoch for epoch in spaced if epoch < epochs} | {epochs})


@lru_cache(maxsize=64)
def pictured_epochs(epochs: int, per_decade: int) -> frozenset[int]:
    """The epochs whose pictures are kept permanently: every `pictured_every(epochs)`th, and all whose weights are kept."""
    every = pictured_every(epochs)
    return frozenset(range(every, epochs + 1, every)) | kept_epochs(epochs, per_decade)


def pictured_every(epochs: int) -> int:
    """The interval, in epochs, at which pictures are kept; 1 for a run of up to PICTURED epochs."""
    return -(-epochs // PICTURED)
