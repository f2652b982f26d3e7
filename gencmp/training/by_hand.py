"""Watching a training by hand: whether someone does, and who learns in each phase of a minibatch. Imports no torch."""

from __future__ import annotations

from gencmp.settings.configs import Config, GanConfig


class ByHand:
    """Whether a training is watched by hand; may be changed whenever `train` has yielded an event.

    active: `train` yields a Moment before a minibatch and after each of its phases, see moments.py.
    """

    def __init__(self, active: bool = False):
        self.active = active


def turns_of(config: Config) -> tuple[str, ...]:
    """Who learns in each phase of a minibatch: ("discriminator", "generator") with the paper's settings."""
    if isinstance(config, GanConfig):
        return ("discriminator",) * config.discriminator_steps + ("generator",) * config.generator_steps
    return ("vae",)
