"""While a model trains: the cheap part of the verdict, at every few epochs."""

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
EVERY = 5  # epochs, where weights are kept more rarely than that


def with_checkups(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with a Checkup after each Checkpoint that keeps weights, and of every fifth epoch.

    None for data without a judge: training one takes minutes, and nobody has asked for it here. Nor for data with too few
    pictures to measure against, or whose judge cannot be read: the training goes on all the same.
    """
    with closing(cast("Generator[Event]", events)):
        eyes: tuple[Real | None, float] | None = None
        for event in events:
            yield event
            if isinstance(event, Checkpoint) and is_due(event) and judge_key(config.dataset):
                eyes = eyes or _eyes(config)
                real, floor = eyes
                if real is not None:
                    yield look(event, real, floor)


def _eyes(config: Config) -> tuple[Real | None, float]:
    """The real pictures and their floor."""
    try:
        real = real_digits(config, COUNT)
    except GencmpError:
        return None, 0.0
    return real, checkup_figures(real.stand_in, real).frechet


def is_due(checkpoint: Checkpoint) -> bool:
    """Whether to look at it: where weights are kept, and every few epochs where they are kept rarely."""
    return checkpoint.weights is not None or checkpoint.epoch % EVERY == 0


def look(checkpoint: Checkpoint, real: Real, floor: float) -> Checkup:
    """Fréchet distance and histogram of classes of pictures drawn from a checkpoint. floor: the distance of as many real ones."""
    seen = checkup_figures(sample(unpack(checkpoint.weights or checkpoint.state), real.count, SEED), real)
    return Checkup(checkpoint.epoch, checkpoint.step, seen.frechet, floor, seen.digits, seen.missing)


@dataclass(frozen=True)
class CheckupFigures:
    """What can be told in a second. `digits`: how often the judge sees each class."""

    frechet: float
    digits: tuple[float, ...]
    missing: tuple[int, ...]


def checkup_figures(images: np.ndarray | Tensor, real: Real) -> CheckupFigures:
    """Of some 2,000 pictures, uint8 [n, 28, 28] or [n, 784]. The Fréchet distance grows as n falls: compare it with a
    checkup_figures at as many of `real.stand_in`."""
    judged = real.judge(torch.as_tensor(images))
    seen = judged.shares
    return CheckupFigures(
        frechet(moments(judged.features), real.moments), tuple(seen.tolist()), missing(seen, real.wanted)
    )
