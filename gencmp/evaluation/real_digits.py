"""The real pictures that models are compared with, and their features; each is computed once, on first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor

from gencmp.data.classes import TEN_DIGITS, Nouns, nouns_of
from gencmp.data.digits import Digits
from gencmp.data.load import load
from gencmp.errors import DataError
from gencmp.evaluation.criteria import POOL
from gencmp.evaluation.judges.judge import Judge, Judged
from gencmp.evaluation.judges.panel import FIRST, SPACES
from gencmp.evaluation.judges.training import judge_of, panel_of
from gencmp.evaluation.measuring.distances import Moments
from gencmp.evaluation.spaces import Space
from gencmp.progress import Progress, no_progress
from gencmp.settings.configs import Config, VaeConfig

HELD_OUT = 1000  # training pictures used only to choose the width of the Parzen window
LEAST = 20  # pictures; with fewer, no figure is meaningful


@dataclass(frozen=True)
class Real:
    """Test pictures to compare with, and as many training pictures to evaluate in place of a model's; uint8 [n, 784].

    classes: the name of each of the judge's outputs.
    asked:   the labels that a model should draw; all when empty.
    others:  the other judges of the panel by name; may be empty, where one opinion will do.
    """

    name: str
    judge: Judge
    test: Tensor
    stand_in: Tensor
    held_out: Tensor
    train: Tensor  # all training pictures; the two above are among them
    classes: tuple[str, ...] = TEN_DIGITS
    asked: tuple[int, ...] = ()
    others: Mapping[str, Judge] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.test)

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)

    @property
    def keys(self) -> dict[str, str]:
        """The hash of each judge's weights, by its name."""
        return {FIRST.name: self.judge.key} | {name: judge.key for name, judge in self.others.items()}

    @cached_property
    def spaces(self) -> tuple[Space, ...]:
        """The judge's features, those of the other judges, and the spaces without a network."""
        first = Space(FIRST.name, self.test, self.train, self.judge)
        some = self.train[:POOL]
        others = [Space(name, self.test, some, judge) for name, judge in self.others.items()]
        return first, *others, *(Space(name, self.test, some) for name in SPACES)

    @property
    def judged(self) -> Judged:
        """What the judge says of the test pictures."""
        judged = self.spaces[0].real.judged
        assert judged is not None
        return judged

    @property
    def moments(self) -> Moments:
        return self.spaces[0].moments.whole

    @cached_property
    def shares(self) -> Tensor:
        """How often the judge sees each class, [classes]."""
        return self.judged.shares

    @cached_property
    def wanted(self) -> Tensor:
        """`shares`, but 0 for classes that a model should not draw, so that they never count as missing."""
        return self.asked_of(self.shares)

    def asked_of(self, shares: Tensor) -> Tensor:
        """The same of any judge's shares."""
        asked = torch.zeros_like(shares)
        asked[list(self.asked) or slice(None)] = 1
        return shares * asked


def real_digits(config: Config, count: int, progress: Progress = no_progress, panel: bool = False) -> Real:
    """The real pictures of this config's data and classes, ignoring its limit; the same ones at every call.

    count: pictures to compare with; fewer where there are fewer test pictures, or fewer than 1.1 times as many training
    pictures. panel: with all judges. Trains judges that the data set does not have yet. Raises DataError, SnapshotError.
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
    judges = panel_of(config.dataset, progress) if panel else {FIRST.name: judge_of(config.dataset, progress)}
    for judge in judges.values():
        if judge.classes != digits.classes:
            raise DataError(
                f"{digits.name}: its judge was trained on {len(judge.classes)} classes, but the data have"
                f" {len(digits.classes)} or other ones. Train it again: python -m gencmp train-judge --dataset {config.dataset}"
            )
    rng = torch.Generator().manual_seed(0)
    chosen, order = torch.randperm(len(test), generator=rng), torch.randperm(len(train), generator=rng)
    return Real(
        digits.name, judges.pop(FIRST.name), test[chosen[:count]], train[order[:count]], train[order[count : count + HELD_OUT]], train,
        digits.classes, config.classes or _labels(digits), judges,
    )  # fmt: skip


def _labels(digits: Digits) -> tuple[int, ...]:
    """The labels that occur in the data, which may have names for more."""
    found = torch.cat((digits.train.labels, digits.test.labels)).unique()
    return tuple(found[found < len(digits.classes)].tolist())
