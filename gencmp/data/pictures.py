"""The pictures of any data set as numpy arrays, for whoever only shows them or looks something up. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gencmp.data.arrays import Labelled
from gencmp.data.idx.files import IDX, read_idx
from gencmp.data.own_data import read_own
from gencmp.data.shipped import shipped_digits
from gencmp.errors import DataError
from gencmp.files import home
from gencmp.settings.configs import SHIFTED_DATA, SHIPPED_DATA, TORCHVISION_DATA
from gencmp.settings.own_folder import folder_here

OF_QMNIST = {part: (f"qmnist-{part}-images-idx3-ubyte", f"qmnist-{part}-labels-idx2-int") for part in ("train", "test")}
# Where torchvision puts what it has downloaded, and under which names
DOWNLOADED = {"fashion-mnist": ("FashionMNIST", IDX), "kmnist": ("KMNIST", IDX), "qmnist": ("QMNIST", OF_QMNIST)}


@lru_cache(maxsize=4)
def digits_to_test(dataset: str = SHIPPED_DATA, classes: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    """The test pictures uint8 [n, 784] and labels uint8 [n] of a data set, or of some of its classes. Raises DataError."""
    return _chosen(_read(dataset, "test"), classes)


def training_digits(dataset: str, classes: tuple[int, ...], limit: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of the training pictures, only the first `limit` of these classes (all when 0)."""
    images, labels = _chosen(_read(dataset, "train"), classes)
    return images[: limit or None], labels[: limit or None]


def rows_of(labels: np.ndarray, classes: tuple[int, ...]) -> np.ndarray:
    """Which pictures are of these classes, of any when none is named: bool [n]."""
    return np.isin(labels, classes) if classes else np.ones(len(labels), bool)


def _chosen(every: Labelled, classes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rows = rows_of(every.labels, classes) if classes else slice(None)
    return every.images.reshape(len(every.images), -1)[rows], every.labels[rows]


def _read(dataset: str, part: str) -> Labelled:
    if dataset in (SHIPPED_DATA, SHIFTED_DATA):
        return Labelled(*shipped_digits(part, dataset))
    if dataset in TORCHVISION_DATA:
        return _downloaded(dataset, part)
    own = read_own(folder_here(dataset))
    return own.train if part == "train" else own.test


def _downloaded(dataset: str, part: str) -> Labelled:
    folder, names = DOWNLOADED[dataset]
    raw = home() / "data" / dataset / folder / "raw"
    if not raw.is_dir():
        raise DataError(
            f"{dataset} is not on this computer. Train a model on it, or evaluate one, and it is downloaded."
        )
    images, labels = (read_idx(raw / name) for name in names[part])
    return Labelled(images, (labels if labels.ndim == 1 else labels[:, 0]).astype(np.uint8))
