"""Read a whole data set into numpy arrays: the shipped MNIST, as it is or shifted, a downloaded relative of it, or a user's own folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gencmp.data.arrays import ReportStatus, no_status
from gencmp.data.class_names import OF_DATASETS
from gencmp.data.classes import TEN_DIGITS
from gencmp.data.fingerprint import fingerprint
from gencmp.data.own_data import read_own
from gencmp.data.shipped import read_shipped
from gencmp.files import home
from gencmp.settings.configs import SHIFTED_DATA, SHIPPED_DATA, TORCHVISION_DATA
from gencmp.settings.own_folder import folder_here

Pair = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Pictures:
    """As `digits.Digits`, but arrays: images uint8 [n, 28, 28] or [n, 784], and labels uint8 [n]. What is sent to another
    computer."""

    name: str
    train: Pair
    test: Pair
    classes: tuple[str, ...] = TEN_DIGITS
    fingerprint: str = ""
    summary: str = ""
    remarks: str = ""


def read_pictures(dataset: str, cache: Path | None = None, progress: ReportStatus = no_status) -> Pictures:
    """cache: the folder for downloads, by default `data` in the folder of the runs. Raises DataError."""
    if dataset in (SHIPPED_DATA, SHIFTED_DATA):
        return Pictures(dataset, read_shipped("train", dataset), read_shipped("test", dataset))
    if dataset in TORCHVISION_DATA:
        from gencmp.data.downloads import fetch  # needs torch

        train, test = fetch(dataset, cache or home() / "data", progress)
        return Pictures(dataset, _arrays(train), _arrays(test), OF_DATASETS[dataset])
    return read_folder(folder_here(dataset), progress)


def _arrays(pair: tuple[object, object]) -> Pair:
    images, labels = (np.asarray(each) for each in pair)
    return images, labels


def read_folder(folder: Path, progress: ReportStatus = no_status) -> Pictures:
    """A user's own data (see own_data.read_own), with the folder's fingerprint and a summary of what was read. Raises
    DataError."""
    # before reading, so that a file added in the meantime counts as a change
    fingerprint_before = fingerprint(str(folder)) if folder.is_dir() else ""
    own = read_own(folder, progress)
    return Pictures(
        folder.name, own.train, own.test, own.survey.classes, fingerprint_before,
        own.survey.headline(), " ".join(own.survey.remarks()),
    )  # fmt: skip
