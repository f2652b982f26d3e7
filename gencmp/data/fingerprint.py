"""A fingerprint of a user's data folder, so that cached results are dropped when the folder changes. Imports no torch."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from gencmp.data.folders import PICTURES
from gencmp.data.idx.sets import may_be_idx
from gencmp.data.walk import is_hidden, walk
from gencmp.errors import DataError
from gencmp.settings.configs import DATASETS

# bytes; of a larger file only three pieces are read, so that a thousand photos take a second instead of a minute
SMALL = 1 << 20
PIECE = 1 << 16


def fingerprint(dataset: str) -> str:
    """A hash of a data folder that changes when a picture or IDX file is added, removed, renamed or overwritten.

    It depends on each file's path below the folder, size and content, but not on times: a copy of the folder, or one
    restored from a backup, has the same fingerprint. Of files larger than 1 MB only the first, middle and last 64 kB are
    read. Hidden files and files that are neither pictures nor IDX are ignored. 60,000 small pictures take some seconds
    the first time in a process, and a fifth of a second later, because files with unchanged size and time are not read
    again. Empty for a built-in data set, and for a folder that does not exist.
    """
    if dataset in DATASETS:
        return ""
    try:
        files = [file for file in walk(Path(dataset)).files if file.ending in PICTURES or may_be_idx(file.base)]
    except DataError:
        return ""
    facts = [(file.folders, file.base, file.size, _checksum(file.place, file.size, file.changed)) for file in files]
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


@lru_cache(maxsize=200_000)
def _checksum(path: str, size: int, changed: int) -> int:
    try:
        with open(path, "rb") as file:
            if size <= SMALL:
                return zlib.crc32(file.read())
            value = 0
            for start in (0, (size - PIECE) // 2, size - PIECE):
                file.seek(start)
                value = zlib.crc32(file.read(PIECE), value)
            return value
    except OSError:
        return -1


# Cached


def recent_fingerprint(dataset: str) -> str:
    """The fingerprint, recomputed only when the times of the folders change: a few system calls, for a page that asks many
    times a second. A picture overwritten in place goes unnoticed."""
    return "" if dataset in DATASETS else _fingerprint_at(dataset, folder_times(dataset))


@lru_cache(maxsize=64)
def _fingerprint_at(dataset: str, times: tuple[tuple[object, ...], ...]) -> str:
    return fingerprint(dataset)


def folder_times(dataset: str) -> tuple[tuple[object, ...], ...]:
    """Names, modification times and sizes of the folder, two levels of its subfolders, and its IDX files."""
    return tuple(_folder_times(dataset))


def _folder_times(dataset: str) -> Iterator[tuple[object, ...]]:
    yield _facts(Path(dataset))
    for entry in _entries(dataset):
        if entry.is_dir() or "idx" in entry.name:  # pictures directly in the folder change its own time
            yield entry.name, *_facts(Path(entry.path))
        if (
            entry.is_dir() and not entry.name.isdecimal()
        ):  # such as train/ and test/, which contain the folders of the classes
            yield from ((inner.name, *_facts(Path(inner.path))) for inner in _entries(entry.path) if inner.is_dir())


def _facts(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size if path.is_file() else 0


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if not is_hidden(entry.name)), key=lambda entry: entry.name)
    except OSError:
        return []
