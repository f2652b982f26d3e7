"""Reads IDX, MNIST's file format (LeCun's page), with every number type that it defines. Imports no torch."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from gencmp.errors import DataError

IDX = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
MOST = 8  # dimensions; data sets have three or four
LARGEST = 1_000_000_000  # bytes of an array; the largest of EMNIST's has 547 million
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
    """The content of a file, decompressed if it is gzipped, whatever its name. Raises DataError.

    Read as far as its header says, and one byte more, by which a longer file is known; only the beginning of a file that is not IDX,
    or that promises more than LARGEST bytes.
    """
    try:
        with path.open("rb") as file:
            stream: BinaryIO = file
            for _ in range(LAYERS):
                if start_of(stream, 2) == GZIP:
                    stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
            header = stream.read(4 + 4 * MOST)
            wanted = _bytes_of(header)
            return header + stream.read(max(0, wanted + 1 - len(header))) if wanted <= LARGEST else header
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. Download the file again.") from None


def start_of(stream: Any, count: int) -> bytes:
    """The next bytes, which are not taken away."""
    return bytes(stream.peek(count)[:count])


def _bytes_of(header: bytes) -> int:
    """How long a file is by its header; 0 for what is none."""
    if not _is_idx(header):
        return 0
    return 4 + 4 * header[3] + math.prod(_shape(header)) * np.dtype(TYPES[header[2]]).itemsize


def _is_idx(content: bytes) -> bool:
    return len(content) >= 4 and content[:2] == b"\0\0" and content[2] in TYPES and content[3] <= MOST


def _shape(content: bytes) -> list[int]:
    """The sizes of the dimensions; fewer than it should have where the file ends before."""
    count = min(content[3], len(content) // 4 - 1)
    return [int(size) for size in np.frombuffer(content, ">u4", count=count, offset=4)]


def parse_idx(content: bytes, path: Path) -> np.ndarray:
    """The array in an IDX file's content: two zero bytes, number type, number of dimensions, size of each dimension, data; all
    big-endian. Raises DataError."""
    if not _is_idx(content):
        raise DataError(f"{path} is not an IDX file{_what_it_is(content)}")
    kind, dimensions, shape = np.dtype(TYPES[content[2]]), content[3], _shape(content)
    body = content[min(4 + 4 * dimensions, len(content)) :]
    wanted = math.prod(shape) * kind.itemsize
    if wanted > LARGEST:
        raise DataError(
            f"{path}: its header promises {wanted / 1e6:,.0f} MB, wanted at most {LARGEST / 1e6:,.0f}. The file is damaged, or make it smaller."
        )
    if len(shape) < dimensions or len(body) != wanted:
        found = f"more than {wanted}" if len(body) > wanted else f"{len(body)}"
        raise DataError(
            f"{path}: found {found} bytes of data, but its header says {wanted}. The file is damaged: download it again."
        )
    return np.frombuffer(body, kind).reshape(shape).astype(kind.newbyteorder("="))


def _what_it_is(content: bytes) -> str:
    for start, words in KINDS:
        if content.lstrip().startswith(start):
            return f" but {words}. Download it again."
    begins = content[:4].hex() or "nothing"
    return f": it starts with {begins}, wanted two zero bytes, the type of the numbers, and the number of dimensions."
