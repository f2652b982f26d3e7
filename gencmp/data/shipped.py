"""The shipped MNIST as arrays, read without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.idx.files import IDX, read_idx

DATA = Path(__file__).parent


@lru_cache(maxsize=2)
def shipped_digits(part: str) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's pictures uint8 [n, 28, 28] and labels uint8 [n]; part "train" or "test". Cached: do not modify the arrays."""
    return read_shipped(part)


def read_shipped(part: str) -> tuple[np.ndarray, np.ndarray]:
    """The same, from disk at every call. Raises DataError when a file is missing or damaged."""
    images, labels = (read_idx(DATA / name) for name in IDX[part])
    return images, labels
