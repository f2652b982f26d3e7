"""How this server is reached: by this computer alone, by a network, or through a proxy. Imports no Streamlit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gencmp.ui.rights.visitor import LOCAL, TRUSTED_PROXY, Visitor, lan_address, visitor_of

FRAMES = "GENCMP_FRAME_ANCESTORS"  # origins whose pages may show the dashboard in a frame, separated by spaces


@dataclass
class _Hosting:
    """is_open: to a network. uploaders: Streamlit's sessions that may upload, although they come from elsewhere. tell: called once,
    when somebody comes in from elsewhere although the server is not open."""

    is_open: bool = False
    trusts_proxy: bool = False
    uploaders: set[str] = field(default_factory=set)
    tell: Callable[[], None] | None = None


_here = _Hosting()


def serve(address: str, tell: Callable[[], None] | None = None) -> None:
    """address: that the server listens on; "" for all. tell: called when the first visitor comes through a proxy."""
    _here.is_open = address not in LOCAL
    # only where nobody but the proxy, on this computer, can come in
    _here.tell = None if _here.is_open else tell
    _here.trusts_proxy = os.environ.get(TRUSTED_PROXY) == "1" and not _here.is_open


def is_open() -> bool:
    return _here.is_open


def visitor(peer: str, headers: Mapping[str, str]) -> Visitor:
    """See visitor_of."""
    found = visitor_of(peer, headers, lan_address() if _here.is_open else "", _here.trusts_proxy)
    if not found.is_here and (tell := _here.tell):
        _here.tell = None
        tell()
    return found


def let_upload(session: str) -> None:
    _here.uploaders.add(session)


def forbid_upload(session: str) -> None:
    _here.uploaders.discard(session)


def may_upload(session: str) -> bool:
    return session in _here.uploaders


def frame_ancestors() -> str:
    """Of the Content-Security-Policy: "'self'" and what FRAMES names."""
    named = [each for each in os.environ.get(FRAMES, "").split() if re.fullmatch(r"https?://[\w.*:\[\]-]+", each)]
    return " ".join(["'self'", *named])
