"""The real pictures that models are compared with, and their features; each is computed once, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gencmp.data.classes import TEN_DIGITS, Nouns, nouns_of
from gencmp.data.digits import Digits
from gencmp.data.load import load
from gencmp.errors import DataError
from gencmp.evaluation.distances import Moments, moments, near
from gencmp.evaluation.judge import Judge, Judged, judge_of
from gencmp.progress import Progress, no_progress
from gencmp.settings.configs import Config, VaeConfig

HELD_OUT = 1000  # training pictures used only to choose the width of the Parzen window
LEAST = 20  # pictures; with fewer, no figure is meaningful


@dataclass(frozen=True)
class Real:
    """Test pictures to compare with, and as many training pictures to evaluate in place of a model's; uint8 [n, 784].

    classes: the name of each of the judge's outputs.
    asked:   the labels that a model should draw; all when empty.
    """

    name: str
    judge: Judge
    test: Tensor
    stand_in: Tensor
    held_out: Tensor
    train: Tensor  # all training pictures; the two above are among them
    classes: tuple[str, ...] = TEN_DIGITS
    asked: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return len(self.test)

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)

    @cached_property
    def judged(self) -> Judged:
        return self.judge(self.test)

    @cached_property
    def moments(self) -> Moments:
        return moments(self.judged.features)

    @cached_property
    def shares(self) -> Tensor:
        """How often the judge sees each class, [classes]."""
        return self.judged.shares

    @cached_property
    def wanted(self) -> Tensor:
        """`shares`, but 0 for classes that a model should not draw, so that they never count as missing."""
        asked = torch.zeros_like(self.shares)
        asked[list(self.asked) or slice(None)] = 1
        return self.shares * asked

    @cached_property
    def expected(self) -> Tensor:
        """The shares with half a picture added to each class, so that a class without test pictures is unlikely, not impossible."""
        return (self.shares * self.count + 0.5) / (self.count + 0.5 * len(self.shares))

    @cached_property
    def near(self) -> Tensor:
        """Squared feature distances [n, 5] from each test picture to its nearest neighbours."""
        return near(self.judged.features)

    def train_features(self, progress: Progress = no_progress) -> Tensor:
        """Features of all training pictures, [n, 64]; takes some seconds the first time."""
        if "cached_features" not in self.__dict__:
            self.__dict__["cached_features"] = self.judge(self.train, progress).features
        features: Tensor = self.__dict__["cached_features"]
        return features


def real_digits(config: Config, count: int, progress: Progress = no_progress) -> Real:
    """The real pictures of this config's data and classes, ignoring its limit; the same ones at every call.

    count: pictures to compare with; fewer where there are fewer test pictures, or fewer than 1.1 times as many training
    pictures. Trains a judge if the data set has none yet. Raises DataError, SnapshotError.
    """
    wanted = VaeConfig(dataset=config.dataset, classes=config.classes)
    digits = load(
        wanted, progress=lambda words: progress(0.0, words)
    )  # before the judge: training one on too few pictures would be wasted
    train, test = digits.train.images, digits.test.images
    count = min(count, len(test), len(train) * 10 // 11)
    if count < LEAST:
        raise DataError(
            f"{digits.name}: found {len(train)} training and {len(test)} test {nouns_of(digits.classes).pictures} to measure against,"
            f" wanted {LEAST} or more."
        )
    judge = judge_of(config.dataset, progress)
    if judge.classes != digits.classes:
        raise DataError(
            f"{digits.name}: its judge was trained on {len(judge.classes)} classes, but the data have {len(digits.classes)}"
            f" or other ones. Train it again: python -m gencmp train-judge --dataset {config.dataset}"
        )
    rng = torch.Generator().manual_seed(0)
    chosen, order = torch.randperm(len(test), generator=rng), torch.randperm(len(train), generator=rng)
    return Real(
        digits.name, judge, test[chosen[:count]], train[order[:count]], train[order[count : count + HELD_OUT]], train,
        digits.classes, config.classes or _labels(digits),
    )  # fmt: skip


def _labels(digits: Digits) -> tuple[int, ...]:
    """The labels that occur in the data, which may have names for more."""
    found = torch.cat((digits.train.labels, digits.test.labels)).unique()
    return tuple(found[found < len(digits.classes)].tolist())
