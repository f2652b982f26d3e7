"""Options made from the configs' fields, and the settings that a person has typed with them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from gencmp.errors import ConfigError
from gencmp.settings.configs import CONFIGS, DATASETS, FORMER_NAMES, Config
from gencmp.settings.setting import default_of, parse_setting, refuse_unknown_settings, settings_of


def add_settings(command: argparse.ArgumentParser, config: type[Config]) -> None:
    """Every setting of a kind of model, each with its help, unit, default and source."""
    for name, known in settings_of(config).items():
        default = default_of(config, name)
        shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
        bounds = f"one of {', '.join(known.choices)}; " if known.choices else ""
        facts = f"[{bounds}{known.unit + '; ' if known.unit else ''}default {shown if shown != '' else 'all'}; source: {known.source}]"
        _add(command, name, f"{known.help} {facts}")


def add_changes(command: argparse.ArgumentParser) -> None:
    """The settings of both kinds of model, to be changed."""
    group = command.add_argument_group("changed settings", "as `train gan --help` and `train vae --help` explain them")
    for name, known in {
        name: known for config in CONFIGS.values() for name, known in settings_of(config).items()
    }.items():
        _add(group, name, known.label)


def _add(command: Any, name: str, words: str) -> None:
    former = [old for old, new in FORMER_NAMES.items() if new == name]  # as earlier versions called it: still accepted
    options = ["--" + each.replace("_", "-") for each in (name, *former)]
    command.add_argument(*options, dest=name, metavar="VALUE", default=None, help=escaped(words))


def escaped(words: str) -> str:
    return words.replace("%", "%%")


def typed_settings(options: argparse.Namespace, config: type[Config]) -> dict[str, Any]:
    """Name -> value of those that were typed; a folder by its whole path. Raises ConfigError."""
    every = {name for kind in CONFIGS.values() for name in settings_of(kind)}
    typed = {name: value for name, value in vars(options).items() if name in every and value is not None}
    refuse_unknown_settings(config, typed)
    if "dataset" in typed:
        typed["dataset"] = _data_set(typed["dataset"])
    return {name: parse_setting(config, name, text) for name, text in typed.items()}


def _data_set(typed: str) -> str:
    if typed in DATASETS:
        return typed
    folder = Path(typed).resolve()
    if not folder.is_dir():
        raise ConfigError(
            "dataset",
            f"--dataset: {folder} is no folder. Choose one of {', '.join(DATASETS)}, or a folder that is there.",
        )
    return str(folder)
