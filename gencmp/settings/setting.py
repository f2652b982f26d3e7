"""One setting: what is known of it, what a person may type for it, and what it refuses.

The configs declare theirs with `setting`; forms, the command line and the documentation are made from the same facts.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from dataclasses import dataclass, field
from typing import Any

from gencmp.errors import ConfigError


@dataclass(frozen=True)
class Setting:
    """What is known of one field: for forms, the command line, and validation."""

    label: str
    help: str
    source: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    group: str = "training"
    layers: tuple[int, int] | None = None  # the fewest and the most, where the value is a width a layer


def setting(default: Any, label: str, help: str, source: str, **facts: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, help, source, **facts)})


def settings_of(config: Any) -> dict[str, Setting]:
    """Name -> what is known of it, in the order in which they are declared. config: a Config, or its class."""
    return {f.name: f.metadata["setting"] for f in dataclasses.fields(config)}


def default_of(kind: type[Any], name: str) -> Any:
    return next(f.default for f in dataclasses.fields(kind) if f.name == name)


def unknown_setting(kind: type[Any], values: dict[str, Any]) -> None:
    """Raise ConfigError for the first name that is no setting of this kind."""
    known = settings_of(kind)
    for name in values:
        if name not in known:
            raise ConfigError(name, f"{kind.kind} has no setting {name!r}. It has: {', '.join(known)}.")


def parse_setting(kind: type[Any], name: str, text: str) -> Any:
    """The value of a setting from what a person typed: "512 256 128" for widths, "0,1,7" for digits."""
    default = default_of(kind, name)
    label = settings_of(kind)[name].label
    try:
        if isinstance(default, bool):
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.strip().lower()]
        if isinstance(default, tuple):
            # a dash after a digit parts two numbers, as in 512-256; before one it is a minus
            return tuple(int(word) for word in re.sub(r"(?<=\d)-|,", " ", text).split())
        return type(default)(text)
    except (ValueError, KeyError):
        raise ConfigError(name, f"{label}: found {text!r}, wanted {_wanted(default)}.") from None


def _wanted(default: Any) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, tuple):
        return "whole numbers with spaces between them"
    return {int: "a whole number", float: "a number", str: "a word"}[type(default)]


def checked(each: dataclasses.Field[Any], value: Any) -> Any:
    """The value in its field's type, or ConfigError."""
    known: Setting = each.metadata["setting"]
    value = _typed(each, value, known)
    if known.choices and value not in known.choices:
        raise ConfigError(each.name, f"{known.label}: found {value!r}, wanted one of {', '.join(known.choices)}.")
    for number in value if isinstance(value, tuple) else (value,):
        if known.low is not None and known.high is not None and not known.low <= number <= known.high:
            raise ConfigError(
                each.name, f"{known.label}: found {_shown(number)}, wanted {_shown(known.low)} to {_shown(known.high)}."
            )
    if known.layers and not known.layers[0] <= len(value) <= known.layers[1]:
        fewest, most = known.layers
        raise ConfigError(each.name, f"{known.label}: found {len(value)} layers, wanted {fewest} to {most}.")
    return value


def _typed(each: dataclasses.Field[Any], value: Any, known: Setting) -> Any:
    default = each.default
    if isinstance(default, tuple) and isinstance(value, (tuple, list)) and all(_is_whole(v) for v in value):
        return tuple(int(v) for v in value)
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if isinstance(default, int) and not isinstance(default, bool) and _is_whole(value):
        return int(value)
    if (
        isinstance(default, float)
        and isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    ):
        return float(value)
    if isinstance(default, str) and isinstance(value, str):
        return value
    raise ConfigError(each.name, f"{known.label}: found {value!r}, wanted {_wanted(default)}.")


def _is_whole(value: Any) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def _shown(number: float) -> str:
    """Whole numbers to the last digit: 1e+07 would hide what is wrong with 10,000,001."""
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
