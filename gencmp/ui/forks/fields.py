"""Fields for the settings of one run, as typed, and what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gencmp.settings.configs import Config
from gencmp.settings.setting import Setting, parse_setting, settings_of


def field(place: Any, config: Config, name: str, key: str) -> Any:
    """Draw the field of a number; returns its value, or text that `changes_of` reads. place: a column or st."""
    known, value = settings_of(config)[name], getattr(config, name)
    if isinstance(value, int):
        return place.number_input(known.label, value=value, step=1, help=_help(known), key=key)
    if name.endswith("learning_rate"):  # the steps of a number input would be too coarse
        return place.text_input(known.label, f"{value:g}", help=_help(known), key=key)
    return place.number_input(known.label, value=float(value), step=0.05, format="%g", help=_help(known), key=key)


def changes_of(config: Config, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from the config. Raises ConfigError for text that is no number."""
    values = {
        name: parse_setting(type(config), name, value) if isinstance(value, str) else value
        for name, value in typed.items()
        if value is not None
    }
    return {name: value for name, value in values.items() if value != getattr(config, name)}


def _help(known: Setting) -> str:
    return f"{known.help} {known.low:g} to {known.high:g}."
