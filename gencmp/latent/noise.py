"""Random numbers that are identical in Python and JavaScript (latent.js): the same seed gives the same noise in both."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

Array = np.ndarray
_normal = NormalDist()


def random_words(seed: int, count: int, start: int = 0) -> Array:
    """uint32 [count]: `count` numbers of this seed's sequence, from number `start` on.

    A counter hashed with a 32-bit mixer (Wellons' lowbias32, twice), chosen because it takes four lines in any language.
    It is not torch's generator: seed 7 gives another picture than torch.manual_seed(7).
    """
    counter = np.arange(start, start + count, dtype=np.uint32)
    first = _mixed(np.array([seed & 0xFFFFFFFF], np.uint32))
    return _mixed(_mixed(counter * np.uint32(0x9E3779B9) + first) ^ first)


def _mixed(x: Array) -> Array:
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    mixed: Array = x ^ (x >> np.uint32(16))
    return mixed


def draw_uniform(seed: int, count: int, start: int = 0) -> Array:
    """float64 [count] in [-1, 1)."""
    return random_words(seed, count, start) / 2**31 - 1


def draw_normal(seed: int, count: int, start: int = 0) -> Array:
    """float64 [count], standard normal, by the quantile function: one random word per number."""
    return quantiles((random_words(seed, count, start) + 0.5) / 2**32)


def draw_noise(seed: int, size: int, kind: str = "uniform") -> Array:
    """float32 [size]: the GAN's noise for a seed; kind "uniform" in [-1, 1) or "normal"."""
    return (draw_uniform if kind == "uniform" else draw_normal)(seed, size).astype(np.float32)


def quantiles(p: Array) -> Array:
    """Standard normal quantiles of probabilities in (0, 1), to double precision (Wichura 1988, AS 241)."""
    return np.array([_normal.inv_cdf(each) for each in np.ravel(p)]).reshape(np.shape(p))
