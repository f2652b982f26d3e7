"""The judge's eye without torch: its forward pass in numpy, so that a page may name 64 pictures in some hundredths of a
second while torch would take seconds to load. Tests hold it to gencmp/judge.py.

Also what a discriminator thinks of pictures, which training picture each picture is nearest to, and the test pictures themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from gencmp.errors import SnapshotError
from gencmp.evaluation.verdicts import judge_folder
from gencmp.latent.networks import Weights, read_weights
from gencmp.settings.configs import SHIPPED_DATA

Array = np.ndarray
Tensors = Mapping[str, Array]
SIDE = 28
AT_ONCE = 64  # pictures that the windows of a convolution still fit a processor's cache for
CONVOLUTIONS = ((0, 1, 1), (3, 1, 2), (6, 1, 1))  # of judge.Network.body before the pooling: place, padding, stride
BATCH_NORM_EPS = 1e-5  # what batch norm adds to a variance


# The judge


def judged(images: Array, dataset: str = SHIPPED_DATA) -> Array | None:
    """Probabilities float32 [n, classes] of pictures uint8 [n, 28, 28]; None when the data set has no judge yet.

    Raises SnapshotError when there is a judge that cannot be read.
    """
    path = judge_folder(dataset) / "weights.safetensors"
    if not path.is_file():
        return None
    return _judged(images.tobytes(), path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _judged(content: bytes, path: Path, changed: int) -> Array:
    tensors = _judge(path, changed)
    images = np.frombuffer(content, np.uint8).reshape(-1, SIDE, SIDE)
    parts = [_logits(tensors, images[start : start + AT_ONCE]) for start in range(0, len(images), AT_ONCE)]
    return softmax(np.concatenate(parts)) if parts else np.zeros((0, len(tensors["head.bias"])), np.float32)


@lru_cache(maxsize=4)
def _judge(path: Path, changed: int) -> dict[str, Array]:
    try:
        return load_tensors(path.read_bytes())
    except (OSError, SafetensorError) as error:
        raise SnapshotError(
            f"{path} holds no judge, or a damaged one ({error}). Delete its folder and train anew."
        ) from None


def _logits(tensors: Tensors, images: Array) -> Array:
    """Network.logits(Network.features(...)) of judge.py."""
    x = images[..., None].astype(np.float32) / np.float32(255)
    for place, padding, stride in CONVOLUTIONS:
        x = _convolved(tensors, place, x, padding, stride)
    x = x.reshape(len(x), 7, 2, 7, 2, -1).max((2, 4))
    x = _convolved(tensors, 10, x, 0, 1)
    x = x.transpose(0, 3, 1, 2).reshape(len(x), -1) @ tensors["body.14.weight"].T
    return np.maximum(_normed(tensors, 15, x), 0) @ tensors["head.weight"].T + tensors["head.bias"]


def _convolved(tensors: Tensors, place: int, x: Array, padding: int, stride: int) -> Array:
    """[n, h, w, channels] through a 3 x 3 convolution, its batch norm and a ReLU."""
    weight = tensors[f"body.{place}.weight"]
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    windows = sliding_window_view(x, (3, 3), (1, 2))[:, ::stride, ::stride]
    sums = windows.reshape(-1, weight[0].size) @ weight.reshape(len(weight), -1).T
    return np.maximum(_normed(tensors, place + 1, sums), 0).reshape(*windows.shape[:3], len(weight))


def _normed(tensors: Tensors, place: int, x: Array) -> Array:
    name = f"body.{place}."
    scale = 1 / np.sqrt(tensors[name + "running_var"] + np.float32(BATCH_NORM_EPS))
    scale = scale * tensors[name + "weight"] if name + "weight" in tensors else scale
    return (x - tensors[name + "running_mean"]) * scale + tensors.get(name + "bias", np.float32(0))


def softmax(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


# A discriminator


def opinion(path: Path, images: Array) -> Array:
    """The chance, in the eyes of a GAN's D, that pictures uint8 [n, 28, 28] are real; float32 [n]. Raises SnapshotError."""
    return _opinion(images.tobytes(), path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _opinion(content: bytes, path: Path, changed: int) -> Array:
    pixels = np.frombuffer(content, np.uint8).reshape(-1, SIDE * SIDE).astype(np.float32) / np.float32(127.5) - 1
    logits = _weights(path, changed).network("discriminator")(pixels)[:, 0]
    return 1 / (1 + np.exp(-logits))


@lru_cache(maxsize=8)
def _weights(path: Path, changed: int) -> Weights:
    return read_weights(path)


# The real pictures
