"""Sorts the pictures in a user's folders into training and test set, and by class. Imports no torch."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PIL import features

from gencmp.data.arrays import UNLABELLED
from gencmp.data.class_names import class_level, name_classes
from gencmp.data.walk import File, Listing, shown

PICTURES = {
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pbm", ".pnm",
    *([".avif"] if features.check("avif") else []),
}  # fmt: skip
PARTS = {
    "train": {"train", "training"},
    "test": {"test", "testing", "t10k"},
    "valid": {"valid", "validation", "val"},
}
Folders = tuple[str, ...]


@dataclass(frozen=True)
class Sorted:
    """The pictures of a folder.

    parts:   for each picture "train" or "test", or "" where the folders do not determine it.
    labels:  for each picture; UNLABELLED where it is not in the folder of a class.
    classes: the name of each label.
    aside:   pictures outside of the train and test folders, which are not used.
    notes:   sentences on how the test set was determined.
    """

    files: tuple[File, ...]
    parts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    aside: tuple[File, ...]
    notes: tuple[str, ...]


def sort_pictures(listing: Listing) -> Sorted:
    """Raises DataError when there would be more than MAX_CLASSES classes."""
    pictures = [file for file in listing.files if file.ending in PICTURES]
    part_folders = _part_folders({file.folders for file in pictures})
    placed = [(file, *_place(file.folders, part_folders)) for file in pictures]
    aside = tuple(file for file, part, _ in placed if not part and part_folders)
    kept = [each for each in placed if each[1] or not part_folders]
    classes, labels = _label([folders for _, _, folders in kept])
    parts, notes = _two_parts([part for _, part, _ in kept], part_folders)
    return Sorted(tuple(file for file, _, _ in kept), parts, labels, classes, aside, notes)


# Train and test


def part_of(name: str) -> str:
    """ "train", "test" or "valid" for a folder with such a name (testing, mnist_test, testSet); "" for any other."""
    words = re.findall(r"t10k|[A-Z]?[a-z]+|[A-Z]+", name)
    return next((part for part, known in PARTS.items() for word in words if word.lower() in known), "")


def _part_folders(paths: Collection[Folders]) -> dict[Folders, str]:
    """Train folders that have a test or validation folder next to them, and those: {("mnist_png", "testing"): "test", ...}"""
    every = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    named = {path: part for path in every if (part := part_of(path[-1]))}
    siblings = {path: {part for other, part in named.items() if other[:-1] == path[:-1]} for path in named}
    return {path: part for path, part in named.items() if "train" in siblings[path] and len(siblings[path]) > 1}


def _place(path: Folders, part_folders: dict[Folders, str]) -> tuple[str, Folders]:
    """The part that a picture in this folder belongs to, and its path without the part's folder."""
    for depth in range(1, len(path) + 1):
        if part := part_folders.get(path[:depth]):
            return part, tuple(name for name in path if name != path[depth - 1])
    return "", path


def _two_parts(parts: Sequence[str], part_folders: dict[Folders, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The final part of each picture, and notes. Validation pictures become the test set when there is no other; else they
    are used for training."""
    if not part_folders:
        return tuple(parts), ()
    train, test, valid = (_names(part_folders, part) for part in PARTS)
    if "test" not in parts:
        return tuple("test" if part == "valid" else part for part in parts), (_given(parts.count("valid"), valid),)
    notes = [_given(parts.count("test"), test)]
    if "valid" in parts:
        notes.append(f"{_pictures(parts.count('valid'))} in {valid}: used for training, like those in {train}.")
    return tuple("train" if part == "valid" else part for part in parts), tuple(notes)


def _given(count: int, where: str) -> str:
    return f"Test set: the {_pictures(count)} in {where}."


def _pictures(count: int) -> str:
    return f"{count:,} picture{'s' if count != 1 else ''}"


def _names(part_folders: dict[Folders, str], part: str) -> str:
    found = sorted(shown("/".join(path)) + "/" for path, each in part_folders.items() if each == part)
    return found[0] if len(found) == 1 else f"folders named {part}"


# Classes


def _label(paths: Sequence[Folders]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The name of each label, and the label of each picture."""
    levels = {depth: class_level({path for path in paths if len(path) == depth}) for depth in set(map(len, paths))}
    folders = [None if (level := levels[len(path)]) is None else path[level] for path in paths]
    named = {folder for folder in folders if folder is not None}
    if not named:
        return (), (UNLABELLED,) * len(paths)
    classes, labels = name_classes(named)
    return tuple(map(shown, classes)), tuple(UNLABELLED if folder is None else labels[folder] for folder in folders)
