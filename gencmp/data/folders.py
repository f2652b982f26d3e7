"""Folders of pictures: which of their files are pictures, to train on or to test with, and of which class. Imports no torch."""

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

    parts:   of each picture "train" or "test", or "" where the folder makes no difference.
    labels:  of each picture, UNLABELLED where it is in no class's folder.
    classes: the name of each label.
    aside:   pictures beside the folders to train on and to test with, which belong to neither.
    """

    files: tuple[File, ...]
    parts: tuple[str, ...]
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    aside: tuple[File, ...]
    notes: tuple[str, ...]


def sort_pictures(listing: Listing) -> Sorted:
    """Raises DataError when the folders would be more classes than can be told apart."""
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
    """ "train", "test" or "valid" for a folder named so: testing, mnist_test, testSet; empty for any other."""
    words = re.findall(r"t10k|[A-Z]?[a-z]+|[A-Z]+", name)
    return next((part for part, known in PARTS.items() for word in words if word.lower() in known), "")


def _part_folders(paths: Collection[Folders]) -> dict[Folders, str]:
    """Those to train on that have one to test with beside them, and these: {("mnist_png", "testing"): "test", ...}"""
    every = {path[:depth] for path in paths for depth in range(1, len(path) + 1)}
    named = {path: part for path in every if (part := part_of(path[-1]))}
    beside = {path: {part for other, part in named.items() if other[:-1] == path[:-1]} for path in named}
    return {path: part for path, part in named.items() if "train" in beside[path] and len(beside[path]) > 1}


def _place(path: Folders, part_folders: dict[Folders, str]) -> tuple[str, Folders]:
    """Which part a picture in this folder is of, and its folders without the part's."""
    for depth in range(1, len(path) + 1):
        if part := part_folders.get(path[:depth]):
            return part, tuple(name for name in path if name != path[depth - 1])
    return "", path


def _two_parts(parts: Sequence[str], part_folders: dict[Folders, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Pictures to validate with test where there are none to test with, else they are trained on; and all this in words."""
    if not part_folders:
        return tuple(parts), ()
    train, test, valid = (_names(part_folders, part) for part in PARTS)
    if "test" not in parts:
        return tuple("test" if part == "valid" else part for part in parts), (_given(parts.count("valid"), valid),)
    notes = [_given(parts.count("test"), test)]
    if "valid" in parts:
        notes.append(f"{_pictures(parts.count('valid'))} in {valid}: trained on, with those in {train}.")
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
