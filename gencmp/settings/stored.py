"""Settings as they were stored with a run or a model, checked when they are read, and configs made of them. Imports no torch."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from gencmp.errors import ConfigError
from gencmp.schema import Misfit, check, parse_json
from gencmp.settings.configs import CONFIGS, Config
from gencmp.settings.setting import checked, refuse_unknown_settings, settings_of

FORMER_NAMES = {"digits": "classes"}  # settings that earlier versions stored under another name
StoredValue = str | bool | float | tuple[int, ...]  # of any setting


def stored_settings(kind: Any, values: Any) -> dict[str, Any]:
    """Stored settings under their current names, completed with defaults; those that a later version added are kept.

    Raises Misfit for an unknown kind of model, and for a value that its setting cannot have.
    """
    if not isinstance(kind, str) or kind not in CONFIGS:
        raise Misfit(f"kind is {kind!r:.40}, wanted one of {', '.join(CONFIGS)}")
    if not isinstance(values, dict):
        raise Misfit("its settings are missing")
    complete = complete_settings(kind, values)
    for each in dataclasses.fields(CONFIGS[kind]):
        check(StoredValue, complete[each.name], each.name)
        try:
            checked(each, complete[each.name])
        except ConfigError as error:
            raise Misfit(str(error).rstrip(".")) from None
    return complete


@lru_cache(maxsize=4096)
def settings_in(kind: Any, text: str | bytes) -> dict[str, Any]:
    """The same from JSON text, read once: checking takes longer than all else in a list of a thousand runs. Do not modify."""
    return stored_settings(kind, parse_json(text))


def config_from_dict(values: dict[str, Any]) -> Config:
    """The inverse of `to_dict`, also for earlier versions' settings. Raises ConfigError for an unknown kind or setting,
    or an invalid value."""
    kind, values = _kind_and_values(values)
    refuse_unknown_settings(kind, values)
    return kind(**values)


def config_for_use(values: Mapping[str, Any]) -> tuple[Config, tuple[str, ...]]:
    """The config of a model to use but not to train, possibly from a later version or another system; and the names of
    ignored settings: unknown ones, and those with invalid values here, which get their defaults.

    Raises ConfigError for an unknown kind, and for an invalid value of a setting that builds the networks.
    """
    kind, values = _kind_and_values(values)
    known = settings_of(kind)
    ignored = [name for name in values if name not in known]
    kept = {name: value for name, value in values.items() if name in known}
    while True:
        try:
            return kind(**kept), tuple(ignored)
        except ConfigError as error:
            if error.field not in kept or known[error.field].group == "model":
                raise
            ignored.append(error.field)
            del kept[error.field]


def _kind_and_values(values: Mapping[str, Any]) -> tuple[type[Config], dict[str, Any]]:
    values = with_current_names(values)
    kind = values.pop("kind", None)
    if not isinstance(kind, str) or kind not in CONFIGS:
        raise ConfigError("kind", f"The kind of model is {kind!r:.40}; it must be one of {', '.join(CONFIGS)}.")
    return CONFIGS[kind], values


def with_current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings under their names in this version."""
    return {FORMER_NAMES.get(name, name): value for name, value in values.items()}


def complete_settings(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings under their current names, completed with the defaults of settings added since. Not validated, to
    be fast enough for lists of a thousand runs."""
    return _defaults(kind) | with_current_names(values)


@cache
def _defaults(kind: str) -> dict[str, Any]:
    return CONFIGS[kind]().to_dict() if kind in CONFIGS else {}


def config_from_json(text: str) -> Config:
    """See config_from_dict."""
    return config_from_dict(json.loads(text))
