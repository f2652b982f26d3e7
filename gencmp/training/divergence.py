"""Detects a training that has diverged: losses that are not finite, or absurdly large. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gencmp.errors import TrainingFailed
from gencmp.settings.configs import Config, VaeConfig

DIVERGED = "the training has diverged"  # part of the reason stored with such a run


# Nats per image: a hundred times the loss of a VAE that outputs grey everywhere, as an untrained one does (784 ln 2 = 543);
# one that always outputs the mean digit has 207.
ABSURD_VAE_LOSS = 54_300.0
# Nats; such a loss is about as large as D's logit. The worst of the presets, "D too strong", reaches 72; with twenty large
# steps of D per step of G the loss ended at 3,000 with a sound D. Above 1e5, both losses grew without bound.
ABSURD_GAN_LOSS = 10_000.0


def refuse_nan(measures: Mapping[str, float], epoch: int, step: int) -> None:
    """Raise TrainingFailed for the first measure that is not finite."""
    for name, value in measures.items():
        if not math.isfinite(value):
            raise _diverged(name, value, epoch, step)


def refuse_absurd(
    config: Config,
    means: Mapping[str, float],
    last: Mapping[str, float],
    test: Mapping[str, float],
    epoch: int,
    step: int,
) -> None:
    """Raise TrainingFailed at the end of an epoch whose losses are finite but absurdly large.

    means, last: means over its minibatches, and the measures of the last one. test: on the test set.
    Not checked during an epoch, because a VAE may recover: at a learning rate of 0.1 one rose to 3e7 nats in its first
    steps, and was at 211 after two epochs.
    """
    if isinstance(config, VaeConfig):
        loss = test.get("reconstruction", 0.0) + min(config.beta, 1.0) * test.get("kl", 0.0)
        if loss > ABSURD_VAE_LOSS:
            raise _diverged("the loss on the test set, in nats per image,", loss, epoch, step)
    for name in ("discriminator_loss", "generator_loss"):
        if min(means.get(name, 0.0), last.get(name, 0.0)) > ABSURD_GAN_LOSS:
            raise _diverged(name, last[name], epoch, step)


def _diverged(name: str, value: float, epoch: int, step: int) -> TrainingFailed:
    words = f"At epoch {epoch}, step {step}, {name.replace('_', ' ')} is {value:.4g}: {DIVERGED}."
    return TrainingFailed(f"{words} Lower the learning rate and start again.")
