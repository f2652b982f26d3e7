"""Reads a user's own data from IDX files, and notes every change made to the pictures. Imports no torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gencmp.data.arrays import UNLABELLED, Labelled, ReportStatus, concatenated, split_off_test
from gencmp.data.folders import PICTURES
from gencmp.data.idx.files import decompressed, parse_idx
from gencmp.data.idx.sets import IdxSet, find_set
from gencmp.data.idx.values import as_bytes, as_labels, fitted, light_on_dark, shaped, sideways_warning
from gencmp.data.survey import BLANK, OwnData, Survey, copies_among, counted, listed, refuse_too_few, split_off_words
from gencmp.data.walk import Listing
from gencmp.errors import DataError


def from_idx(listing: Listing, progress: ReportStatus) -> OwnData | None:
    """See own_data.read_own; None when the folder holds no IDX files."""
    found = find_set(listing)
    if found is None:
        return None
    progress(f"Reading {listing.root.name}")
    parts = [part for part in ("train", "test") if (part, "images") in found.files]
    paths = [found.files[part, "images"].path for part in parts]
    images, notes = _images(paths, found.is_emnist, progress)
    labels = [_labels(found, part, len(pictures), notes) for part, pictures in zip(parts, images, strict=True)]
    if found.is_emnist and "letters" in found.stem:  # EMNIST letters are numbered from 1
        labels = [np.where(each == UNLABELLED, UNLABELLED, each - 1).astype(np.uint8) for each in labels]

    left_out: dict[str, tuple[str, ...]] = {}
    whole = [_without_blank(Labelled(*each), path, left_out) for *each, path in zip(images, labels, paths, strict=True)]
    refuse_too_few(listing, sum(len(part.labels) for part in whole), left_out, [])
    if len(whole) == 1:
        whole = list(split_off_test(whole[0]))
        notes.append(split_off_words(len(whole[1].labels)))
    every = concatenated(*whole)
    return OwnData(whole[0], whole[1], _survey(listing, found, whole, every, left_out, notes))


def _survey(
    listing: Listing,
    found: IdxSet,
    parts: list[Labelled],
    every: Labelled,
    left_out: dict[str, tuple[str, ...]],
    notes: list[str],
) -> Survey:
    known = every.labels[every.labels != UNLABELLED].tolist()
    classes = found.class_names(listing.root.name, max(known)) if known else ()
    notes += ["No labels."] if not known else [] if found.is_emnist else sideways_warning(known)
    if pictures := [file.name for file in listing.files if file.ending in PICTURES]:
        notes.append(f"Pictures in the same folder as the IDX files are not read: {listed(pictures)}.")
    return Survey(
        listing.root.name, len(parts[0].labels), len(parts[1].labels), classes, counted(known, classes), len(every.labels) - len(known),
        left_out, copies_among(every.images), 0, tuple(notes),
    )  # fmt: skip


def _images(paths: list[Path], is_emnist: bool, progress: ReportStatus) -> tuple[list[np.ndarray], list[str]]:
    """Pictures uint8 [n, 28, 28] of the training set and, if there is one, of the test set; and notes on their changes."""
    parts = [shaped(parse_idx(decompressed(path), path), path) for path in paths]
    sizes = {part.shape[1:] for part in parts}
    if len(sizes) > 1:
        raise DataError(
            f"{paths[1]}: found pictures of {_size(parts[1])}, wanted {_size(parts[0])}, as in {paths[0].name}."
        )
    if not all(map(len, parts)):
        raise DataError(f"{paths[0].parent} holds IDX files with 0 pictures. Download the files again.")
    notes: list[str] = []
    if is_emnist:
        parts = [part.transpose(0, 2, 1) for part in parts]
        notes.append("EMNIST's pictures, which are transposed in its files, were turned upright.")
    for step in (lambda p: as_bytes(p, paths[0]), light_on_dark, lambda p: fitted(p, progress)):
        parts, more = step(parts)
        notes += more
    return parts, notes


def _size(part: np.ndarray) -> str:
    return f"{part.shape[2]} x {part.shape[1]}"


def _labels(found: IdxSet, part: str, count: int, notes: list[str]) -> np.ndarray:
    if (part, "labels") not in found.files:
        return np.full(count, UNLABELLED, np.uint8)
    path = found.files[part, "labels"].path
    labels, more = as_labels(parse_idx(decompressed(path), path), path)
    notes += [words for words in more if words not in notes]
    if len(labels) != count:
        images = found.files[part, "images"].path.name
        raise DataError(f"{path}: {len(labels)} labels for {count} pictures in {images}. Download both files again.")
    return labels


def _without_blank(part: Labelled, path: Path, left_out: dict[str, tuple[str, ...]]) -> Labelled:
    flat = part.images.reshape(len(part.images), -1)
    blank = flat.min(1) == flat.max(1)
    if blank.any():
        names = tuple(f"{path.name} no. {row + 1:,}" for row in np.flatnonzero(blank))
        left_out[BLANK] = left_out.get(BLANK, ()) + names
    return part.rows(~blank)
