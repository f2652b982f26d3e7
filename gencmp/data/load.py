"""Load a config's data set into memory, as tensors: see read.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from gencmp.data.arrays import ReportStatus, no_status
from gencmp.data.digits import Digits, Split, choose
from gencmp.data.read import Pictures, read_folder, read_pictures
from gencmp.settings.configs import Config

_given: dict[str, Digits] = {}


def load(config: Config, cache: Path | None = None, progress: ReportStatus = no_status) -> Digits:
    """The config's data set, reduced to its `classes` and `limit`.

    cache: the folder for downloads, by default `data` in the folder of the runs.
    Raises DataError when the data cannot be downloaded or read, or no pictures are left after the reduction.
    """
    digits = _given.get(config.dataset) or tensors_of(read_pictures(config.dataset, cache, progress))
    return choose(digits, config.classes, config.limit)


def load_folder(folder: Path, progress: ReportStatus = no_status) -> Digits:
    """A user's own data, see read.read_folder. Raises DataError."""
    return tensors_of(read_folder(folder, progress))


def give(dataset: str, digits: Digits) -> None:
    """From now on, this process has this data set from elsewhere, and does not look for it on its disk."""
    _given.clear()  # one at a time: a process on a cluster trains on many, one after the other
    _given[dataset] = digits


def tensors_of(pictures: Pictures) -> Digits:
    return Digits(
        pictures.name, _split(*pictures.train), _split(*pictures.test), pictures.classes, pictures.fingerprint,
        pictures.summary, pictures.remarks,
    )  # fmt: skip


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    # what has come from another computer cannot be written to, which torch wants
    images, labels = (np.require(each, requirements=["C", "W"]) for each in (images, labels))
    return Split(torch.from_numpy(images.reshape(len(images), -1)), torch.from_numpy(labels))
