"""The judge's eye without torch: its forward pass in numpy, so that a page may name 64 pictures in some hundredths of a
second while torch would take seconds to load. Tests hold it to gencmp/judge.py.

Also what a discriminator thinks of pictures, which training picture each picture is nearest to, and the test pictures themselves.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors

from gencmp.config import SHIPPED_DATA, VaeConfig
from gencmp.data.shipped import shipped_digits
from gencmp.errors import SnapshotError
from gencmp.latent import Weights, read_weights
from gencmp.measures import judge_folder

Array = np.ndarray
Tensors = Mapping[str, Array]
SIDE = 28
AT_ONCE = 64  # pictures that the windows of a convolution still fit a processor's cache for
TRAINING_AT_ONCE = 5000  # 16 MB as float32
CONVOLUTIONS = ((0, 1, 1), (3, 1, 2), (6, 1, 1))  # of judge.Network.body before the pooling: place, padding, stride
CLOSE = 1e-5  # what batch norm adds to a variance


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
    scale = 1 / np.sqrt(tensors[name + "running_var"] + np.float32(CLOSE))
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


@lru_cache(maxsize=4)
def digits_to_test(dataset: str = SHIPPED_DATA, classes: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures uint8 [n, 784] and labels uint8 [n] of a data set, or of some of its classes."""
    if dataset != SHIPPED_DATA:
        datasets = importlib.import_module("gencmp.data.load")  # torch: only where the data need it
        split = datasets.load(VaeConfig(dataset=dataset, classes=classes)).test
        return split.images.numpy(), split.labels.numpy()
    images, labels = shipped_digits("test")
    rows = np.isin(labels, classes) if classes else slice(None)
    return images.reshape(len(images), -1)[rows], labels[rows]


def nearest_training(
    images: Array, dataset: str = SHIPPED_DATA, classes: tuple[int, ...] = (), limit: int = 0
) -> tuple[Array, Array, Array]:
    """Which training picture each picture uint8 [n, 28, 28] is nearest to: these pictures, uint8 [n, 28, 28]; their labels,
    uint8 [n]; how far, float64 [n]: Euclidean over 784 pixels in [0, 1]. About half a second for 64.

    Raises DataError when the training data are not here any more.
    """
    return _nearest(images.tobytes(), dataset, tuple(classes), limit)


@lru_cache(maxsize=64)
def _nearest(content: bytes, dataset: str, classes: tuple[int, ...], limit: int) -> tuple[Array, Array, Array]:
    asked = np.frombuffer(content, np.uint8).reshape(-1, SIDE * SIDE).astype(np.float32)
    train, labels = _training(dataset, classes, limit)
    found, least = np.zeros(len(asked), int), np.full(len(asked), np.inf, np.float32)
    for start in range(0, len(train), TRAINING_AT_ONCE):
        part = train[start : start + TRAINING_AT_ONCE].astype(np.float32)
        away = np.einsum("ij,ij->i", part, part) - 2 * asked @ part.T  # the picture's own length changes no order
        best = away.argmin(1)
        value = away[np.arange(len(asked)), best]
        found = np.where(value < least, best + start, found)
        least = np.minimum(value, least)
    distance = np.sqrt(np.square(train[found].astype(float) - asked).sum(1)) / 255
    return train[found].reshape(-1, SIDE, SIDE), labels[found], distance


def _training(dataset: str, classes: tuple[int, ...], limit: int) -> tuple[Array, Array]:
    """Pictures uint8 [n, 784] and labels, as digits.choose gives them."""
    if dataset != SHIPPED_DATA:
        loading = importlib.import_module("gencmp.data.load")  # torch: only where the data need it
        split = loading.load(VaeConfig(dataset=dataset, classes=classes, limit=limit)).train
        return split.images.numpy(), split.labels.numpy()
    images, labels = shipped_digits("train")
    rows = np.isin(labels, classes) if classes else slice(None)
    end = limit or None
    return images.reshape(len(images), -1)[rows][:end], labels[rows][:end]
