"""Load a config's data set into memory: the shipped MNIST, a downloaded relative of it, or a user's own folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from gencmp.data.arrays import ReportStatus, no_status
from gencmp.data.class_names import OF_DATASETS
from gencmp.data.digits import Digits, Split, choose
from gencmp.data.downloads import fetch
from gencmp.data.fingerprint import fingerprint
from gencmp.data.own_data import read_own
from gencmp.data.shipped import read_shipped
from gencmp.files import home
from gencmp.settings.configs import SHIPPED_DATA, TORCHVISION_DATA, Config
from gencmp.settings.own_folder import folder_here


def load(config: Config, cache: Path | None = None, progress: ReportStatus = no_status) -> Digits:
    """The config's data set, reduced to its `classes` and `limit`.

    cache: the folder for downloads, by default `data` in the folder of the runs.
    Raises DataError when the data cannot be downloaded or read, or no pictures are left after the reduction.
    """
    if config.dataset == SHIPPED_DATA:
        digits = Digits(SHIPPED_DATA, _split(*read_shipped("train")), _split(*read_shipped("test")))
    elif config.dataset in TORCHVISION_DATA:
        train, test = (Split(*pair) for pair in fetch(config.dataset, cache or home() / "data", progress))
        digits = Digits(config.dataset, train, test, OF_DATASETS[config.dataset])
    else:
        digits = load_folder(folder_here(config.dataset), progress)
    return choose(digits, config.classes, config.limit)


def load_folder(folder: Path, progress: ReportStatus = no_status) -> Digits:
    """A user's own data (see own_data.read_own), with the folder's fingerprint and a summary of what was read. Raises
    DataError."""
    # before reading, so that a file added in the meantime counts as a change
    fingerprint_before = fingerprint(str(folder)) if folder.is_dir() else ""
    own = read_own(folder, progress)
    return Digits(
        folder.name, _split(*own.train), _split(*own.test), own.survey.classes, fingerprint_before,
        own.survey.headline(), " ".join(own.survey.remarks()),
    )  # fmt: skip


def _split(images: np.ndarray, labels: np.ndarray) -> Split:
    return Split(torch.from_numpy(np.ascontiguousarray(images).reshape(len(images), -1)), torch.from_numpy(labels))
