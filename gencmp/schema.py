"""Checks what was read from a file against the types of our dataclasses: once, where it enters the program.

A value that passes is safe to compute with, and to send to a browser: numbers are finite and fit into 64 bits.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

Check = Callable[[Any, str], None]

LARGEST = 2**63 - 1  # of a whole number that SQLite and NumPy can hold
SHOWN = 40  # letters of a wrong value that an error repeats


class Misfit(ValueError):
    """A value is not what it must be. The message says which one, what was found and what was wanted."""


def parse_json(content: bytes | str) -> Any:
    """The value of JSON text. Raises Misfit when it is not JSON, nested too deeply, or has a number that no computer holds."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        found = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(found, ensure_ascii=False).encode()  # half a letter, which cannot be written anywhere
    except RecursionError:
        raise Misfit("it is nested too deeply") from None
    except Misfit:
        raise
    except json.JSONDecodeError as error:
        raise Misfit(f"it is not JSON, at letter {error.pos + 1:,}") from None
    except ValueError as error:
        raise Misfit(f"it is not JSON: {error}") from None
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Misfit(f"found the number {_shown(text)}, wanted a finite one")
    return number


def _whole(text: str) -> int:
    if len(text) > len(str(LARGEST)) or abs(int(text)) > LARGEST:
        raise Misfit(f"found the number {_shown(text)}, wanted one of at most 64 bits")
    return int(text)


# made once: making a decoder takes longer than most of what it reads
_DECODER = json.JSONDecoder(parse_float=_finite, parse_int=_whole, parse_constant=_finite)


def check(kind: Any, value: Any, where: str = "") -> None:
    """Raise Misfit unless the value is of this type.

    kind: a dataclass (whose fields a mapping or an instance must have), int, float, str, bool, bytes, Mapping, Sequence,
    tuple, a union, None, another class or Any. Fields with a default may be missing, and unknown ones are ignored. where: the value's place.
    """
    _check_of(kind)(value, where)


@cache
def _check_of(kind: Any) -> Check:
    if kind is Any:
        return lambda value, where: None
    if kind in _SIMPLE:
        accepts, wanted = _SIMPLE[kind]
        return _simple(accepts, wanted)
    if is_dataclass(kind):
        return _of_dataclass(kind)
    if isinstance(kind, type) and not get_args(kind):
        return _simple(lambda value: isinstance(value, kind), kind.__name__)
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _of_union(parts)
    if origin is Mapping:
        return _of_mapping(*map(_check_of, parts))
    if origin is tuple and parts[-1] is not ...:
        return _of_row([_check_of(part) for part in parts])
    if origin in (Sequence, tuple):
        return _of_list(_check_of(parts[0]))
    raise TypeError(f"no check for {kind}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST


_SIMPLE: dict[Any, tuple[Callable[[Any], bool], str]] = {
    int: (_is_whole, "a whole number"),
    float: (_is_number, "a number"),
    str: (lambda value: isinstance(value, str), "text"),
    bool: (lambda value: isinstance(value, bool), "true or false"),
    bytes: (lambda value: isinstance(value, bytes), "bytes"),
    type(None): (lambda value: value is None, "nothing"),
}


def _simple(accepts: Callable[[Any], bool], wanted: str) -> Check:
    def checked(value: Any, where: str) -> None:
        if not accepts(value):
            raise _misfit(where, value, wanted)

    return checked


def _of_dataclass(kind: Any) -> Check:
    hints = get_type_hints(kind)
    checks, needed = {each.name: _check_of(hints[each.name]) for each in fields(kind)}, _needed(kind)

    def checked(value: Any, where: str) -> None:
        known = vars(value) if isinstance(value, kind) else value
        if not isinstance(known, Mapping):
            raise _misfit(where, value, "an object")
        for name, each in checks.items():
            if name in known:
                each(known[name], f"{where}.{name}" if where else name)
            elif name in needed:
                raise Misfit(f"{f'{where}.{name}' if where else name} is missing")

    return checked


def _needed(kind: Any) -> set[str]:
    return {each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING}


def _of_union(parts: Sequence[Any]) -> Check:
    # None comes first, so that an error names the other type
    checks = [_check_of(part) for part in sorted(parts, key=lambda part: part is not type(None))]

    def checked(value: Any, where: str) -> None:
        for each in checks[:-1]:
            try:
                each(value, where)
            except Misfit:
                continue
            return
        checks[-1](value, where)

    return checked


def _of_mapping(keys: Check, values: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise _misfit(where, value, "an object")
        for name, each in value.items():
            keys(name, f"a name in {where}")
            values(each, f"{where}.{name}")

    return checked


def _of_list(item: Check) -> Check:
    def checked(value: Any, where: str) -> None:
        if not isinstance(value, (list, tuple)):
            raise _misfit(where, value, "a list")
        for index, each in enumerate(value):
            item(each, f"{where}[{index}]")

    return checked


def _of_row(items: Sequence[Check]) -> Check:
    def checked(value: Any, where: str) -> None:
        if not isinstance(value, (list, tuple)) or len(value) != len(items):
            raise _misfit(where, value, f"a list of {len(items)}")
        for each, part in zip(items, value, strict=True):
            each(part, where)

    return checked


def _misfit(where: str, value: Any, wanted: str) -> Misfit:
    return Misfit(f"{where or 'it'} is {_shown(value)}, wanted {wanted}")


def _shown(value: Any) -> str:
    """A wrong value for a sentence, however long or deep it is."""
    if isinstance(value, (Mapping, list, tuple)):
        return "an object" if isinstance(value, Mapping) else f"a list of {len(value)}"
    if isinstance(value, int) and abs(value) > LARGEST:
        return "a number of more than 64 bits"
    words = value if isinstance(value, str) else repr(value)
    return repr(words[:SHOWN] + ("…" if len(words) > SHOWN else "")) if isinstance(value, str) else words[:SHOWN]
