"""What the terminal says when the dashboard is open to a network: its address, a picture of it for phones, and the PIN."""

from __future__ import annotations

import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import segno
import streamlit as st

from gencmp.ui.frame import base_path
from gencmp.ui.requests.open_files import allow_many_files
from gencmp.ui.rights import hosting
from gencmp.ui.rights.sign_in import sign_in
from gencmp.ui.rights.visitor import LOCAL, TRUSTED_PROXY, lan_address


@asynccontextmanager
async def announce(app: Any) -> AsyncIterator[None]:
    """For st.App: said once, when the server starts."""
    allow_many_files()
    address = str(st.get_option("server.address") or "")
    hosting.serve(address, lambda: _say(proxy_words()))
    if hosting.is_open():
        _say(opened_words(address, int(st.get_option("server.port")), base_path()))
    yield


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def opened_words(address: str, port: int, prefix: str) -> str:
    """The address that a class opens, as words and as a QR code, and the teacher's PIN."""
    host = lan_address() if address in ("", "0.0.0.0", "::") else address
    link = f"http://{f'[{host}]' if ':' in host else host}:{port}{prefix}/"
    unknown = "\n  (this computer has no network now; the address may change)" if host in LOCAL else ""
    return (
        f"\n  The dashboard is open to everyone on this network:  {link}{unknown}\n\n{_picture(link)}\n"
        f"  The teacher's PIN:  {sign_in().pin}\n"
        "  Needed on other computers to start, change or delete anything, and to open a vote. On this computer: never.\n"
    )


def proxy_words() -> str:
    """For a server that only this computer reaches, when somebody comes in by another name."""
    return (
        f"\n  Somebody has opened the dashboard through a proxy. The teacher's PIN is  {sign_in().pin}\n"
        f"  If the proxy lets in only you, as JupyterHub and Codespaces do, start it with {TRUSTED_PROXY}=1: no PIN is asked for then.\n"
    )


def _picture(link: str) -> str:
    file = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(file, compact=True, border=2)
    return file.getvalue()
