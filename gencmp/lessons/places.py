"""Where in a picture the ink lies: centres of mass of digits that a model draws, without torch."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gencmp.latent import networks

COUNT = 1000
SEED = 1


class Spread(NamedTuple):
    """In pixels. off: the distance of the mean centre from the picture's middle. wide: the root mean square distance from that mean."""

    off: float
    wide: float


@lru_cache(maxsize=4)
def drawn(path: Path, count: int = COUNT) -> np.ndarray:
    """Pictures uint8 [count, 28, 28] of a model's weights, from random noise. Raises SnapshotError."""
    return networks.drawn(networks.read_weights(path), count, SEED)


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
