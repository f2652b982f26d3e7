"""Forward passes of a model's networks in NumPy, from a weights file, without torch.

`nets.js` does the same in the browser; tests compare the two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from gencmp.errors import SnapshotError
from gencmp.latent.noise import Array
from gencmp.latent.planes import DIRECTIONS, principal_directions
from gencmp.models.weights_file import not_ours, read_facts

FED_BY_LATENT = {"gan": "generator", "vae": "decoder"}


@dataclass(frozen=True)
class Network:
    """Dense layers as in layers.Dense: (weight [out, in], bias [out]) from input to output."""

    layers: Sequence[tuple[Array, Array]]
    activation: str
    slope: float
    dropout: float

    def __call__(self, x: Array) -> Array:
        """[n, in] -> the last layer's raw outputs [n, out], without dropout."""
        for index, (weight, bias) in enumerate(self.layers):
            x = x @ weight.T + bias
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

    @property
    def kind(self) -> str:
        return str(self.config["kind"])

    def network(self, name: str) -> Network:
        """The network in float32, whatever the file's precision. name: generator, discriminator, encoder or decoder."""
        count = sum(key.startswith(f"model/{name}/") and key.endswith("weight") for key in self.tensors)
        layers = [
            tuple(self.tensors[f"model/{name}/layers.{i}.{part}"].astype(np.float32) for part in ("weight", "bias"))
            for i in range(count)
        ]
        dropout = self.config.get(f"{name}_dropout", 0.0)
        return Network(layers, self.config["activation"], self.config["leaky_slope"], dropout)  # type: ignore[arg-type]

    def directions(self, count: int = DIRECTIONS) -> Array:
        """[count, latent]: the principal directions of the first layer that the latent feeds into."""
        return principal_directions(self.network(FED_BY_LATENT[self.kind]).layers[0][0], count)


def read_weights(path: Path) -> Weights:
    """Raises SnapshotError when the file is missing or damaged, gencmp did not write it, or it is from a later version whose
    networks this one cannot build."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path.name} cannot be read: {error.strerror}.") from None
    facts = read_facts(content, path.name)
    try:
        tensors = load_tensors(content)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:  # NumPy lacks some number types
        raise not_ours(path.name, error) from None
    return Weights(facts.config.to_dict(), facts.epoch, tensors)


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


def content_hash(path: Path) -> str:
    """A hash of a file's content, for URLs that browsers may cache for ever."""
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
