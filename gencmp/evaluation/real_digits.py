"""The real pictures that models are measured against, and what is known of them; each thing is found out once, when first asked for."""

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

HELD_OUT = 1000  # training pictures that choose the width of the Parzen window, and serve nothing else
LEAST = 20  # pictures: with fewer, no figure has a meaning


@dataclass(frozen=True)
class Real:
    """Test pictures to measure against, and as many training pictures to put in a model's place; uint8 [n, 784].

    classes: the name of each of the judge's outputs.
    asked:   the numbers of those that a model should draw; all when empty.
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
        """The same, and 0 for classes that nobody asked for: a model that never draws them misses nothing."""
        asked = torch.zeros_like(self.shares)
        asked[list(self.asked) or slice(None)] = 1
        return self.shares * asked

    @cached_property
    def expected(self) -> Tensor:
        """The shares with half a picture more of each class, so that one which is not in the data is unlikely, not impossible."""
        return (self.shares * self.count + 0.5) / (self.count + 0.5 * len(self.shares))

    @cached_property
    def near(self) -> Tensor:
        """Squared distances [n, 5] in features from each test picture to its nearest others."""
        return near(self.judged.features)

    def train_features(self, told: Progress = no_progress) -> Tensor:
        """[training pictures, 64]; some seconds, once."""
        if "kept_features" not in self.__dict__:
            self.__dict__["kept_features"] = self.judge(self.train, told).features
        features: Tensor = self.__dict__["kept_features"]
        return features


def real_digits(config: Config, count: int, told: Progress = no_progress) -> Real:
    """The pictures that this config learns from, whatever its limit, `count` of them to measure against: fewer where there
    are not so many test pictures, or not so many and a tenth more training pictures. The same ones at every call.

    Trains a judge when the data set has none yet. Raises DataError, SnapshotError.
    """
    wanted = VaeConfig(dataset=config.dataset, classes=config.classes)
    digits = load(wanted, progress=lambda words: told(0.0, words))  # first: a judge of too few would be trained in vain
    train, test = digits.train.images, digits.test.images
    count = min(count, len(test), len(train) * 10 // 11)
    if count < LEAST:
        raise DataError(
            f"{digits.name}: found {len(train)} training and {len(test)} test {nouns_of(digits.classes).pictures} to measure against,"
            f" wanted {LEAST} or more."
        )
    judge = judge_of(config.dataset, told)
    if judge.classes != digits.classes:
        raise DataError(
            f"{digits.name}: its judge was trained to tell {len(judge.classes)} classes, the data have {len(digits.classes)},"
            f" or others. Train it anew: python -m gencmp train-judge --dataset {config.dataset}"
        )
    rng = torch.Generator().manual_seed(0)
    chosen, order = torch.randperm(len(test), generator=rng), torch.randperm(len(train), generator=rng)
    return Real(
        digits.name, judge, test[chosen[:count]], train[order[:count]], train[order[count : count + HELD_OUT]], train,
        digits.classes, config.classes or _labels(digits),
    )  # fmt: skip


def _labels(digits: Digits) -> tuple[int, ...]:
    """Those that occur in the data, which may have names for more."""
    found = torch.cat((digits.train.labels, digits.test.labels)).unique()
    return tuple(found[found < len(digits.classes)].tolist())
