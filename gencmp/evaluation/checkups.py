"""Checkups: the cheap part of the verdict, every few epochs while a model trains."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from gencmp.data.load import load
from gencmp.errors import GencmpError
from gencmp.evaluation.figures import SURE
from gencmp.evaluation.judges.panel import judge_key
from gencmp.evaluation.measuring.distances import frechet, missing, moments
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.spaces import are_near
from gencmp.events import Checkpoint, Checkup, Event
from gencmp.models.gan import Gan
from gencmp.models.snapshot import unpack
from gencmp.models.vae import Vae
from gencmp.settings.configs import Config
from gencmp.training.build import load_model, to_pictures

COUNT = 2000  # pictures: a quarter of a second
SEED = 1
UNUSED = 0.01  # variance of a latent number's mean over test pictures (Burda et al. 2016)
TYPICAL = 0.95  # of real digits are as near to another one as a picture must be to one of them
EVERY = 5  # epochs, where weights are saved less often than that


def with_checkups(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with a Checkup after each Checkpoint that saves weights and after every fifth epoch.

    No checkups for data without a judge, because training one takes minutes and was not asked for here; nor for data with
    too few pictures, or whose judge cannot be read. Training continues in all cases.
    """
    with closing(cast("Generator[Event]", events)):
        reference: Reference | None = None
        for event in events:
            yield event
            if isinstance(event, Checkpoint) and is_due(event) and judge_key(config.dataset):
                reference = reference or _reference(config)
                if reference.real is not None:
                    yield _check(event, reference.real, reference)


class Reference(NamedTuple):
    """What a run's checkups compare with. floor: the Fréchet distance of as many real pictures.

    real: None if there are no pictures to compare with. seen: pictures that the run trains on, uint8 [n, 784].
    """

    real: Real | None
    floor: float
    seen: Tensor


def _reference(config: Config) -> Reference:
    try:
        real = real_digits(config, COUNT)
    except GencmpError:
        return Reference(None, 0.0, torch.empty(0))
    return Reference(real, checkup_figures(real.stand_in, real).frechet, load(config).train.images[:COUNT])


def is_due(checkpoint: Checkpoint) -> bool:
    """Whether this checkpoint gets a checkup: if it saves weights, and at least every few epochs."""
    return checkpoint.weights is not None or checkpoint.epoch % EVERY == 0


def _check(checkpoint: Checkpoint, real: Real, reference: Reference) -> Checkup:
    """Fréchet distance, class histogram and more of a checkpoint."""
    model = load_model(unpack(checkpoint.weights or checkpoint.state))
    with torch.no_grad():
        images = torch.from_numpy(to_pictures(model.sample(real.count, torch.Generator().manual_seed(SEED)))).flatten(1)
        seen, of_model = (
            checkup_figures(images, real),
            _of_gan(model, reference.seen, real) if isinstance(model, Gan) else _of_vae(model, real),
        )
    return Checkup(
        checkpoint.epoch, checkpoint.step, seen.frechet, reference.floor, seen.digits, seen.missing, seen.recognised,
        variety=_between(images) / max(_between(real.test), 1e-9), **of_model,
    )  # fmt: skip


def _between(images: Tensor) -> float:
    """The mean distance of a picture to the next one, uint8 [n, 784]."""
    grey = images.float() / 255
    return float((grey[1:] - grey[:-1]).norm(dim=1).mean())


def _of_gan(model: Gan, seen: Tensor, real: Real) -> dict[str, Any]:
    """Whether D has learnt its training pictures by heart. seen: some of them, uint8 [n, 784]."""
    train, test = (model.figures([images.float() / 255])["d_real"] for images in (seen, real.test))
    return {"d_train": train, "d_test": test}


def _of_vae(model: Vae, real: Real) -> dict[str, Any]:
    return {"unused": int((model.means([real.test.float() / 255]).var(0) < UNUSED).sum())}


@dataclass(frozen=True)
class CheckupFigures:
    """Figures that take less than a second. digits: how often the judge sees each class. recognised: see events.Checkup."""

    frechet: float
    digits: tuple[float, ...]
    missing: tuple[int, ...]
    recognised: float = 1.0


def checkup_figures(images: np.ndarray | Tensor, real: Real) -> CheckupFigures:
    """Figures of about 2,000 pictures, uint8 [n, 28, 28] or [n, 784].

    The Fréchet distance grows as n falls, so compare it with checkup_figures of equally many `real.stand_in`.
    """
    judged, space = real.judge(torch.as_tensor(images)), real.spaces[0]
    near = are_near(space.away(judged.features), space.apart, TYPICAL)
    seen, recognised = judged.shares, (judged.confidence > SURE) & near
    return CheckupFigures(
        frechet(moments(judged.features), real.moments), tuple(seen.tolist()), missing(seen, real.wanted),
        float(recognised.double().mean()),
    )  # fmt: skip
