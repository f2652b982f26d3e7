"""Changes of settings while a model trains: asked for at any time, made between two steps, and replayed on resume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from gencmp.errors import ConfigError
from gencmp.events import Changed
from gencmp.models.adam import FlatAdam
from gencmp.models.convolutional import Convolutional
from gencmp.models.layers import Dense
from gencmp.settings.configs import LINEAR, Config
from gencmp.settings.levers import RESHAPING, pull
from gencmp.training.build import Trainer

RATES = {  # the learning rate of each optimiser
    "generator": "generator_learning_rate",
    "discriminator": "discriminator_learning_rate",
    "autoencoder": "learning_rate",
}


class Levers:
    """What the user changes while a run trains.

    recorded: the changes of an earlier part of the run. Those at steps that are trained again are made again at the same
        steps, so that a resumed run has the same bits as one that was never stopped.
    """

    def __init__(self, recorded: Sequence[Changed] = ()):
        self.recorded = {change.step: dict(change.after) for change in recorded}
        self.asked: list[Mapping[str, Any]] = []

    def ask(self, changes: Mapping[str, Any]) -> None:
        """Change settings before the next step."""
        self.asked.append(changes)

    def before(self, config: Config, first: int, last: int) -> Config:
        """The config after the recorded changes at steps `first` to `last`."""
        for step in sorted(step for step in self.recorded if first <= step <= last):
            config = pull(config, self.recorded[step])
        return config

    def at(self, config: Config, step: int) -> Config:
        """The config for `step`: with the recorded changes, then with those asked for, later ones last.

        A change that has become invalid is ignored: two users may each set one of D steps and G steps to 0.
        """
        config = self.before(config, step, step)
        for changes in self.asked:
            try:
                config = pull(config, changes)
            except ConfigError:
                continue
        self.asked = []
        return config

    @property
    def reshape(self) -> bool:
        """Whether a recorded change alters the shapes of the matrix products."""
        return any(not set(RESHAPING).isdisjoint(after) for after in self.recorded.values())

    def is_due(self, step: int) -> bool:
        """Whether anything may change before `step`."""
        return bool(self.asked) or step in self.recorded


def change(trainer: Trainer, config: Config, epoch: int) -> None:
    """Make a trainer go on with other settings, or in another epoch: learning rates, dropout, and what its step reads from the
    config."""
    trainer.config = cast(Any, config)
    for name, optimiser in trainer.optimisers.items():
        _set_rate(optimiser, getattr(config, RATES[name]) * rate_share(config, epoch))
    for name, network in trainer.networks.items():
        if isinstance(network, Dense | Convolutional) and hasattr(config, f"{name}_dropout"):
            network.dropout = getattr(config, f"{name}_dropout")


def rate_share(config: Config, epoch: int) -> float:
    """The part of the learning rate that is left in an epoch, counted from 1: from 1 down to 1 / epochs where it decays."""
    return 1 - (epoch - 1) / config.epochs if config.learning_rate_decay == LINEAR else 1.0


def _set_rate(optimiser: Any, rate: float) -> None:
    if isinstance(optimiser, FlatAdam):
        optimiser.settings["lr"] = rate
    else:
        for group in optimiser.param_groups:
            group["lr"] = rate


def changed(before: Config, after: Config, epoch: int, step: int) -> Changed | None:
    """The event of a change before `step`; None where nothing differs."""
    was, now = before.to_dict(), after.to_dict()
    names = [name for name in now if now[name] != was[name]]
    return Changed(epoch, step, {n: was[n] for n in names}, {n: now[n] for n in names}) if names else None
