"""Checkups: the cheap part of the verdict, every few epochs while a model trains."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from gencmp.errors import GencmpError
from gencmp.evaluation.distances import frechet, missing, moments
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.verdicts import judge_key
from gencmp.events import Checkpoint, Checkup, Event
from gencmp.models.snapshot import unpack
from gencmp.settings.configs import Config
from gencmp.training.build import sample

COUNT = 2000  # pictures: a quarter of a second
SEED = 1
EVERY = 5  # epochs, where weights are saved less often than that

# The judge names a class for anything, and is surer of noise than of a young GAN's digits: of 2,000 pictures of uniform
# noise every one is an 8 with a mean confidence of 1.000, of black ones a 1 with 1.000, of an untrained GAN's an 8 with
# 0.951, against 0.77 of a legible quick GAN's and 0.997 of real digits. Confidence alone therefore says nothing. What
# counts is a share: the pictures that the judge is sure of (above SURE) *and* that lie among real ones in its features,
# nearer to some real picture than that one's fifth neighbour. Measured on 2,000: noise, black and grey pictures, the mean
# digit and an untrained GAN 0.000; the preset "D too lenient" 0.000 after each of its ten epochs, "D too strong" at most
# 0.02; other training digits 0.915; digits of one class only 0.90 to 0.93.
SURE = 0.9
NEIGHBOUR = 5  # whose distance is the reach of a real picture
FEWEST_RECOGNISED = 0.1  # a smaller share of recognised pictures: "not digits yet"


def with_checkups(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with a Checkup after each Checkpoint that saves weights and after every fifth epoch.

    No checkups for data without a judge, because training one takes minutes and was not asked for here; nor for data with
    too few pictures, or whose judge cannot be read. Training continues in all cases.
    """
    with closing(cast("Generator[Event]", events)):
        reference: tuple[Real | None, float] | None = None
        for event in events:
            yield event
            if isinstance(event, Checkpoint) and is_due(event) and judge_key(config.dataset):
                reference = reference or _reference(config)
                real, floor = reference
                if real is not None:
                    yield check(event, real, floor)


def _reference(config: Config) -> tuple[Real | None, float]:
    """The real pictures and their own Fréchet distance, the floor; (None, 0) if there are none to compare with."""
    try:
        real = real_digits(config, COUNT)
    except GencmpError:
        return None, 0.0
    return real, checkup_figures(real.stand_in, real).frechet


def is_due(checkpoint: Checkpoint) -> bool:
    """Whether this checkpoint gets a checkup: if it saves weights, and at least every few epochs."""
    return checkpoint.weights is not None or checkpoint.epoch % EVERY == 0


def check(checkpoint: Checkpoint, real: Real, floor: float) -> Checkup:
    """Fréchet distance and class histogram of pictures generated from a checkpoint. floor: the distance of as many real ones."""
    seen = checkup_figures(sample(unpack(checkpoint.weights or checkpoint.state), real.count, SEED), real)
    return Checkup(
        checkpoint.epoch, checkpoint.step, seen.frechet, floor, seen.digits, seen.missing, seen.recognised, seen.are_digits
    )  # fmt: skip


@dataclass(frozen=True)
class CheckupFigures:
    """Figures that take less than a second. digits: how often the judge sees each class.

    recognised: the share of pictures that the judge is sure of and that lie among real ones, see SURE.
    """

    frechet: float
    digits: tuple[float, ...]
    missing: tuple[int, ...]
    recognised: float

    @property
    def are_digits(self) -> bool:
        """Whether the judge's classes mean anything; not for noise. "Digits" stands for whatever the data show."""
        return self.recognised >= FEWEST_RECOGNISED


def checkup_figures(images: np.ndarray | Tensor, real: Real) -> CheckupFigures:
    """Figures of about 2,000 pictures, uint8 [n, 28, 28] or [n, 784].

    The Fréchet distance grows as n falls, so compare it with checkup_figures of equally many `real.stand_in`.
    """
    judged = real.judge(torch.as_tensor(images))
    seen = judged.shares
    inside = among(real.judged.features, judged.features)
    return CheckupFigures(
        frechet(moments(judged.features), real.moments), tuple(seen.tolist()), missing(seen, real.wanted),
        float((inside & (judged.confidence > SURE)).float().mean()),
    )  # fmt: skip


def among(real: Tensor, fake: Tensor) -> Tensor:
    """Which rows of `fake` are nearer to some row of `real` than that row's fifth neighbour: bool [n_fake]."""
    reach = torch.cat(
        [torch.cdist(rows, real).topk(NEIGHBOUR + 1, largest=False).values[:, -1] for rows in real.split(1000)]
    )  # a row is its own nearest
    return torch.cat([(torch.cdist(rows, real) < reach).any(1) for rows in fake.split(1000)])
