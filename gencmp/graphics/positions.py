"""Where in pictures the ink lies. Imports no torch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Spread(NamedTuple):
    """In pixels. off: the distance of the mean centre from the picture's middle. wide: the root mean square distance from that mean."""

    off: float
    wide: float


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
