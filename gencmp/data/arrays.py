"""Pictures and labels as numpy arrays: what every reader of data gives. Imports no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from gencmp.data.classes import UNLABELLED as UNLABELLED

SIDE = 28
TEST_SHARE = 7  # where no test set is given, one picture in seven is kept for testing, as in MNIST
ReportStatus = Callable[[str], None]  # told in words: "Reading letters: 500 of 2,062 pictures"


class Labelled(NamedTuple):
    """images: uint8 [n, 28, 28], 0 background to 255 ink. labels: uint8 [n], UNLABELLED where there is none."""

    images: np.ndarray
    labels: np.ndarray

    def rows(self, chosen: np.ndarray) -> Labelled:
        return Labelled(self.images[chosen], self.labels[chosen])


def together(*parts: Labelled) -> Labelled:
    return Labelled(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def split_off_test(every: Labelled) -> tuple[Labelled, Labelled]:
    """(to train on, to test with), in a mixed order, because folders are sorted by class and batches should not be;
    the same pictures are split the same way every time."""
    order = shuffled(len(every.images))
    cut = max(1, len(order) // TEST_SHARE)
    return every.rows(order[cut:]), every.rows(order[:cut])


def shuffled(count: int) -> np.ndarray:
    """The same permutation at every call."""
    return np.random.default_rng(0).permutation(count)


def by_turns(labels: Sequence[int]) -> list[int]:
    """All places: the first of each label, the second of each, ..., so that wherever it ends every class was seen."""
    seen: Counter[int] = Counter()
    turns = []
    for place, label in enumerate(labels):
        seen[label] += 1
        turns.append((seen[label], label, place))
    return [place for _, _, place in sorted(turns)]


def quiet(words: str) -> None:
    """ReportStatus that nobody follows."""
