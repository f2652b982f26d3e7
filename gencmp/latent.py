"""Looking into latent space: grids and planes, directions and paths, seeded noise, and weights for the browser.

Pure functions of numpy arrays; imports no torch. The browser does the same sums in `ui/static/latent.js` and
`nets.js`, and tests hold the two together: seed 7 is the same picture here and there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from gencmp.errors import SnapshotError
from gencmp.own_folder import portable_config
from gencmp.weights_file import not_ours, read_facts

Array = np.ndarray
FORMAT = 1
DIRECTIONS = 10
NETWORKS = {"gan": ("generator", "discriminator"), "vae": ("encoder", "decoder")}
FED_BY_LATENT = {"gan": "generator", "vae": "decoder"}
_normal = NormalDist()


# Seeded noise


def random_words(seed: int, count: int, start: int = 0) -> Array:
    """uint32 [count]: numbers `start` and on of this seed's sequence.

    A counter run through a mixer of 32 bits (Wellons' lowbias32, twice), chosen because it is four lines in any
    language. It is not torch's generator: seed 7 here is another picture than torch.manual_seed(7) gives.
    """
    counter = np.arange(start, start + count, dtype=np.uint32)
    first = _mixed(np.array([seed & 0xFFFFFFFF], np.uint32))
    return _mixed(_mixed(counter * np.uint32(0x9E3779B9) + first) ^ first)


def _mixed(x: Array) -> Array:
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    return x ^ (x >> np.uint32(16))


def draw_uniform(seed: int, count: int, start: int = 0) -> Array:
    """float64 [count] in [-1, 1)."""
    return random_words(seed, count, start) / 2**31 - 1


def draw_normal(seed: int, count: int, start: int = 0) -> Array:
    """float64 [count], standard normal by the quantile function: one word a number."""
    return quantiles((random_words(seed, count, start) + 0.5) / 2**32)


def draw_noise(seed: int, size: int, kind: str = "uniform") -> Array:
    """float32 [size]: the GAN's noise for a seed; kind "uniform" in [-1, 1) or "normal"."""
    return (draw_uniform if kind == "uniform" else draw_normal)(seed, size).astype(np.float32)


# Grids


def quantiles(p: Array) -> Array:
    """Standard normal quantiles of probabilities in (0, 1), to double precision (Wichura 1988, AS 241)."""
    return np.array([_normal.inv_cdf(each) for each in np.ravel(p)]).reshape(np.shape(p))


def ticks(count: int, spacing: str, reach: float = 3.5) -> Array:
    """Coordinates of the `count` columns of a mosaic.

    "even":     the middles of equal steps within [-reach, reach].
    "quantile": the middles of equal shares of the prior (Kingma & Welling 2014, figure 4).
    """
    middles = (np.arange(count) + 0.5) / count
    return quantiles(middles) if spacing == "quantile" else (2 * middles - 1) * reach


def grid(count: int, spacing: str, reach: float = 3.5) -> Array:
    """[count, count, 2]: row by row from the top, so the second coordinate falls."""
    across = ticks(count, spacing, reach)
    return np.stack(np.meshgrid(across, across[::-1]), axis=-1)


# Planes, directions, paths


@dataclass(frozen=True)
class Plane:
    """A flat slice through a latent space of any size: anchor + a u + b v, with u and v orthonormal."""

    anchor: Array
    u: Array
    v: Array

    def point(self, a: Any, b: Any) -> Array:
        """[..., size] for coordinates of any one shape."""
        return self.anchor + np.asarray(a)[..., None] * self.u + np.asarray(b)[..., None] * self.v

    def coordinates(self, points: Array) -> tuple[Array, Array]:
        """Where points [..., size] lie when they are dropped straight onto the plane."""
        away = points - self.anchor
        return away @ self.u, away @ self.v


def axes(size: int, count: int = 2) -> Array:
    """[count, size]: the first axes; zeros where there are none, so a latent of one number has a plane too."""
    return np.eye(count, size)


def random_directions(seed: int, size: int, count: int = 2) -> Array:
    """[count, size], orthonormal (Gram and Schmidt); zeros beyond `size`."""
    found: list[Array] = []
    for index in range(count):
        direction = draw_normal(seed, size, start=index * size)
        for other in found:
            direction = direction - (direction @ other) * other
        length = np.sqrt(direction @ direction)
        found.append(direction / length if index < size else np.zeros(size))
    return np.array(found)


def principal_directions(weight: Array, count: int = DIRECTIONS) -> Array:
    """[count, size]: the directions of latent space that move a first layer `weight` [out, size] most.

    These are SeFa's (Shen & Zhou 2021). GANSpace (Härkönen et al. 2020) takes principal components of the layer's
    sums over many draws; where the noise has independent numbers of one variance, the two are the same.
    The largest entry of each is positive; zeros beyond what the layer has.
    """
    _, _, rows = np.linalg.svd(weight.astype(np.float64), full_matrices=False)
    found = np.zeros((count, weight.shape[1]))
    found[: len(rows)] = rows[:count]
    largest = np.take_along_axis(found, np.abs(found).argmax(1)[:, None], 1)
    return found * np.where(largest < 0, -1, 1)


def along(points: Sequence[Sequence[float]], share: float, loop: bool = False) -> Array:
    """The point after `share` (0 to 1) of the way along straight lines through all points, at even speed."""
    stops = np.asarray([*points, points[0]] if loop else points, np.float64)
    lengths = np.sqrt(np.square(np.diff(stops, axis=0)).sum(1))
    left = share * lengths.sum()
    for (start, stop), length in zip(pairwise(stops), lengths, strict=True):
        if left <= length and length:
            return start + (stop - start) * (left / length)
        left -= length
    return stops[-1]


def aggregated_density(means: Array, log_vars: Array, across: Array, up: Array) -> Array:
    """The aggregated posterior q(z) = mean of N(mean, exp(log_var)), at [len(up), len(across)] points of a plane.

    means, log_vars: [n, 2]. A sum of products of two bells, so one matrix product; no kernel width to choose.
    """
    bells = [_bells(line, means[:, i], np.exp(log_vars[:, i])) for i, line in enumerate((across, up))]
    return bells[1].T @ bells[0] / len(means)


def _bells(line: Array, mean: Array, variance: Array) -> Array:
    return np.exp(-np.square(line - mean[:, None]) / (2 * variance[:, None])) / np.sqrt(2 * np.pi * variance[:, None])


# Networks without torch


@dataclass(frozen=True)
class Network:
    """Dense layers as in layers.Dense: (weight [out, in], bias [out]) from input to output."""

    layers: Sequence[tuple[Array, Array]]
    activation: str
    slope: float
    dropout: float

    def __call__(self, x: Array) -> Array:
        """[n, in] -> raw sums [n, out], dropout off."""
        for index, (weight, bias) in enumerate(self.layers):
            x = x @ weight.T + bias
            if index < len(self.layers) - 1:
                x = self._activated(x)
        return x

    def _activated(self, x: Array) -> Array:
        match self.activation:
            case "leaky_relu":
                return np.where(x > 0, x, x * np.float32(self.slope))
            case "relu":
                return np.maximum(x, 0)
            case "elu":
                return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
            case _:
                return np.tanh(x)


@dataclass(frozen=True)
class Weights:
    """One epoch of one model, read without torch."""

    config: Mapping[str, Any]
    epoch: int
    tensors: Mapping[str, Array]

    @property
    def kind(self) -> str:
        return self.config["kind"]

    def network(self, name: str) -> Network:
        """float32, whatever the file holds. name: generator, discriminator, encoder or decoder."""
        count = sum(key.startswith(f"model/{name}/") and key.endswith("weight") for key in self.tensors)
        layers = [
            tuple(self.tensors[f"model/{name}/layers.{i}.{part}"].astype(np.float32) for part in ("weight", "bias"))
            for i in range(count)
        ]
        dropout = self.config.get(f"{name}_dropout", 0.0)
        return Network(layers, self.config["activation"], self.config["leaky_slope"], dropout)  # type: ignore[arg-type]

    def directions(self, count: int = DIRECTIONS) -> Array:
        """[count, latent]: principal directions of the layer that the latent feeds."""
        return principal_directions(self.network(FED_BY_LATENT[self.kind]).layers[0][0], count)


def read_weights(path: Path) -> Weights:
    """Raises SnapshotError when the file is missing, none of ours, damaged, or of a later version whose networks this
    one cannot build."""
    try:
        content = path.read_bytes()
        tensors = load_tensors(content)
    except OSError as error:
        raise SnapshotError(f"{path.name} cannot be read: {error.strerror}.") from None
    except (SafetensorError, KeyError, TypeError, ValueError) as error:  # numpy knows not every number type
        raise not_ours(path.name, error) from None
    facts = read_facts(content, path.name)
    return Weights(facts.config.to_dict(), facts.epoch, tensors)


def posterior(weights: Weights, images: Array) -> tuple[Array, Array]:
    """Where a VAE's encoder puts pictures, uint8 [n, 784]: means and log variances, float32 [n, latent] each."""
    encoder = weights.network("encoder")
    rows = [
        encoder(part.astype(np.float32) / np.float32(255))
        for part in np.array_split(images, max(1, len(images) // 1000))
    ]
    mean, log_var = np.split(np.concatenate(rows), 2, axis=1)
    return mean, log_var


def browser_weights(weights: Weights, networks: Sequence[str] = (), half: bool = False) -> bytes:
    """What `nets.js` reads: the length of a JSON header (uint32), the header, then all numbers in one row.

    The header says for each network its widths, activation and dropout, and where each layer's weight [out, in] and
    bias start in the row; also the principal directions. Numbers stay as the file has them, float16 or float32,
    little-endian; the browser widens them.

    networks: only these (all when empty). half: float16, whatever the file has.
    """
    held = np.result_type(*(t.dtype for t in weights.tensors.values() if t.dtype.kind == "f"))
    kind = np.dtype("<f2") if half else np.dtype(held).newbyteorder("<")
    parts: list[Array] = []
    place = 0

    def put(array: Array) -> int:
        nonlocal place
        parts.append(np.ravel(array).astype(kind))
        start, place = place, place + array.size
        return start

    told = {}
    for name in networks or NETWORKS[weights.kind]:
        network = weights.network(name)
        widths = [network.layers[0][0].shape[1], *(len(bias) for _, bias in network.layers)]
        facts = {"widths": widths, "activation": network.activation, "slope": network.slope, "dropout": network.dropout}
        told[name] = facts | {"layers": [[put(weight), put(bias)] for weight, bias in network.layers]}
    header = {
        "format": FORMAT, "kind": weights.kind, "epoch": weights.epoch, "config": portable_config(weights.config), "dtype": kind.name,
        "networks": told, "directions": put(weights.directions()), "count": place,
    }  # fmt: skip
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)  # typed arrays must start at a multiple of their size
    return len(text).to_bytes(4, "little") + text + b"".join(part.tobytes() for part in parts)


def stamp(path: Path) -> str:
    """Names a file by its content, for addresses that may be kept for ever."""
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
