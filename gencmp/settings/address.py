"""Settings as parts of a page's address: what differs from a preset. ui/train/fill.py reads them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gencmp.settings.configs import Config
from gencmp.settings.own_folder import names_folder
from gencmp.settings.presets import preset

OWN = "own"  # the data set's name in an address for own pictures, whose path is nobody else's business


def differences(config: Config, other: Config) -> dict[str, Any]:
    """The settings of `config` that the other one has not, as plain values."""
    values, usual = config.to_dict(), other.to_dict()
    return {name: value for name, value in values.items() if value != usual[name]}


def address_of_form(presets: Mapping[str, str], configs: Mapping[str, Config], whole: bool = False) -> dict[str, str]:
    """The parts of the address that bring this form back. whole: name models and preset even where they are the usual ones."""
    parts = {}
    if len(presets) == 1 or whole:
        parts["models"] = "both" if len(presets) > 1 else next(iter(presets))
    name = next(iter(presets.values()))
    if name != "paper" or whole:
        parts["preset"] = name
    changed = {kind: differences(config, preset(kind, presets[kind]).config) for kind, config in configs.items()}
    for setting in dict.fromkeys(name for each in changed.values() for name in each):
        texts = {kind: _text(setting, each[setting]) for kind, each in changed.items() if setting in each}
        if len(texts) == len(configs) and len(set(texts.values())) == 1:
            parts[setting] = next(iter(texts.values()))
        else:
            parts |= {f"{kind}.{setting}" if len(configs) > 1 else setting: text for kind, text in texts.items()}
    return parts


def _text(setting: str, value: Any) -> str:
    if setting == "dataset":
        return OWN if names_folder(value) else str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
