"""What a request may ask for: numbers within bounds, few names, short addresses. One place for all routes.

Each refusal is a BadRequest with what was found and what is wanted; answers.py sends it with status 400.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request

from gencmp.errors import BadRequest

LONGEST = 12_000  # bytes of an address: a panel's title and caption in any alphabet fit
NAMES = 16  # models or columns of one request
NAME = 200  # letters of one
WHOLE = 10**9  # larger than any step or epoch


class _Whole(Convertor[int]):
    """A whole number of at most nine digits in a path: more would not be a number of anything here, nor fit a file's name."""

    regex = "[0-9]{1,9}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("whole", _Whole())


def whole(request: Request, name: str, default: int = 0, low: int = 0, high: int = WHOLE) -> int:
    """A whole number of the query. Raises BadRequest."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (len(text) <= 10 and text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
        raise BadRequest(f"{name}: found {_shown(text)}, wanted a whole number from {low} to {high}.")
    if not low <= int(text) <= high:
        raise BadRequest(f"{name}: found {text}, wanted a whole number from {low} to {high}.")
    return int(text)


def number(request: Request, name: str, default: float, low: float, high: float) -> float:
    """A number of the query, never infinite or none at all. Raises BadRequest."""
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        found = float(text) if len(text) <= 40 else math.nan
    except ValueError:
        found = math.nan
    if not low <= found <= high:
        raise BadRequest(f"{name}: found {_shown(text)}, wanted a number from {low:g} to {high:g}.")
    return found


def choice(request: Request, name: str, options: Sequence[str]) -> str:
    """One of the options, the first by default. Raises BadRequest."""
    text = request.query_params.get(name, options[0])
    if text not in options:
        raise BadRequest(f"{name}: found {_shown(text)}, wanted one of {', '.join(options)}.")
    return text


def names(request: Request, name: str) -> list[str]:
    """Names separated by commas. Raises BadRequest for too many, and for one that is too long."""
    found = [each for each in request.query_params.get(name, "").split(",", NAMES + 1) if each]
    if len(found) > NAMES:
        raise BadRequest(f"{name}: found more than {NAMES} names, wanted at most {NAMES}.")
    if long := next((each for each in found if len(each) > NAME), ""):
        raise BadRequest(f"{name}: found a name of {len(long):,} letters, wanted at most {NAME}.")
    return found


def _shown(text: str) -> str:
    return repr(text[:20] + "…" if len(text) > 20 else text)


def is_too_long(scope: Any) -> bool:
    """Whether a request's address has more bytes than any of ours."""
    return len(scope.get("raw_path") or scope["path"].encode()) + len(scope.get("query_string", b"")) > LONGEST
