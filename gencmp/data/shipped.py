"""The shipped digits as arrays, read without torch."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).parent
NAMES = {"train": "train", "test": "t10k"}


@lru_cache(maxsize=2)
def shipped_digits(part: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [n, 28, 28] and labels uint8 [n] of MNIST; part "train" or "test"."""
    images, labels = (read_idx(DATA / f"{NAMES[part]}-{what}-ubyte.gz") for what in ("images-idx3", "labels-idx1"))
    return images, labels


def read_idx(path: Path) -> np.ndarray:
    """A gzipped IDX file of bytes that ships with the project (format: LeCun's MNIST page)."""
    content = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(content, ">u4", count=content[3], offset=4).astype(int)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3]).reshape(shape)
