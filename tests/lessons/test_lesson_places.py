"""Where the ink of digits lies: a dot's place, clouds of known width, and digits drawn without torch."""

from __future__ import annotations

import numpy as np
import pytest

from gencmp.files import SHIPPED
from gencmp.lessons.places import centres, drawn, spread_of


def test_the_centre_of_a_dot_is_where_it_stands() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 13:15, 13:15] = 200  # the four pixels in the middle
    images[1, 20, 5] = 9
    assert centres(images) == pytest.approx(np.array([[0.0, 0.0], [5 - 13.5, 20 - 13.5]])), "an empty picture has none"


def test_a_cloud_has_its_distance_and_its_width() -> None:
    found = spread_of(np.array([[3.0, 4.0 - 1], [3.0, 4.0 + 1]]))
    assert (found.off, found.wide) == (5.0, 1.0)


@pytest.mark.parametrize(("model", "epoch"), [("paper-gan", 50), ("paper-vae", 51)])
def test_shipped_models_draw_digits_near_the_middle(model: str, epoch: int) -> None:
    images = drawn(SHIPPED / model / "epochs" / f"{epoch:05}.safetensors", 200)
    assert images.shape == (200, 28, 28) and 15 < images.mean() < 60
    assert spread_of(centres(images)).off < 1.5
