"""For each picture of a model the training picture nearest to it: what it has learnt by heart shows there. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gencmp.data.arrays import SIDE
from gencmp.data.pictures import training_digits
from gencmp.settings.configs import SHIPPED_DATA

TRAINING_AT_ONCE = 5000  # 16 MB as float32
Array = np.ndarray


def nearest_training(
    images: Array, dataset: str = SHIPPED_DATA, classes: tuple[int, ...] = (), limit: int = 0
) -> tuple[Array, Array, Array]:
    """Which training picture each picture uint8 [n, 28, 28] is nearest to: these pictures, uint8 [n, 28, 28]; their labels,
    uint8 [n]; how far, float64 [n]: Euclidean over 784 pixels in [0, 1]. About half a second for 64.

    Raises DataError when the training data are not here any more.
    """
    return _nearest(images.tobytes(), dataset, tuple(classes), limit)


@lru_cache(maxsize=64)
def _nearest(content: bytes, dataset: str, classes: tuple[int, ...], limit: int) -> tuple[Array, Array, Array]:
    asked = np.frombuffer(content, np.uint8).reshape(-1, SIDE * SIDE).astype(np.float32)
    train, labels = training_digits(dataset, classes, limit)
    found, least = np.zeros(len(asked), int), np.full(len(asked), np.inf, np.float32)
    for start in range(0, len(train), TRAINING_AT_ONCE):
        part = train[start : start + TRAINING_AT_ONCE].astype(np.float32)
        away = np.einsum("ij,ij->i", part, part) - 2 * asked @ part.T  # the picture's own length changes no order
        best = away.argmin(1)
        value = away[np.arange(len(asked)), best]
        found = np.where(value < least, best + start, found)
        least = np.minimum(value, least)
    distance = np.sqrt(np.square(train[found].astype(float) - asked).sum(1)) / 255
    return train[found].reshape(-1, SIDE, SIDE), labels[found], distance
