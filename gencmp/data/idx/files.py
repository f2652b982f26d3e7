"""Reads IDX, MNIST's file format (LeCun's page), with every number type that it defines. Imports no torch."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from gencmp.errors import DataError

IDX = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
LAYERS = 3  # of gzip; a browser and a server may each have added one
KINDS = (  # what files that should be IDX often are instead, by their first bytes
    (b"<", "a web page: the download went wrong"),
    (b"PK\x03\x04", "a zip archive: unpack it"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x93NUMPY", "a NumPy array: save it as IDX, or its pictures as PNG files"),
    (b"version https://git-lfs", "a pointer of Git LFS: run git lfs pull"),
)


def read_idx(path: Path) -> np.ndarray:
    """The array in an IDX file, in the file's number type; read from `path`.gz when `path` is missing. Raises DataError."""
    zipped = path.with_name(path.name + ".gz")
    if not path.exists() and not zipped.exists():
        raise DataError(
            f"{path} is missing, and so is {zipped.name}. Put the four IDX files of the data set into that folder."
        )
    found = path if path.exists() else zipped
    return parse_idx(decompressed(found), found)


def decompressed(path: Path) -> bytes:
    """The content of a file, decompressed if it is gzipped, whatever its name. Raises DataError."""
    try:
        content = path.read_bytes()
        for _ in range(LAYERS):
            content = gzip.decompress(content) if content.startswith(GZIP) else content
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Download the file again.") from None
    return content


def parse_idx(content: bytes, path: Path) -> np.ndarray:
    """The array in an IDX file's content: two zero bytes, number type, number of dimensions, size of each dimension, data; all
    big-endian. Raises DataError."""
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        raise DataError(f"{path} is not an IDX file{_what_it_is(content)}")
    kind, dimensions = np.dtype(TYPES[content[2]]), content[3]
    shape = np.frombuffer(content, ">u4", count=min(dimensions, len(content) // 4 - 1), offset=4).astype(int)
    body = content[min(4 + 4 * dimensions, len(content)) :]
    wanted = math.prod(map(int, shape)) * kind.itemsize
    if len(shape) < dimensions or len(body) != wanted:
        raise DataError(
            f"{path}: found {len(body)} bytes of data, but its header says {wanted}. The file is damaged: download it again."
        )
    return np.frombuffer(body, kind).reshape(shape).astype(kind.newbyteorder("="))


def _what_it_is(content: bytes) -> str:
    for start, words in KINDS:
        if content.lstrip().startswith(start):
            return f" but {words}. Download it again."
    begins = content[:4].hex() or "nothing"
    return f": it starts with {begins}, wanted two zero bytes, the type of the numbers, and the number of dimensions."
