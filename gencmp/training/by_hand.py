"""Watching a training by hand: whether someone does, and who learns in each phase of a minibatch. Imports no torch."""

from __future__ import annotations

from gencmp.settings.configs import Config, GanConfig


class ByHand:
    """Whether a training is watched by hand; may be changed whenever `train` has yielded an event.

    active: `train` yields a Moment before a minibatch and after each of its phases, see moments.py.
    unwatched_until: earlier steps are taken at full speed all the same, without Moments.
    """

    def __init__(self, active: bool = False):
        self.active = active
        self.unwatched_until = 0

    def watches(self, step: int) -> bool:
        return self.active and step >= self.unwatched_until


def turns_of(config: Config) -> tuple[str, ...]:
    """Who learns in each phase of a minibatch: ("discriminator", "generator") with the paper's settings."""
    if isinstance(config, GanConfig):
        return ("discriminator",) * config.discriminator_steps + ("generator",) * config.generator_steps
    return ("vae",)
