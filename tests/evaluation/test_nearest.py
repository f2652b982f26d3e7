"""The nearest training digit, by hand."""

import numpy as np

from gencmp.data.shipped import shipped_digits
from gencmp.evaluation import nearest


def test_a_training_digit_is_nearest_to_itself() -> None:
    images, labels = shipped_digits("train")
    asked = images[[5, 40_000, 59_999]]
    found, named, away = nearest.nearest_training(asked)
    assert np.array_equal(found, asked)
    assert np.array_equal(named, labels[[5, 40_000, 59_999]])
    assert (away == 0).all()


def test_nearest_by_brute_force_within_what_was_trained_on() -> None:
    images, labels = shipped_digits("train")
    rows = np.flatnonzero(np.isin(labels, (3, 8)))[:200]
    asked = shipped_digits("test")[0][:3]
    away = np.sqrt(np.square(images[rows][None].astype(float) - asked[:, None]).sum((2, 3))) / 255
    found, named, told = nearest.nearest_training(asked, classes=(3, 8), limit=200)
    assert np.allclose(told, away.min(1))
    assert np.array_equal(found, images[rows[away.argmin(1)]])
    assert set(named) <= {3, 8}
