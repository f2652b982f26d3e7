"""A summary of a user's data folder, shown before training, on the page and in the terminal. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from gencmp.data.arrays import TEST_SHARE, UNLABELLED, Labelled, concatenated
from gencmp.data.folders import PICTURES
from gencmp.data.walk import Listing
from gencmp.errors import DataError

MAX_LISTED = 10  # files listed by name
ON_SHEET = 40  # pictures on a contact sheet, but at least one of each class
MAX_PER_CLASS = 8  # pictures on a contact sheet
UNREADABLE, BLANK, ASIDE = "cannot be read", "blank", "outside of the train and test folders"
ARCHIVES = (".zip", ".tar", ".tgz", ".rar", ".7z")


@dataclass(frozen=True)
class Survey:
    """A summary of one folder.

    counts:   how many pictures have each label, by its number.
    left_out: reason -> the names of the files, relative to the folder.
    copies:   pictures that are identical to another, pixel for pixel.
    unopened: pictures that were counted but not read for lack of time; `left_out` and `copies` do not cover them.
    notes:    sentences on what was found and changed.
    """

    name: str
    train: int
    test: int
    classes: tuple[str, ...]
    counts: tuple[int, ...]
    unlabelled: int
    left_out: Mapping[str, tuple[str, ...]]
    copies: int
    unopened: int
    notes: tuple[str, ...]

    @property
    def pictures(self) -> int:
        return self.train + self.test

    @property
    def present(self) -> tuple[int, ...]:
        """The labels that at least one picture has."""
        return tuple(label for label, count in enumerate(self.counts) if count)

    def headline(self) -> str:
        """ "2,062 pictures, 10 classes, 3 left out" """
        out = sum(map(len, self.left_out.values()))
        parts = [count_of(self.pictures, "picture"), count_of(len(self.present), "class", "classes")]
        parts[1:] = parts[1:] if self.present else ["no labels"]
        return ", ".join([*parts, f"{out:,} left out"] if out else parts)

    def remarks(self) -> tuple[str, ...]:
        """Sentences, the most important first; none for four IDX files in MNIST's own format."""
        found = [left_out_words(self.left_out)] if self.left_out else []
        found += self.notes
        if self.copies:
            found.append(
                f"{count_of(self.copies, 'picture is a copy', 'pictures are copies')} of another one, pixel for pixel;"
                " the test set may contain training pictures."
            )
        if self.unlabelled and self.present:
            words = count_of(self.unlabelled, "picture has", "pictures have")
            found.append(f"{words} no label: outside of the class folders.")
        if self.unopened:
            read = self.pictures - self.unopened
            found.append(
                f"{read:,} of the {self.pictures:,} pictures were read; the others will be when training starts."
            )
        return tuple(found)

    def class_words(self) -> str:
        """ "0 (120), 1 (98)" """
        return ", ".join(f"{self.classes[label]} ({self.counts[label]:,})" for label in self.present)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"headline": self.headline(), "remarks": list(self.remarks())}


@dataclass(frozen=True)
class OwnData:
    """train, test: the usable pictures, in training order. survey: what was found and left out."""

    train: Labelled
    test: Labelled
    survey: Survey

    def sheet(self) -> list[Strip]:
        """A contact sheet of the pictures as they were read."""
        return contact_sheet(concatenated(self.train, self.test), self.survey.classes)


# Words


def left_out_words(left_out: Mapping[str, Sequence[str]]) -> str:
    """ "Left out: 2 cannot be read (3/a.png, 3/b.png); ..." """
    return f"Left out: {'; '.join(f'{len(names):,} {why} ({listed(names)})' for why, names in left_out.items())}."


def split_off_words(tests: int) -> str:
    return f"Test set: {count_of(tests, 'picture')}, one in {TEST_SHARE}, always the same ones, as the folder has no test set."


def listed(names: Sequence[str]) -> str:
    """The first MAX_LISTED names, and the number of the others."""
    more = f" and {len(names) - MAX_LISTED:,} more" if len(names) > MAX_LISTED else ""
    return ", ".join(names[:MAX_LISTED]) + more


def count_of(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def folder_notes(listing: Listing, others: Sequence[str], several: Sequence[str] = ()) -> tuple[str, ...]:
    """Notes on what else is in the folder. others: files that are not pictures; several: files with several pictures."""
    notes = []
    if several:
        words = count_of(len(several), "file holds", "files hold")
        notes.append(f"{words} several pictures, of which only the first is read: {listed(several)}.")
    if others:
        notes.append(f"{count_of(len(others), 'file is', 'files are')} not read: {listed(others)}.")
    if listing.empty:
        notes.append(f"{count_of(len(listing.empty), 'folder is', 'folders are')} empty: {listed(listing.empty)}.")
    if listing.closed:
        notes.append(
            f"{count_of(len(listing.closed), 'folder or file', 'folders and files')} cannot be opened: {listed(listing.closed)}."
        )
    return tuple(notes)


def refuse_too_few(listing: Listing, usable: int, left_out: Mapping[str, Sequence[str]], others: Sequence[str]) -> None:
    """Raise DataError when there are too few pictures, listing what else was found. others: files that are not pictures."""
    if usable >= TEST_SHARE:
        return
    words = [
        f"{listing.root} holds {usable} pictures; wanted at least {TEST_SHARE}, or the four IDX files."
        f" Pictures may be {', '.join(sorted(ending[1:] for ending in PICTURES))}."
    ]
    if left_out:
        words.append(left_out_words(left_out))
    if others:
        words.append(f"Not read: {listed(others)}.")
    if any(name.lower().endswith(ARCHIVES) for name in others):
        words.append("Unpack the archive first.")
    raise DataError(" ".join(words))


# Counts


def copies_among(images: np.ndarray) -> int:
    return len(images) - len({image.tobytes() for image in images})


def counted(labels: Iterable[int], classes: Sequence[str]) -> tuple[int, ...]:
    return tuple(np.bincount([label for label in labels if label != UNLABELLED], minlength=len(classes)).tolist())


# The contact sheet


class Strip(NamedTuple):
    """Some pictures of one class, uint8 [n, 28, 28]; for pictures without a class, label UNLABELLED and name ""."""

    label: int
    name: str
    images: np.ndarray


def contact_sheet(every: Labelled, classes: Sequence[str]) -> list[Strip]:
    """The first few pictures of each class, as they were read, in label order."""
    there = sorted(set(every.labels.tolist()))
    each = ON_SHEET if len(there) == 1 else max(1, min(MAX_PER_CLASS, ON_SHEET // max(1, len(there))))
    names = {label: classes[label] if label < len(classes) else "" for label in there}
    return [Strip(label, names[label], every.images[every.labels == label][:each]) for label in there]
