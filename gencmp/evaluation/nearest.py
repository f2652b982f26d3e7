"""For each picture of a model the training picture nearest to it: what it has learnt by heart shows there. Imports no torch."""

from __future__ import annotations

import importlib
from functools import lru_cache

import numpy as np

from gencmp.data.shipped import shipped_digits
from gencmp.evaluation.judge_numpy import SIDE, Array
from gencmp.settings.configs import SHIPPED_DATA, VaeConfig

TRAINING_AT_ONCE = 5000  # 16 MB as float32


@lru_cache(maxsize=4)
def digits_to_test(dataset: str = SHIPPED_DATA, classes: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures uint8 [n, 784] and labels uint8 [n] of a data set, or of some of its classes."""
    if dataset != SHIPPED_DATA:
        datasets = importlib.import_module("gencmp.data.load")  # torch: only where the data need it
        split = datasets.load(VaeConfig(dataset=dataset, classes=classes)).test
        return split.images.numpy(), split.labels.numpy()
    images, labels = shipped_digits("test")
    rows = np.isin(labels, classes) if classes else slice(None)
    return images.reshape(len(images), -1)[rows], labels[rows]


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
    train, labels = _training(dataset, classes, limit)
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


def _training(dataset: str, classes: tuple[int, ...], limit: int) -> tuple[Array, Array]:
    """Pictures uint8 [n, 784] and labels, as digits.choose gives them."""
    if dataset != SHIPPED_DATA:
        loading = importlib.import_module("gencmp.data.load")  # torch: only where the data need it
        split = loading.load(VaeConfig(dataset=dataset, classes=classes, limit=limit)).train
        return split.images.numpy(), split.labels.numpy()
    images, labels = shipped_digits("train")
    rows = np.isin(labels, classes) if classes else slice(None)
    end = limit or None
    return images.reshape(len(images), -1)[rows][:end], labels[rows][:end]
