"""A data set in memory: pictures and labels, split for training and testing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from gencmp.data.arrays import SIDE as SIDE
from gencmp.data.arrays import UNLABELLED as UNLABELLED
from gencmp.data.classes import TEN_DIGITS
from gencmp.errors import DataError


@dataclass(frozen=True)
class Split:
    """images: uint8 [n, 784], 0 background to 255 ink. labels: uint8 [n], UNLABELLED where there is none."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def to(self, device: torch.device) -> Split:
        return Split(self.images.to(device), self.labels.to(device))

    def batches(self, size: int, rng: torch.Generator | None = None) -> Iterator[Tensor]:
        """Batches of pixels, float32 [size, 784] in [0, 1], the last one possibly shorter; shuffled when `rng` is given."""
        order = None if rng is None else torch.randperm(len(self), generator=rng).to(self.images.device)
        for start in range(0, len(self), size):
            rows = slice(start, start + size)
            # index_select copies whole rows, in a seventh of the time of images[order[rows]]
            images = self.images[rows] if order is None else self.images.index_select(0, order[rows])
            yield images.to(torch.float32).div_(255)


@dataclass(frozen=True)
class Digits:
    """A data set in memory.

    classes:     the name of each label, by its number; () when nothing is labelled.
    fingerprint: of the user's folder when it was read, see fingerprint.py; "" for a built-in data set.
    summary:     for a user's folder, how much was found in it.
    remarks:     for a user's folder, sentences on what was found and changed; "" if there are none.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...] = TEN_DIGITS
    fingerprint: str = ""
    summary: str = ""
    remarks: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """The facts to record with a run, see events.Started.data."""
        return {name: getattr(self, name) for name in ("name", "fingerprint", "summary", "remarks")}

    def to(self, device: torch.device) -> Digits:
        return replace(self, train=self.train.to(device), test=self.test.to(device))


def choose(digits: Digits, classes: Sequence[int] = (), limit: int = 0) -> Digits:
    """The data set with only these classes (all when empty), and only the first `limit` training images (all when 0).

    Raises DataError when one of the classes has no training pictures, or no pictures are left to train on or test with.
    """
    _refuse_absent(digits, classes)
    train, test = _only(digits.train, classes), _only(digits.test, classes)
    if not len(train) or not len(test):
        of_these = f" of {', '.join(_named(digits.classes, label) for label in classes)}" if classes else ""
        advice = " Choose more classes, or none to take all." if classes else ""
        raise DataError(
            f"{digits.name} has too few pictures{of_these}: {len(train)} to train on, {len(test)} to test with;"
            f" wanted at least one of each.{advice}"
        )
    if limit:
        train = Split(train.images[:limit], train.labels[:limit])
    return replace(digits, train=train, test=test)


def _refuse_absent(digits: Digits, classes: Sequence[int]) -> None:
    there = set(digits.train.labels.unique().tolist()) - {UNLABELLED}
    absent = [label for label in classes if label not in there]
    if absent and not there:
        raise DataError(
            f"The pictures of {digits.name} have no labels, so no classes can be chosen from them."
            " Choose none, or put the pictures of each class into a folder of its name."
        )
    if absent:
        raise DataError(
            f"{digits.name} has no pictures of class {', '.join(map(str, absent))}."
            f" It has: {', '.join(_named(digits.classes, label) for label in sorted(there))}. Choose from these, or none to take all."
        )


def _named(classes: Sequence[str], label: int) -> str:
    """A label with its name, as "3 (three)"; just the number where the name is the number."""
    name = classes[label] if label < len(classes) else str(label)
    return str(label) if name == str(label) else f"{label} ({name})"


def _only(split: Split, classes: Sequence[int]) -> Split:
    if not classes:
        return split
    rows = torch.isin(split.labels, torch.tensor(classes, dtype=torch.uint8))
    return Split(split.images[rows], split.labels[rows])


def entropy_floor(split: Split) -> float:
    """The lowest reconstruction loss that any decoder can reach on these pictures, in nats per image.

    Binary cross entropy against a grey pixel x is lowest when the decoder outputs x itself. It then equals the entropy of
    a Bernoulli variable with probability x, which is above zero for every pixel that is neither black nor white.
    """
    x = torch.arange(256, dtype=torch.float64) / 255
    counts = torch.bincount(split.images.flatten().cpu(), minlength=256).double()  # MPS has no float64
    entropy = -(torch.xlogy(x, x) + torch.xlogy(1 - x, 1 - x))
    return float(counts @ entropy) / len(split)
