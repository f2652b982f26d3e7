"""Folders of a user's own pictures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch

from gencmp.data.digits import SIDE, UNLABELLED, Digits, Split
from gencmp.data.idx import IDX, load_idx
from gencmp.data.own_pictures import read_picture
from gencmp.errors import DataError

PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}
TEST_SHARE = 7  # of a user's own pictures one in seven tests, as in MNIST
Progress = Callable[[str], None]  # told in words: "Reading letters: 500 of 2,062 pictures"


def load_folder(folder: Path, progress: Progress = lambda words: None) -> Digits:
    """A folder of the four IDX files, or of pictures of any size; a picture's label is the digit its folder is named by.

    Pictures without a label are taken too. One in seven is kept for testing, the same ones every time.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder. Give the whole path of a folder of IDX files or of pictures.")
    if any((folder / f"{IDX['train'][0]}{end}").exists() for end in ("", ".gz")):
        return load_idx(folder, folder.name)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURES and path.is_file())
    if len(paths) < TEST_SHARE:
        raise DataError(
            f"{folder} holds {len(paths)} pictures; wanted at least {TEST_SHARE}, or the four IDX files. "
            f"Pictures may be {', '.join(sorted(p[1:] for p in PICTURES))}."
        )
    images = np.empty((len(paths), SIDE * SIDE), np.uint8)
    for index, path in enumerate(paths):
        images[index] = read_picture(path).ravel()
        if index % 500 == 0:
            progress(f"Reading {folder.name}: {index} of {len(paths)} pictures")
    labels = np.array([_label(path, folder) for path in paths], np.uint8)
    order = np.random.default_rng(0).permutation(len(paths))  # folders are sorted by class, batches should not be
    cut = max(1, len(paths) // TEST_SHARE)
    test, train = order[:cut], order[cut:]
    take = partial(_take, images, labels)
    return Digits(folder.name, take(train), take(test))


def _take(images: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Split:
    return Split(torch.from_numpy(images[rows]), torch.from_numpy(labels[rows]))


def _label(path: Path, folder: Path) -> int:
    names = [part for part in path.relative_to(folder).parts[:-1] if part.isdecimal() and int(part) < 10]
    return int(names[-1]) if names else UNLABELLED
