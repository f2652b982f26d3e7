"""What a folder of own data holds: told in one summary before anything is trained on it, on the page and in the terminal alike.
Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np

from gencmp.data.arrays import TEST_SHARE, UNLABELLED, Labelled, together
from gencmp.data.folders import PICTURES
from gencmp.data.walk import Listing
from gencmp.errors import DataError

NAMED = 10  # files are named one by one up to so many
ON_SHEET = 40  # pictures of a contact sheet, but one of each class at least
EACH = 8  # of a class, at most
UNREADABLE, BLANK, ASIDE = "cannot be read", "blank", "beside the folders to train on and to test with"
ARCHIVES = (".zip", ".tar", ".tgz", ".rar", ".7z")


@dataclass(frozen=True)
class Survey:
    """One folder of own data.

    counts:   how many pictures have each label, by its number.
    left_out: why -> the names of the files, below the folder.
    copies:   pictures that are the same, pixel for pixel, as another.
    unopened: pictures that were counted and not looked into, for want of time; the figures above know nothing of them.
    notes:    whole sentences on what was found and what was made of it.
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
        """Sentences, the most needed first; none where four IDX files are just as MNIST's are."""
        found = [left_out_words(self.left_out)] if self.left_out else []
        found += self.notes
        if self.copies:
            found.append(
                f"{count_of(self.copies, 'picture is a copy', 'pictures are copies')} of another one, pixel for pixel;"
                " the test set may hold pictures that are trained on."
            )
        if self.unlabelled and self.present:
            found.append(f"{count_of(self.unlabelled, 'picture has', 'pictures have')} no label: in no class's folder.")
        if self.unopened:
            looked = self.pictures - self.unopened
            found.append(
                f"{looked:,} of the {self.pictures:,} pictures were looked into; the rest will be when training starts."
            )
        return tuple(found)

    def class_words(self) -> str:
        """ "0 (120), 1 (98)" """
        return ", ".join(f"{self.classes[label]} ({self.counts[label]:,})" for label in self.present)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"headline": self.headline(), "remarks": list(self.remarks())}


@dataclass(frozen=True)
class OwnData:
    """train, test: what can be used of it, in the order to train in. survey: what was found, and left out."""

    train: Labelled
    test: Labelled
    survey: Survey

    def sheet(self) -> list[Strip]:
        """A contact sheet of the pictures as they were read."""
        return contact_sheet(together(self.train, self.test), self.survey.classes)


# Words


def left_out_words(left_out: Mapping[str, Sequence[str]]) -> str:
    """ "Left out: 2 pictures: cannot be read (3/a.png, 3/b.png); ..." """
    return f"Left out: {'; '.join(f'{len(names):,} {why} ({listed(names)})' for why, names in left_out.items())}."


def split_off_words(tests: int) -> str:
    return f"Test set: {count_of(tests, 'picture')}, one in {TEST_SHARE}, the same ones every time; none is given."


def listed(names: Sequence[str]) -> str:
    """The first ten, and how many more."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def count_of(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def folder_notes(listing: Listing, others: Sequence[str], several: Sequence[str] = ()) -> tuple[str, ...]:
    """What else lies in the folder. others: files that are no pictures; several: those that hold more than the one read."""
    notes = []
    if several:
        words = count_of(len(several), "file holds", "files hold")
        notes.append(f"{words} several pictures, of which the first is read: {listed(several)}.")
    if others:
        notes.append(f"{count_of(len(others), 'file is', 'files are')} not read: {listed(others)}.")
    if listing.empty:
        notes.append(f"{count_of(len(listing.empty), 'folder is', 'folders are')} empty: {listed(listing.empty)}.")
    if listing.closed:
        notes.append(
            f"{count_of(len(listing.closed), 'folder or file', 'folders and files')} cannot be opened: {listed(listing.closed)}."
        )
    return tuple(notes)


def refuse_few(listing: Listing, usable: int, left_out: Mapping[str, Sequence[str]], others: Sequence[str]) -> None:
    """Raise DataError where there are too few pictures, saying what there is instead. others: files that are no pictures."""
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
    """Some pictures of one class, uint8 [n, 28, 28]; label UNLABELLED and an empty name for those without."""

    label: int
    name: str
    images: np.ndarray


def contact_sheet(every: Labelled, classes: Sequence[str]) -> list[Strip]:
    """The first few pictures of each class, as they were read, in the order of the labels."""
    there = sorted(set(every.labels.tolist()))
    each = ON_SHEET if len(there) == 1 else max(1, min(EACH, ON_SHEET // max(1, len(there))))
    names = {label: classes[label] if label < len(classes) else "" for label in there}
    return [Strip(label, names[label], every.images[every.labels == label][:each]) for label in there]
