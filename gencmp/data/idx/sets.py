"""Finds the IDX files of one data set in a folder, under any of their usual names. Imports no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from gencmp.data.class_names import EMNIST, OF_DATASETS
from gencmp.data.classes import TEN_DIGITS
from gencmp.data.folders import PICTURES
from gencmp.data.idx.files import GZIP, decompressed
from gencmp.data.walk import File, Listing, shown
from gencmp.errors import DataError

Role = tuple[str, str]  # ("train" or "test", "images" or "labels")


@dataclass(frozen=True)
class IdxSet:
    """The files of one data set; training images are always among them.

    stem:    the common start of the names, such as "emnist-letters" or "qmnist"; empty for MNIST's own names.
    folders: from the chosen folder down to the files.
    """

    files: dict[Role, File]
    stem: str
    folders: tuple[str, ...]

    @property
    def is_emnist(self) -> bool:
        return "emnist" in self.stem

    def class_names(self, root_name: str, highest: int) -> tuple[str, ...]:
        """The names of labels 0 to `highest`: those of a known data set, recognised by its file and folder names; else the
        numbers."""
        where = "/".join((root_name, *self.folders, self.stem)).casefold()
        known: tuple[str, ...] = ()
        if self.is_emnist:
            known = EMNIST.get(self.stem.split("emnist")[-1].strip("-_. "), ())
        elif "fashion" in where:
            known = OF_DATASETS["fashion-mnist"]
        elif "kmnist" in where or "kuzushiji" in where:
            known = OF_DATASETS["kmnist"]
        return next(names for names in (known, TEN_DIGITS, tuple(map(str, range(highest + 1)))) if highest < len(names))


def find_set(listing: Listing) -> IdxSet | None:
    """The data set of IDX files in a folder; None when there is none.

    Of several data sets, the one with the most files, as the others may be copies of single files. Raises DataError,
    naming them, when several have the most files, and when there are labels without training images.
    """
    sets: dict[tuple[tuple[str, ...], str], dict[Role, File]] = {}
    for file in sorted(filter(_is_idx, listing.files), key=_preference):
        role, stem = _role(file)
        sets.setdefault((file.folders, stem), {}).setdefault(role, file)
    if not sets:
        return None
    file_count = max(map(len, sets.values()))
    fullest = {where: files for where, files in sets.items() if len(files) == file_count}
    if len(fullest) > 1:
        fullest = _joined(fullest) or _refuse_several(listing, fullest)
    [((folders, stem), files)] = fullest.items()
    if ("train", "images") not in files:
        if any(file.ending in PICTURES for file in listing.files):
            return None
        names = ", ".join(file.name for file in files.values())
        raise DataError(
            f"{listing.root} holds {names}, but no pictures to train on: add a file such as train-images-idx3-ubyte."
        )
    return IdxSet(files, stem, folders)


def _is_idx(file: File) -> bool:
    named = may_be_idx(file.base)
    return file.ending not in PICTURES and named and (_is_surely(file) or _starts_as_idx(file))


def may_be_idx(name: str) -> bool:
    """Whether this could be the name of an IDX file of pictures or labels; only the content is conclusive."""
    return re.search(r"image|label|idx[123]", name.casefold()) is not None


def _is_surely(file: File) -> bool:
    """Whether the name says that this is an IDX file. If it turns out to be something else, such as a web page, that is an
    error."""
    return re.search(r"idx[123]|ubyte", file.base.casefold()) is not None


def _starts_as_idx(file: File) -> bool:
    """Whether the first bytes are an IDX header, for names that are not conclusive."""
    try:
        with open(file.path, "rb") as opened:
            start = opened.read(4)
        start = decompressed(file.path)[:4] if start.startswith(GZIP) else start
    except (OSError, DataError):
        return False
    return len(start) == 4 and start[:2] == b"\0\0" and 8 <= start[2] <= 14 and 1 <= start[3] <= 4


def _preference(file: File) -> tuple[bool, bool, int, str]:
    """A sort key for copies of one file: first those that are not compressed and have no " (1)" from a browser."""
    name = file.base
    return not _is_surely(file), ".gz" in name.casefold(), len(name), name


def _role(file: File) -> tuple[Role, str]:
    name = file.base.casefold()
    what = "labels" if "label" in name or "idx1" in name else "images"
    part = "test" if re.search(r"t10k|test", name) else "train"
    stem = re.split(r"t10k|test|train|image|label|idx", name)[0].rstrip("-_. ")
    return (part, what), stem


def _joined(
    sets: dict[tuple[tuple[str, ...], str], dict[Role, File]],
) -> dict[tuple[tuple[str, ...], str], dict[Role, File]]:
    """Join sets in different folders that have no file in common, as when each of four files was unpacked into its own
    folder; {} when they cannot be joined."""
    stems = {stem for _, stem in sets}
    roles = [role for files in sets.values() for role in files]
    if len(stems) > 1 or len(set(roles)) < len(roles):
        return {}
    return {((), stems.pop()): {role: file for files in sets.values() for role, file in files.items()}}


def _refuse_several(listing: Listing, sets: dict[tuple[tuple[str, ...], str], dict[Role, File]]) -> NoReturn:
    first = sorted(min((file.name for file in files.values()), key=len) for files in sets.values())
    raise DataError(
        f"{listing.root} holds {len(sets)} data sets of IDX files ({_some(first)})."
        " Choose the folder of one of them, or put its files into a folder of their own."
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(shown, names[:4])) + (", ..." if len(names) > 4 else "")
