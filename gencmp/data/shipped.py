"""The shipped MNIST as arrays, read without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.arrays import SIDE
from gencmp.data.idx.files import IDX, read_idx
from gencmp.errors import DataError

DATA = Path(__file__).parent


@lru_cache(maxsize=2)
def shipped_digits(part: str) -> tuple[np.ndarray, np.ndarray]:
    """MNIST's pictures uint8 [n, 28, 28] and labels uint8 [n]; part "train" or "test". Cached: do not modify the arrays."""
    return read_shipped(part)


def read_shipped(part: str) -> tuple[np.ndarray, np.ndarray]:
    """The same, from disk at every call. Raises DataError when a file is missing or damaged."""
    images, labels = (read_idx(DATA / name) for name in IDX[part])
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or labels.shape != images.shape[:1] or not len(labels):
        raise DataError(
            f"MNIST in {DATA} is damaged: found a {part} set of the shapes {list(images.shape)} and {list(labels.shape)},"
            " wanted a label for each picture of 28 x 28. Download gencmp again."
        )
    return images.astype(np.uint8, copy=False), labels.astype(np.uint8, copy=False)
