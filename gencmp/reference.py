"""The real digits that models are measured against, and what is known of them; each thing is found out once, when first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gencmp.config import Config, VaeConfig
from gencmp.data.load import load
from gencmp.distances import Moments, moments, near, shares
from gencmp.errors import DataError
from gencmp.judge import Judge, Judged, judge_of
from gencmp.measures import Told, untold

HELD_OUT = 1000  # training digits that choose the width of the Parzen window, and serve nothing else
LEAST = 20  # pictures: with fewer, no figure has a meaning


@dataclass(frozen=True)
class Real:
    """Test digits to measure against, and as many training digits to put in a model's place. Pictures uint8 [n, 784]."""

    name: str
    judge: Judge
    test: Tensor
    stand_in: Tensor
    held_out: Tensor
    train: Tensor  # all training digits; the two above are among them

    @property
    def count(self) -> int:
        return len(self.test)

    @cached_property
    def judged(self) -> Judged:
        return self.judge(self.test)

    @cached_property
    def moments(self) -> Moments:
        return moments(self.judged.features)

    @cached_property
    def shares(self) -> Tensor:
        """How often the judge sees each digit, [10]."""
        return shares(self.judged.digits)

    @cached_property
    def expected(self) -> Tensor:
        """The same with half a digit more of each, so that a digit which is not in the data is unlikely, not impossible."""
        return (self.shares * self.count + 0.5) / (self.count + 5)

    @cached_property
    def near(self) -> Tensor:
        """Squared distances [n, 5] in features from each test digit to its nearest others."""
        return near(self.judged.features)

    def train_features(self, told: Told = untold) -> Tensor:
        """[training digits, 64]; some seconds, once."""
        if "kept_features" not in self.__dict__:
            self.__dict__["kept_features"] = self.judge(self.train, told).features
        return self.__dict__["kept_features"]


def real_digits(config: Config, count: int, told: Told = untold) -> Real:
    """The digits that this config learns from, whatever its limit, `count` of them to measure against: fewer where there
    are not so many test digits, or not so many and a tenth more training digits. The same ones at every call.

    Trains a judge when the data set has none yet. Raises DataError, SnapshotError.
    """
    judge = judge_of(config.dataset, told)
    wanted = VaeConfig(dataset=config.dataset, classes=config.classes)
    digits = load(wanted, progress=lambda words: told(1.0, words))  # after the judge, who is most of the work
    train, test = digits.train.images, digits.test.images
    count = min(count, len(test), len(train) * 10 // 11)
    if count < LEAST:
        raise DataError(
            f"{digits.name}: found {len(train)} training and {len(test)} test digits to measure against, wanted {LEAST} or more."
        )
    rng = torch.Generator().manual_seed(0)
    chosen, order = torch.randperm(len(test), generator=rng), torch.randperm(len(train), generator=rng)
    return Real(
        digits.name, judge, test[chosen[:count]], train[order[:count]], train[order[count : count + HELD_OUT]], train
    )
