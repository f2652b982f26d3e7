"""Where in a picture the ink lies: centres of mass of digits that a model draws, beside those of real ones, without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gencmp.data.pictures import digits_to_test
from gencmp.latent.networks import Weights, drawn, read_weights

COUNT = 1000
SEED = 1


class Spread(NamedTuple):
    """In pixels. off: the distance of the mean centre from the picture's middle. wide: the root mean square distance from that mean."""

    off: float
    wide: float


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


def centres(images: np.ndarray) -> np.ndarray:
    """The centre of mass of each picture with ink, in pixels from its middle, to the right and down: float64 [n, 2].

    images: uint8 [n, height, width], ink is white.
    """
    ink = images.astype(np.float64)
    mass = ink.sum((1, 2))
    inked, mass = ink[mass > 0], mass[mass > 0]
    height, width = images.shape[1:]
    x = (inked.sum(1) * (np.arange(width) - (width - 1) / 2)).sum(1) / mass
    y = (inked.sum(2) * (np.arange(height) - (height - 1) / 2)).sum(1) / mass
    return np.stack([x, y], 1)


def spread_of(points: np.ndarray) -> Spread:
    """points: [n, 2], at least one."""
    mean = points.mean(0)
    around = points - mean
    return Spread(float(np.hypot(*mean)), float(np.sqrt((around**2).sum(1).mean())))


def place_of(points: np.ndarray, real: np.ndarray) -> Place | None:
    """Where digits stand beside real ones, by their centres [n, 2]; None if none of them has any ink."""
    if not len(points):
        return None
    off = float(np.hypot(*(points.mean(0) - real.mean(0))))
    wide, wanted = spread_of(points).wide, spread_of(real).wide
    return Place(off, wide / wanted, float(np.hypot(off, wide - wanted)))
