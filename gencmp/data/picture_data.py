"""Reads a user's own data from folders of pictures and splits it into training and test set. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gencmp.data.arrays import (
    SIDE,
    TEST_SHARE,
    UNLABELLED,
    Labelled,
    ReportStatus,
    round_robin,
    shuffled,
    split_off_test,
)
from gencmp.data.folders import PICTURES, Sorted, sort_pictures
from gencmp.data.own_pictures import read_first
from gencmp.data.survey import (
    ASIDE,
    BLANK,
    UNREADABLE,
    OwnData,
    Survey,
    copies_among,
    counted,
    folder_notes,
    refuse_too_few,
    split_off_words,
)
from gencmp.data.walk import Listing
from gencmp.errors import DataError

NO_LABELS = "No labels: to add them, put the pictures of each class into a folder named after it, such as 3."


def from_pictures(listing: Listing, progress: ReportStatus, enough: Callable[[], bool]) -> OwnData:
    """See own_data.read_own."""
    found = sort_pictures(listing)
    opened, faults, several = _open(listing, found, progress, enough)
    left_out = _left_out(found, faults)
    others = [file.name for file in listing.files if file.ending not in PICTURES]
    usable = [index for index in range(len(found.files)) if index not in faults]
    refuse_too_few(listing, len(usable), left_out, others)
    if found.aside:
        left_out[ASIDE] = tuple(file.name for file in found.aside)

    rows = sorted(opened)
    images = np.array([opened[row] for row in rows], np.uint8).reshape(-1, SIDE, SIDE)
    every = Labelled(images, np.array(found.labels, np.uint8)[rows])
    train, test = _split(every, [found.parts[row] for row in rows])
    notes = [*found.notes, *([] if found.classes else [NO_LABELS]), *folder_notes(listing, others, several)]
    if "test" in found.parts:
        tests = sum(found.parts[index] == "test" for index in usable)
    else:
        tests = max(1, len(usable) // TEST_SHARE)
        notes.insert(0, split_off_words(tests))
    labels = [found.labels[index] for index in usable]
    survey = Survey(
        listing.root.name, len(usable) - tests, tests, found.classes, counted(labels, found.classes), labels.count(UNLABELLED),
        left_out, copies_among(images), len(usable) - len(opened), tuple(notes),
    )  # fmt: skip
    return OwnData(train, test, survey)


def _open(
    listing: Listing, found: Sorted, progress: ReportStatus, enough: Callable[[], bool]
) -> tuple[dict[int, np.ndarray], dict[int, str], list[str]]:
    """(index of each file that was read -> its picture; index of each unusable file -> the reason; names of the files with
    several pictures, of which only the first was read)"""
    opened: dict[int, np.ndarray] = {}
    faults: dict[int, str] = {}
    several: list[str] = []
    for done, index in enumerate(round_robin(found.labels)):
        if done % 100 == 0:
            progress(f"Reading {listing.root.name}: {done:,} of {len(found.files):,} pictures")
        try:
            image, is_first = read_first(found.files[index].path)
        except DataError:
            faults[index] = UNREADABLE
        else:
            if image.min() == image.max():
                faults[index] = BLANK
            else:
                opened[index] = image
                several += [found.files[index].name] if is_first else []
        if enough():
            break
    return opened, faults, sorted(several)


def _left_out(found: Sorted, faults: dict[int, str]) -> dict[str, tuple[str, ...]]:
    """Reason -> the names of the files."""
    return {
        why: tuple(found.files[index].name for index in sorted(faults) if faults[index] == why)
        for why in (UNREADABLE, BLANK)
        if why in faults.values()
    }


def _split(every: Labelled, parts: Sequence[str]) -> tuple[Labelled, Labelled]:
    if "test" not in parts:
        return split_off_test(every)
    order = shuffled(len(parts))
    is_test = (np.array(parts) == "test")[order]
    return every.rows(order[~is_test]), every.rows(order[is_test])
