"""Where the ink of digits lies: a dot's place, clouds of known width, and digits drawn without torch."""

from __future__ import annotations

import numpy as np
import pytest

from gencmp.files import SHIPPED
from gencmp.graphics.positions import centres, spread_of
from gencmp.latent.networks import read_weights
from gencmp.lessons.of_both import REAL_SPREAD
from gencmp.lessons.places import centres_of_real, drawn_by, place_of
from gencmp.settings.configs import SHIFTED_DATA


def test_the_centre_of_a_dot_is_where_it_stands() -> None:
    images = np.zeros((3, 28, 28), np.uint8)
    images[0, 13:15, 13:15] = 200  # the four pixels in the middle
    images[1, 20, 5] = 9
    assert centres(images) == pytest.approx(np.array([[0.0, 0.0], [5 - 13.5, 20 - 13.5]])), "an empty picture has none"


def test_a_cloud_has_its_distance_and_its_width() -> None:
    found = spread_of(np.array([[3.0, 4.0 - 1], [3.0, 4.0 + 1]]))
    assert (found.off, found.wide) == (5.0, 1.0)


def test_a_place_beside_real_digits_is_the_distance_of_two_gaussians() -> None:
    """Drawn with known means and spreads, against the Fréchet distance by its own formula."""
    rng = np.random.default_rng(0)
    real, moved = (rng.normal(size=(200_000, 2)) * scale + place for scale, place in ((2.0, (0, 1)), (1.0, (3, 5))))
    found = place_of(moved, real)
    assert found and found.off == pytest.approx(5, abs=0.02) and found.share == pytest.approx(0.5, abs=0.01)
    assert found.apart == pytest.approx((25 + 2 * (2.0 - 1.0) ** 2) ** 0.5, abs=0.02)
    same = place_of(real, real)
    assert same == (0.0, 1.0, 0.0) and place_of(np.zeros((0, 2)), real) is None


@pytest.mark.parametrize(("model", "epoch"), [("paper-gan", 50), ("paper-vae", 51)])
def test_shipped_models_draw_digits_near_the_middle(model: str, epoch: int) -> None:
    images = drawn_by(read_weights(SHIPPED / model / "epochs" / f"{epoch:05}.safetensors"), 200)
    assert images.shape == (200, 28, 28) and 15 < images.mean() < 60
    assert spread_of(centres(images)).off < 1.5


def test_the_line_in_lesson_4_is_the_spread_of_real_digits() -> None:
    assert spread_of(centres_of_real(SHIFTED_DATA)).wide == pytest.approx(REAL_SPREAD, abs=0.05)
