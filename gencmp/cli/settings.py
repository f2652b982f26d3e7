"""Command-line options generated from the configs' fields, and parsing of their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from gencmp.errors import ConfigError
from gencmp.settings.configs import CONFIGS, DATASETS, Config
from gencmp.settings.setting import Setting, default_of, parse_setting, refuse_unknown_settings, settings_of
from gencmp.settings.stored import FORMER_NAMES


def setting_options(config: type[Config]) -> list[click.Parameter]:
    """An option for every setting of a kind of model, with help, unit, default and source."""
    known = settings_of(config)
    return _options(known, lambda name: f"{known[name].help} {_facts(known[name], default_of(config, name))}")


def change_options() -> list[click.Parameter]:
    """Options for the settings of both kinds of model, to change those of a run."""
    known = {name: each for config in CONFIGS.values() for name, each in settings_of(config).items()}
    return _options(known, lambda name: known[name].label)


def _facts(known: Setting, default: Any) -> str:
    shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
    bounds = f"one of {', '.join(known.choices)}; " if known.choices else ""
    unit = f"{known.unit}; " if known.unit else ""
    return f"[{bounds}{unit}default {'all' if shown == '' else shown}; source: {known.source}]"


def _options(known: Mapping[str, Setting], words: Callable[[str], str]) -> list[click.Parameter]:
    """Values stay text; `typed_settings` checks them. Former names are accepted but hidden."""
    former = [click.Option([_dashed(old), new], hidden=True) for old, new in FORMER_NAMES.items() if new in known]
    return [_option(name, each, words(name)) for name, each in known.items()] + former


def _option(name: str, known: Setting, words: str) -> click.Parameter:
    return click.Option(
        [_dashed(name), name], metavar="VALUE", help=words,
        shell_complete=lambda _context, _option, typed: [each for each in known.choices if each.startswith(typed)],
    )  # fmt: skip


def _dashed(name: str) -> str:
    return "--" + name.replace("_", "-")


def typed_settings(options: Mapping[str, str | None], config: type[Config]) -> dict[str, Any]:
    """Name -> value of the options that were given; a folder becomes an absolute path. Raises ConfigError."""
    typed = {name: text for name, text in options.items() if text is not None}
    refuse_unknown_settings(config, typed)
    if "dataset" in typed:
        typed["dataset"] = _data_set(typed["dataset"])
    return {name: parse_setting(config, name, text) for name, text in typed.items()}


def _data_set(typed: str) -> str:
    if typed in DATASETS:
        return typed
    folder = Path(typed).resolve()
    if not folder.is_dir():
        advice = f"Choose one of {', '.join(DATASETS)}, or an existing folder."
        raise ConfigError("dataset", f"--dataset: {folder} is not a folder. {advice}")
    return str(folder)
