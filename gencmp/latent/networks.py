"""Forward passes of a model's networks in NumPy, from a weights file, without torch.

`nets.js` does the same in the browser; tests compare the two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from gencmp.errors import SnapshotError
from gencmp.latent.noise import Array, draw_normal, draw_uniform
from gencmp.latent.planes import DIRECTIONS, principal_directions
from gencmp.models.weights_file import not_ours, read_content, read_facts
from gencmp.settings.layers import CONVOLUTION, DENSE, Layer, network_layers

SIDE = 28
FED_BY_LATENT = {"gan": "generator", "vae": "decoder"}


class Weighted(NamedTuple):
    """A layer with its numbers; their shapes are `layer.weight` and `layer.bias`."""

    layer: Layer
    weight: Array
    bias: Array

    def __call__(self, x: Array) -> Array:
        """[n, numbers in] -> [n, numbers out]"""
        sums: Array = x @ self.weight.T + self.bias if self.layer.kind == DENSE else self._convolved(x)
        return sums

    def _convolved(self, x: Array) -> Array:
        layer = self.layer
        shrinks = layer.kind == CONVOLUTION
        large, small = (layer.inputs, layer.outputs) if shrinks else (layer.outputs, layer.inputs)
        maps, x = self.weight if shrinks else self.weight.swapaxes(0, 1), x.reshape(len(x), *layer.inputs)
        sums = np.zeros((len(x), *layer.outputs), np.float32) + self.bias[:, None, None]
        for row, column in product(range(layer.kernel), repeat=2):
            meeting = [_meeting(tap - layer.padding, layer.stride, large[1], small[1]) for tap in (row, column)]
            of_small, of_large = zip(*meeting, strict=True)
            read, added = (of_large, of_small) if shrinks else (of_small, of_large)
            sums[..., *added] += np.einsum("oi,nihw->nohw", maps[..., row, column], x[..., *read], optimize=True)
        flat: Array = sums.reshape(len(x), -1)
        return flat


def _meeting(shift: int, stride: int, large: int, small: int) -> tuple[slice, slice]:
    """The places p of the small side for which stride * p + shift lies on the large one, and those places there."""
    first, last = -(min(shift, 0) // stride), min(small - 1, (large - 1 - shift) // stride)
    return slice(first, last + 1), slice(stride * first + shift, stride * last + shift + 1, stride)


@dataclass(frozen=True)
class Network:
    """Layers from input to output, as in layers.Dense and convolutional.Convolutional."""

    layers: Sequence[Weighted]
    activation: str
    slope: float
    dropout: float

    def __call__(self, x: Array) -> Array:
        """[n, in] -> the last layer's raw outputs [n, out], without dropout."""
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index < len(self.layers) - 1:
                x = self._activated(x)
        return x

    def _activated(self, x: Array) -> Array:
        match self.activation:
            case "leaky_relu":
                x = np.where(x > 0, x, x * np.float32(self.slope))
            case "relu":
                x = np.maximum(x, 0)
            case "elu":
                x = np.where(x > 0, x, np.expm1(np.minimum(x, 0)))
            case _:
                x = np.tanh(x)
        return x


@dataclass(frozen=True)
class Weights:
    """One epoch of one model, read without torch."""

    config: Mapping[str, Any]
    epoch: int
    tensors: Mapping[str, Array]
    layers: Mapping[str, Sequence[Layer]]

    @property
    def kind(self) -> str:
        return str(self.config["kind"])

    def network(self, name: str) -> Network:
        """The network in float32, whatever the file's precision. name: generator, discriminator, encoder or decoder."""
        layers = [
            Weighted(
                layer,
                *(self.tensors[f"model/{name}/layers.{i}.{part}"].astype(np.float32) for part in ("weight", "bias")),
            )
            for i, layer in enumerate(self.layers[name])
        ]
        dropout = self.config.get(f"{name}_dropout", 0.0)
        return Network(layers, self.config["activation"], self.config["leaky_slope"], dropout)

    def directions(self, count: int = DIRECTIONS) -> Array:
        """[count, latent]: the principal directions of the first layer that the latent feeds into."""
        return principal_directions(self.network(FED_BY_LATENT[self.kind]).layers[0].weight, count)


def read_weights(path: Path) -> Weights:
    """Raises SnapshotError when the file is missing or damaged, gencmp did not write it, or it is from a later version whose
    networks this one cannot build."""
    try:
        content = read_content(path)
    except OSError as error:
        raise SnapshotError(f"{path.name} cannot be read: {error.strerror}.") from None
    return weights_from(content, path.name)


def weights_from(content: bytes, name: str) -> Weights:
    """The same from a file's content. name: for errors. Raises SnapshotError."""
    facts = read_facts(content, name)
    try:
        tensors = load_tensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:  # NumPy lacks some number types
        raise not_ours(name, error) from None
    return Weights(facts.config.to_dict(), facts.epoch, tensors, network_layers(facts.config))


def posterior(weights: Weights, images: Array) -> tuple[Array, Array]:
    """A VAE's q(z | x) for pictures uint8 [n, 784]: means and log variances, each float32 [n, latent]."""
    encoder = weights.network("encoder")
    rows = [
        encoder(part.astype(np.float32) / np.float32(255))
        for part in np.array_split(images, max(1, len(images) // 1000))
    ]
    mean, log_var = np.split(np.concatenate(rows), 2, axis=1)
    return mean, log_var


def chance_real(weights: Weights, images: Array) -> Array:
    """The chance, in the eyes of a GAN's D, that pictures uint8 [n, 28, 28] or [n, 784] are real; float32 [n]."""
    pixels = images.reshape(len(images), -1).astype(np.float32) / np.float32(127.5) - 1
    chance: Array = 1 / (1 + np.exp(-weights.network("discriminator")(pixels)[:, 0]))
    return chance


def latent_noise(weights: Weights, count: int, seed: int) -> Array:
    """float32 [count, latent], from the distribution that the model was trained with."""
    is_gan = weights.kind == "gan"
    size = weights.config["noise_size" if is_gan else "latent_size"]
    draw = draw_uniform if is_gan and weights.config["noise"] == "uniform" else draw_normal
    return draw(seed, count * size).reshape(count, size).astype(np.float32)


def drawn(weights: Weights, count: int, seed: int) -> Array:
    """Pictures that a model draws from such noise, uint8 [count, 28, 28]; ink is white."""
    sums = weights.network(FED_BY_LATENT[weights.kind])(latent_noise(weights, count, seed))
    level = np.tanh(sums if weights.kind == "gan" else sums / 2)  # the sigmoid is a tanh of half its argument
    images: Array = np.round((level + 1) * 127.5).astype(np.uint8).reshape(-1, SIDE, SIDE)
    return images


def content_hash(path: Path) -> str:
    """A hash of a file's content, for URLs that browsers may cache for ever."""
    with path.open("rb") as file:  # in parts, as it may be large
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=8)).hexdigest()
