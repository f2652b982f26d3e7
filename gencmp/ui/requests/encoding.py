"""Compressed answers: who takes them, and their headers. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers
from starlette.types import Scope


def takes_gzip(scope: Scope, unless: Sequence[str] = ("range",)) -> bool:
    """Whether a request takes a compressed answer. unless: by none of these headers it asks for a part, or for what has changed."""
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and not any(name in headers for name in unless)


def packed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of an answer whose body has been compressed. headers: of the plain one, names in lower case."""
    same = {name: value for name, value in headers.items() if name not in ("content-length", "accept-ranges")}
    return same | {"content-encoding": "gzip", "vary": "Accept-Encoding"}
