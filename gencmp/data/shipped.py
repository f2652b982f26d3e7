"""The shipped MNIST as arrays, as it is or with every digit shifted, read without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.arrays import SIDE
from gencmp.data.idx.files import IDX, read_idx
from gencmp.errors import DataError
from gencmp.settings.configs import SHIFTED_DATA, SHIPPED_DATA

DATA = Path(__file__).parent
REACH = 4  # pixels that a shifted digit is moved at most, along each axis
SEEDS = {"train": 4, "test": 5}  # of the shifts; other numbers would be another data set


@lru_cache(maxsize=4)
def shipped_digits(part: str, dataset: str = SHIPPED_DATA) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [n, 28, 28] and labels uint8 [n] of MNIST, or of shifted MNIST; part "train" or "test". Cached: do not
    modify the arrays."""
    return read_shipped(part, dataset)


def read_shipped(part: str, dataset: str = SHIPPED_DATA) -> tuple[np.ndarray, np.ndarray]:
    """The same, from disk at every call. Raises DataError when a file is missing or damaged."""
    images, labels = (read_idx(DATA / name) for name in IDX[part])
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or labels.shape != images.shape[:1] or not len(labels):
        raise DataError(
            f"MNIST in {DATA} is damaged: found a {part} set of the shapes {list(images.shape)} and {list(labels.shape)},"
            " wanted a label for each picture of 28 x 28. Download gencmp again."
        )
    images, labels = images.astype(np.uint8, copy=False), labels.astype(np.uint8, copy=False)
    return shifted(images, SEEDS[part]) if dataset == SHIFTED_DATA else images, labels


def shifted(images: np.ndarray, seed: int) -> np.ndarray:
    """Each picture moved by whole pixels, at most REACH along each axis, and never so far that any ink leaves the picture: of
    the shifts that are left, all are equally likely. The same ones at every call, on every machine.

    images: uint8 [n, height, width], 0 where there is no ink; the same shape is returned.
    """
    down = _drawn(*_margins(images.max(2) > 0), seed)
    right = _drawn(*_margins(images.max(1) > 0), seed + 1000)
    moved = np.empty_like(images)
    for rows, columns in {*zip(down.tolist(), right.tolist(), strict=True)}:
        these = (down == rows) & (right == columns)
        moved[these] = np.roll(images[these], (rows, columns), (1, 2))  # only paper comes round to the other side
    return moved


def _margins(inked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many lines without ink each picture has before and after its ink, at most REACH. inked: bool [n, lines]"""
    before, after = inked.argmax(1), inked[:, ::-1].argmax(1)
    return np.minimum(before, REACH), np.minimum(after, REACH)


def _drawn(before: np.ndarray, after: np.ndarray, seed: int) -> np.ndarray:
    """A whole number from -before to after for each picture."""
    # the generator's raw numbers: NumPy promises those for all versions, but not what its distributions make of them
    raw = np.random.PCG64(seed).random_raw(len(before))
    choices = (before + after + 1).astype(np.uint64)
    shift: np.ndarray = (raw % choices).astype(np.int64) - before
    return shift
