"""Shifted MNIST: no ink is lost, all shifts that fit are equally likely, and it is the same data set everywhere."""

from __future__ import annotations

import hashlib

import numpy as np
import torch

from gencmp.data.load import load
from gencmp.data.pictures import digits_to_test, training_digits
from gencmp.data.shipped import REACH, shifted, shipped_digits
from gencmp.settings.configs import SHIFTED_DATA, GanConfig, VaeConfig


def squares(top: int, left: int, count: int, side: int = 10) -> np.ndarray:
    """Pictures of one square each, whose upper left corner stands there."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, top : top + side, left : left + side] = 200
    return images


def corners(images: np.ndarray) -> np.ndarray:
    """The first row and column with ink, int [n, 2]."""
    return np.stack([images.any(2).argmax(1), images.any(1).argmax(1)], 1)


def boxed(image: np.ndarray) -> bytes:
    """The ink with its surroundings cut off."""
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].tobytes()


def test_where_there_is_room_all_81_shifts_are_equally_likely() -> None:
    moves = corners(shifted(squares(9, 9, 8100), 1)) - 9
    found, counts = np.unique(moves, axis=0, return_counts=True)
    assert (moves.min(), moves.max(), len(found)) == (-REACH, REACH, 81)
    assert ((counts - 100) ** 2 / 100).sum() < 126, "chi square of 80 degrees of freedom, 99.9 %"


def test_ink_at_the_border_stays_and_moves_only_into_the_picture() -> None:
    rows, columns = corners(shifted(squares(0, 17, 500), 1)).T
    assert set(rows) == {*range(REACH + 1)}, "from the upper border it can only come down"
    assert set(columns) == {*range(17 - REACH, 19)}, "one column is free at the right"
    full = np.full((3, 28, 28), 9, np.uint8)
    assert np.array_equal(shifted(full, 1), full) and not shifted(np.zeros_like(full), 1).any()


def test_every_digit_is_whole_and_has_its_label() -> None:
    (before, labels), (after, same) = shipped_digits("test"), shipped_digits("test", SHIFTED_DATA)
    assert np.array_equal(labels, same)
    moves = corners(after) - corners(before)
    assert (moves.min(), moves.max()) == (-REACH, REACH) and (moves.any(1)).mean() > 0.95
    assert all(boxed(one) == boxed(other) for one, other in zip(before[:500], after[:500], strict=True))
    assert np.array_equal(after.sum((1, 2)), before.sum((1, 2)))


def test_it_is_one_data_set_for_both_models_everywhere() -> None:
    images, labels = digits_to_test(SHIFTED_DATA)
    assert hashlib.sha256(images.tobytes()).hexdigest()[:16] == "e2b1b896ccfb09e0"
    gan, vae = (load(kind(dataset=SHIFTED_DATA, limit=300)) for kind in (GanConfig, VaeConfig))
    assert gan.name == SHIFTED_DATA and torch.equal(gan.train.images, vae.train.images)
    assert np.array_equal(gan.test.images.numpy(), images) and np.array_equal(gan.test.labels.numpy(), labels)
    of_pages, _ = training_digits(SHIFTED_DATA, (), 300)
    assert np.array_equal(gan.train.images.numpy(), of_pages), "the first ones of the whole set, as they are there"
    assert not np.array_equal(of_pages, training_digits("mnist", (), 300)[0])
