"""While a model trains: the cheap part of the verdict, at every epoch whose weights are kept."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import cast

from gencmp.config import Config
from gencmp.events import Checkpoint, Event, Glanced
from gencmp.measures import judge_key
from gencmp.reference import Real, real_digits
from gencmp.snapshot import unpack
from gencmp.training import sample
from gencmp.verdict import glance

COUNT = 2000  # pictures: a quarter of a second
SEED = 1


def glanced(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with a Glanced after each Checkpoint that keeps weights.

    None for data without a judge: training one takes minutes, and nobody has asked for it here.
    """
    with closing(cast("Generator[Event]", events)):
        real: Real | None = None
        for event in events:
            yield event
            if isinstance(event, Checkpoint) and event.weights is not None and judge_key(config.dataset):
                real = real or real_digits(config, COUNT)
                yield look(event, real)


def look(checkpoint: Checkpoint, real: Real) -> Glanced:
    """Fréchet distance and digit histogram of pictures drawn from a checkpoint, and the floor at as many real ones."""
    assert checkpoint.weights is not None
    seen = glance(sample(unpack(checkpoint.weights), real.count, SEED), real)
    floor = glance(real.stand_in, real).frechet
    return Glanced(checkpoint.epoch, checkpoint.step, seen.frechet, floor, seen.digits, seen.missing)
