"""Which answers may be sent compressed. Imports no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope


def takes_gzip(scope: Scope, unless: Sequence[str] = ("range",)) -> bool:
    """Whether a request takes a compressed answer. unless: by none of these headers it asks for a part, or for what has changed."""
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and not any(name in headers for name in unless)
