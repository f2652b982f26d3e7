"""What a folder of own data holds, in a few characters: whether what was found out or trained on it still fits. Imports no torch."""

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

SMALL = (
    1 << 20
)  # bytes; of a larger file three pieces are read, so that a thousand photos take a second and not a minute
PIECE = 1 << 16


def fingerprint(dataset: str) -> str:
    """Names what a folder of own data holds: another when a picture or an IDX file is added, removed, renamed or overwritten.

    Made of each file's place below the folder, its size and its content, and of no times: a copy of the folder, or one
    put back from a backup, has the same. Of files larger than 1 MB the first, the middle and the last 64 kB stand for
    the content. Hidden files, and those that are neither pictures nor IDX, do not count. 60,000 small pictures take
    some seconds the first time, in this process; then a fifth of a second, for those whose size and time are as they
    were are not read again. Empty for a data set known by name, and for a folder that is not there.
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


# Where it is asked for often


def recent_fingerprint(dataset: str) -> str:
    """The same, not made anew as long as no folder has changed: a few system calls, for what a page asks many times a
    second. A picture overwritten in place is not seen."""
    return "" if dataset in DATASETS else _fingerprint_at(dataset, folder_times(dataset))


@lru_cache(maxsize=64)
def _fingerprint_at(dataset: str, times: tuple[tuple[object, ...], ...]) -> str:
    return fingerprint(dataset)


def folder_times(dataset: str) -> tuple[tuple[object, ...], ...]:
    """When the folder, its folders and their folders were changed, and IDX files beside them."""
    return tuple(_folder_times(dataset))


def _folder_times(dataset: str) -> Iterator[tuple[object, ...]]:
    yield _facts(Path(dataset))
    for entry in _entries(dataset):
        if entry.is_dir() or "idx" in entry.name:  # a flat folder's own time tells of its pictures
            yield entry.name, *_facts(Path(entry.path))
        if entry.is_dir() and not entry.name.isdecimal():  # as train/ and test/, which hold the folders of classes
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
