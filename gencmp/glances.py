"""While a model trains: the cheap part of the verdict, at every few epochs."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from gencmp.config import Config
from gencmp.distances import frechet, missing, moments, shares
from gencmp.events import Checkpoint, Event, Glanced
from gencmp.measures import judge_key
from gencmp.reference import Real, real_digits
from gencmp.snapshot import unpack
from gencmp.training import sample

COUNT = 2000  # pictures: a quarter of a second
SEED = 1
EVERY = 5  # epochs, where weights are kept more rarely than that


def glanced(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with a Glanced after each Checkpoint that keeps weights, and of every fifth epoch.

    None for data without a judge: training one takes minutes, and nobody has asked for it here.
    """
    with closing(cast("Generator[Event]", events)):
        real: Real | None = None
        floor = 0.0
        for event in events:
            yield event
            if isinstance(event, Checkpoint) and is_due(event) and judge_key(config.dataset):
                if real is None:
                    real = real_digits(config, COUNT)
                    floor = glance(real.stand_in, real).frechet
                yield look(event, real, floor)


def is_due(checkpoint: Checkpoint) -> bool:
    """Whether to look at it: where weights are kept, and every few epochs where they are kept rarely."""
    return checkpoint.weights is not None or checkpoint.epoch % EVERY == 0


def look(checkpoint: Checkpoint, real: Real, floor: float) -> Glanced:
    """Fréchet distance and digit histogram of pictures drawn from a checkpoint. floor: the distance of as many real ones."""
    seen = glance(sample(unpack(checkpoint.weights or checkpoint.state), real.count, SEED), real)
    return Glanced(checkpoint.epoch, checkpoint.step, seen.frechet, floor, seen.digits, seen.missing)


@dataclass(frozen=True)
class Glance:
    """What can be told in a second. `digits`: how often the judge sees each of the ten."""

    frechet: float
    digits: tuple[float, ...]
    missing: tuple[int, ...]


def glance(images: np.ndarray | Tensor, real: Real) -> Glance:
    """Of some 2,000 pictures, uint8 [n, 28, 28] or [n, 784]. The Fréchet distance grows as n falls: compare it with a
    glance at as many of `real.stand_in`."""
    judged = real.judge(torch.as_tensor(images))
    seen = shares(judged.digits)
    return Glance(frechet(moments(judged.features), real.moments), tuple(seen.tolist()), missing(seen, real.shares))
