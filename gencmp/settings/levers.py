"""Levers: the settings that may be changed while a model trains. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gencmp.errors import ConfigError
from gencmp.settings.configs import Config
from gencmp.settings.own_folder import name_of
from gencmp.settings.setting import settings_of

LEVERS = {
    "gan": (
        "generator_learning_rate", "discriminator_learning_rate", "generator_dropout", "discriminator_dropout",
        "real_label", "discriminator_steps", "generator_steps",
    ),
    "vae": ("learning_rate", "beta"),
}  # fmt: skip
RESHAPING = ("discriminator_steps", "generator_steps")  # change the shapes of the matrix products


def pull(config: Config, changes: Mapping[str, Any]) -> Config:
    """The config with the changes. Raises ConfigError for values out of range, and for settings that are no levers."""
    levers = LEVERS[config.kind]
    for name in changes:
        if name not in levers:
            known = settings_of(config)
            label = known[name].label if name in known else repr(name)
            raise ConfigError(
                name,
                f"{label}: cannot be changed while a {config.kind.upper()} trains. These settings can: {', '.join(levers)}.",
            )
    return config.replace(**changes)


def change_words(config: Config, changes: Mapping[str, tuple[Any, Any]]) -> str:
    """ "Learning rate of D 0.001 → 0.0001, D steps 1 → 2". changes: name -> (before, or None if not known, after)."""
    known = settings_of(config)
    return ", ".join(f"{known[name].label} {_pair(*values)}" for name, values in changes.items())


def _pair(before: Any, after: Any) -> str:
    return _shown(after) if before is None else f"{_shown(before)} → {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "all"
    return name_of(value) if isinstance(value, str) else f"{value:g}"
