"""When a training has diverged: losses that are no numbers, or that no model has which still learns. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gencmp.errors import TrainingFailed
from gencmp.settings.configs import Config, VaeConfig

DIVERGED = "the training has diverged"  # in the reason of a run that failed so


# Nats per image: a hundred times what a VAE has that says grey everywhere, as it does before its first step (784 ln 2 is
# 543); one that always says the mean digit has 207.
ABSURD_VAE_LOSS = 54_300.0
# Nats: about as large as D's logit. The presets' worst is 72, where D is too strong; with twenty large steps of D to G's
# one it ended at 3,000, and D was still sound. From 1e5 on both losses grew without end.
ABSURD_GAN_LOSS = 10_000.0


def refuse_nan(measures: Mapping[str, float], epoch: int, step: int) -> None:
    """Raise TrainingFailed for the first that is no finite number."""
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
    """Raise TrainingFailed for an epoch whose losses are finite and absurd.

    means, last: over its minibatches, and of the last one. test: on the test set.
    Only at the end of an epoch: in its course a VAE may come back. At a learning rate of 0.1 one went up to 3e7 nats in its
    first steps, and was at 211 after two epochs.
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
    return TrainingFailed(f"{words} Lower the learning rate and begin again.")
