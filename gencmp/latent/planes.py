"""Planes and paths through a latent space, identical in Python and in the browser (latent.js)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gencmp.latent.noise import Array, draw_normal, quantiles

DIRECTIONS = 10


def ticks(count: int, spacing: str, reach: float = 3.5) -> Array:
    """Coordinates of the `count` columns of a mosaic.

    "even":     the middles of equal steps within [-reach, reach].
    "quantile": the middles of equal shares of the prior (Kingma & Welling 2014, figure 4).
    """
    middles = (np.arange(count) + 0.5) / count
    return quantiles(middles) if spacing == "quantile" else (2 * middles - 1) * reach


def grid(count: int, spacing: str, reach: float = 3.5) -> Array:
    """[count, count, 2]: row by row from the top, so the second coordinate decreases.

    >>> grid(2, "even", reach=1).tolist()
    [[[-0.5, 0.5], [0.5, 0.5]], [[-0.5, -0.5], [0.5, -0.5]]]
    """
    across = ticks(count, spacing, reach)
    return np.stack(np.meshgrid(across, across[::-1]), axis=-1)


@dataclass(frozen=True)
class Plane:
    """A flat slice through a latent space of any size: anchor + a u + b v, with u and v orthonormal."""

    anchor: Array
    u: Array
    v: Array

    def point(self, a: Any, b: Any) -> Array:
        """The points [..., size] with coordinates a and b of the same shape [...]."""
        point: Array = self.anchor + np.asarray(a)[..., None] * self.u + np.asarray(b)[..., None] * self.v
        return point

    def coordinates(self, points: Array) -> tuple[Array, Array]:
        """The coordinates of points [..., size] projected orthogonally onto the plane."""
        away = points - self.anchor
        return away @ self.u, away @ self.v


def axes(size: int, count: int = 2) -> Array:
    """[count, size]: the first unit vectors; zeros beyond `size`, so that a one-dimensional latent has a plane, too."""
    return np.eye(count, size)


def random_directions(seed: int, size: int, count: int = 2) -> Array:
    """[count, size], orthonormal (Gram-Schmidt); zeros beyond `size`."""
    found: list[Array] = []
    for index in range(count):
        direction = draw_normal(seed, size, start=index * size)
        for other in found:
            direction = direction - (direction @ other) * other
        length = np.sqrt(direction @ direction)
        found.append(direction / length if index < size else np.zeros(size))
    return np.array(found)


def principal_directions(weight: Array, count: int = DIRECTIONS) -> Array:
    """[count, size]: the latent directions that change the output of a first layer `weight` [out, size] most.

    These are SeFa's (Shen & Zhou 2021). GANSpace (Härkönen et al. 2020) uses principal components of the layer's output
    over many samples; for independent noise numbers of equal variance, the two are the same.
    The largest entry of each direction is positive; directions beyond the layer's rank are zeros.
    """
    _, _, rows = np.linalg.svd(weight.astype(np.float64), full_matrices=False)
    found = np.zeros((count, weight.shape[1]))
    found[: len(rows)] = rows[:count]
    largest = np.take_along_axis(found, np.abs(found).argmax(1)[:, None], 1)
    return found * np.where(largest < 0, -1, 1)


def along(points: Sequence[Sequence[float]], share: float, loop: bool = False) -> Array:
    """The point after `share` (0 to 1) of the length of the polyline through all points; `loop` closes it."""
    stops = np.asarray([*points, points[0]] if loop else points, np.float64)
    lengths = np.sqrt(np.square(np.diff(stops, axis=0)).sum(1))
    left = share * lengths.sum()
    for (start, stop), length in zip(pairwise(stops), lengths, strict=True):
        if left <= length and length:
            point: Array = start + (stop - start) * (left / length)
            return point
        left -= length
    end: Array = stops[-1]
    return end


def aggregated_density(means: Array, log_vars: Array, across: Array, up: Array) -> Array:
    """The aggregated posterior q(z) = mean of N(mean, exp(log_var)), at [len(up), len(across)] points of a plane.

    means, log_vars: [n, 2]. Each Gaussian is a product of two one-dimensional ones, so this is a single matmul. Unlike a
    kernel density estimate, it has no bandwidth to choose.
    """
    bells = [_bells(line, means[:, i], np.exp(log_vars[:, i])) for i, line in enumerate((across, up))]
    density: Array = bells[1].T @ bells[0] / len(means)
    return density


def _bells(line: Array, mean: Array, variance: Array) -> Array:
    heights: Array = np.exp(-np.square(line - mean[:, None]) / (2 * variance[:, None]))
    return heights / np.sqrt(2 * np.pi * variance[:, None])
