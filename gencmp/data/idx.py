"""IDX files, the format of MNIST (LeCun's page)."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from gencmp.data.digits import SIDE, Digits, Split
from gencmp.errors import DataError

IDX = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def load_idx(folder: Path, name: str) -> Digits:
    """The four files of an MNIST-like data set, compressed or not. Raises DataError naming the file at fault."""
    train, test = (_idx_split(*(folder / file for file in IDX[part])) for part in ("train", "test"))
    return Digits(name, train, test)


def _idx_split(images_path: Path, labels_path: Path) -> Split:
    split = Split(_idx_images(images_path), _idx_labels(labels_path))
    if len(split.images) != len(split.labels):
        raise DataError(
            f"{labels_path}: {len(split.labels)} labels for {len(split.images)} pictures in {images_path.name}. Fetch both files again."
        )
    return split


def _idx_images(path: Path) -> Tensor:
    images = read_idx(path)
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise DataError(
            f"{path}: found shape {list(images.shape)}, wanted [n, {SIDE}, {SIDE}]. Scale the pictures, or give them as PNG files."
        )
    return torch.from_numpy(images.reshape(len(images), SIDE * SIDE))


def _idx_labels(path: Path) -> Tensor:
    labels = read_idx(path)
    if labels.ndim != 1:
        raise DataError(f"{path}: found shape {list(labels.shape)}, wanted [n]: one label a picture.")
    return torch.from_numpy(labels)


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of bytes, also as `path`.gz (format: LeCun's MNIST page). Raises DataError."""
    zipped = path.with_name(path.name + ".gz")
    try:
        content = path.read_bytes() if path.exists() else gzip.decompress(zipped.read_bytes())
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing, and so is {zipped.name}. Put the four IDX files of the data set into that folder."
        ) from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Fetch the file again.") from None
    if content[:3] != b"\x00\x00\x08" or len(content) < 4:
        raise DataError(
            f"{path} is no IDX file of bytes: it starts with {content[:4].hex() or 'nothing'}, wanted 000008 and the dimensions."
        )
    shape = np.frombuffer(content, ">u4", count=min(content[3], len(content) // 4 - 1), offset=4).astype(int)
    body = np.frombuffer(content, np.uint8, offset=min(4 + 4 * content[3], len(content)))
    if body.size != math.prod(shape):
        raise DataError(
            f"{path}: found {body.size} bytes of data, its header wants {math.prod(shape)}. The file is cut: fetch it again."
        )
    return body.reshape(shape).copy()
