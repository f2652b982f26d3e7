"""Settings as they were stored with a run or a model, checked when they are read. Imports no torch."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any

from gencmp.errors import ConfigError
from gencmp.schema import Misfit, check, parse_json
from gencmp.settings.configs import CONFIGS, complete_settings
from gencmp.settings.setting import checked

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
