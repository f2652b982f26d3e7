"""One setting: its description, parsing of typed values, and validation.

Configs declare their settings with `setting`; forms, the command line and the documentation are generated from these
declarations.
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
    """The description of one config field, for forms, the command line and validation.

    low, high: the range of a number, or of each number in a tuple.
    layers:    the smallest and largest number of layers, where the value holds one width per layer.
    """

    label: str
    help: str
    source: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    group: str = "training"
    layers: tuple[int, int] | None = None


def setting(default: Any, label: str, help: str, source: str, **facts: Any) -> Any:
    """A dataclass field with a Setting. facts: the other fields of Setting."""
    return field(default=default, metadata={"setting": Setting(label, help, source, **facts)})


def settings_of(config: Any) -> dict[str, Setting]:
    """Name -> Setting, in order of declaration. config: a Config, or its class."""
    return {f.name: f.metadata["setting"] for f in dataclasses.fields(config)}


def default_of(kind: type[Any], name: str) -> Any:
    return next(f.default for f in dataclasses.fields(kind) if f.name == name)


def refuse_unknown_settings(kind: type[Any], values: dict[str, Any]) -> None:
    """Raise ConfigError for the first name that is not a setting of this config class."""
    known = settings_of(kind)
    for name in values:
        if name not in known:
            raise ConfigError(name, f"{kind.kind} has no setting {name!r}. It has: {', '.join(known)}.")


def parse_setting(kind: type[Any], name: str, text: str) -> Any:
    """The value of a setting from text that a user typed: "512 256 128" for widths, "0,1,7" for digits. Raises
    ConfigError."""
    default = default_of(kind, name)
    label = settings_of(kind)[name].label
    try:
        if isinstance(default, bool):
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.strip().lower()]
        if isinstance(default, tuple):
            # a dash after a digit separates two numbers, as in 512-256; before a digit it is a minus sign
            return tuple(int(word) for word in re.sub(r"(?<=\d)-|,", " ", text).split())
        return type(default)(text)
    except (ValueError, KeyError):
        raise ConfigError(name, f"{label}: found {text!r}, wanted {_wanted(default)}.") from None


def _wanted(default: Any) -> str:
    if isinstance(default, bool):
        return "true or false"
    if isinstance(default, tuple):
        return "whole numbers separated by spaces"
    return {int: "a whole number", float: "a number", str: "a word"}[type(default)]


def checked(each: dataclasses.Field[Any], value: Any) -> Any:
    """The value, converted to its field's type. Raises ConfigError when the value is invalid."""
    known: Setting = each.metadata["setting"]
    value = _typed(each, value, known)
    if known.choices and value not in known.choices:
        raise ConfigError(each.name, f"{known.label}: found {value!r}, wanted one of {', '.join(known.choices)}.")
    for number in value if isinstance(value, tuple) else (value,):
        if known.low is not None and known.high is not None and not known.low <= number <= known.high:
            raise ConfigError(
                each.name, f"{known.label}: found {shown(number)}, wanted {shown(known.low)} to {shown(known.high)}."
            )
    if known.layers and not known.layers[0] <= len(value) <= known.layers[1]:
        low, high = known.layers
        raise ConfigError(each.name, f"{known.label}: found {len(value)} layers, wanted {low} to {high}.")
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


def shown(number: float) -> str:
    """A number for people. Whole numbers in full: 1e+07 would hide what is wrong with 10,000,001."""
    return f"{number:,}" if isinstance(number, int) else f"{number:g}"
