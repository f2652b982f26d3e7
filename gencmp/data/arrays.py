"""Pictures and labels as numpy arrays, the output of all data readers. Imports no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gencmp.data.classes import UNLABELLED as UNLABELLED

SIDE = 28
TEST_SHARE = 7  # without a test set, one picture in seven is set aside for testing, as in MNIST
ReportStatus = Callable[[str], None]  # called with a status such as "Reading letters: 500 of 2,062 pictures"


class Labelled(NamedTuple):
    """images: uint8 [n, 28, 28], 0 background to 255 ink. labels: uint8 [n], UNLABELLED where there is none."""

    images: np.ndarray
    labels: np.ndarray

    def rows(self, chosen: np.ndarray) -> Labelled:
        return Labelled(self.images[chosen], self.labels[chosen])


def concatenated(*parts: Labelled) -> Labelled:
    return Labelled(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def split_off_test(every: Labelled) -> tuple[Labelled, Labelled]:
    """(training set, test set), shuffled, because folders are sorted by class but batches should be mixed. The same
    pictures are split the same way every time."""
    order = shuffled(len(every.images))
    cut = max(1, len(order) // TEST_SHARE)
    return every.rows(order[cut:]), every.rows(order[:cut])


def shuffled(count: int) -> np.ndarray:
    """The same permutation at every call."""
    return np.random.default_rng(0).permutation(count)


def round_robin(labels: Sequence[int]) -> list[int]:
    """The indices of all labels in round-robin order: the first of each label, then the second of each, and so on. A reader
    that stops early has so seen every class."""
    seen: Counter[int] = Counter()
    turns = []
    for index, label in enumerate(labels):
        seen[label] += 1
        turns.append((seen[label], label, index))
    return [index for _, _, index in sorted(turns)]


def no_status(words: str) -> None:
    """A ReportStatus that does nothing."""
