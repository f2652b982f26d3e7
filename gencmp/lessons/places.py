"""Where in a picture the ink lies: centres of mass of digits that a model draws, beside those of real ones, without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gencmp.data.pictures import digits_to_test
from gencmp.graphics.positions import centres, spread_of
from gencmp.latent.networks import Weights, drawn, read_weights

COUNT = 1000
SEED = 1


class Place(NamedTuple):
    """Where a model's digits stand beside real ones.

    off:   the distance of their mean centre from that of real digits, in pixels.
    share: their spread as a share of that of real digits.
    apart: the Fréchet distance of the two clouds, taken as round Gaussians, in pixels: 0 where mean and spread are the same.
    """

    off: float
    share: float
    apart: float


def drawn_by(weights: Weights, count: int = COUNT) -> np.ndarray:
    """Pictures uint8 [count, 28, 28] of a model, always from the same random noise."""
    return drawn(weights, count, SEED)


@lru_cache(maxsize=8)
def centres_of(path: Path) -> np.ndarray:
    """The centres of mass of the digits of a model's weights, as `centres` has them. Raises SnapshotError."""
    return centres(drawn_by(read_weights(path)))


@lru_cache(maxsize=4)
def centres_of_real(dataset: str, classes: tuple[int, ...] = ()) -> np.ndarray:
    """The same of test digits. Raises DataError."""
    return centres(digits_to_test(dataset, classes)[0].reshape(-1, 28, 28))


def place_of(points: np.ndarray, real: np.ndarray) -> Place | None:
    """Where digits stand beside real ones, by their centres [n, 2]; None if none of them has any ink."""
    if not len(points):
        return None
    off = float(np.hypot(*(points.mean(0) - real.mean(0))))
    wide, wanted = spread_of(points).wide, spread_of(real).wide
    return Place(off, wide / wanted, float(np.hypot(off, wide - wanted)))
