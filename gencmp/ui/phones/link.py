"""The address by which phones on the same network join: as words and as a QR code."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import segno
import streamlit as st

from gencmp.ui.frame import base_path, plain
from gencmp.ui.rights.visitor import LOCAL, lan_address

FOR_A_CLASS = "streamlit run dashboard.py --server.address 0.0.0.0"


def link_to(page: str, query: str) -> str:
    """A page's address that others on the network can open: the one this browser used, or for "localhost" this machine's.
    page: this page's name in addresses."""
    here = urlsplit(st.context.url or f"http://localhost:{st.get_option('server.port')}{base_path()}")
    name = here.hostname or "localhost"
    if name in LOCAL and str(st.get_option("server.address") or "0.0.0.0") not in LOCAL:
        name = lan_address()
    port = f":{here.port}" if here.port else ""
    root = here.path.removesuffix(f"/{page}")  # includes a proxy's prefix, which this server may not know
    return f"{here.scheme}://{f'[{name}]' if ':' in name else name}{port}{root}/{page}?{query}"


def is_local(link: str) -> bool:
    """Whether only this machine can open it."""
    return urlsplit(link).hostname in LOCAL


def qr(link: str, scale: int = 9) -> bytes:
    """A PNG QR code, dark on white in both themes, because many phones cannot read inverted codes. scale: pixels of a module."""
    file = io.BytesIO()
    segno.make(link, error="m", micro=False).save(file, kind="png", scale=scale, border=4)
    return file.getvalue()


def show_link(link: str, scale: int = 9) -> None:
    """The link as a QR code and as text. If only this computer can open it, how to change that."""
    if is_local(link):
        st.markdown(
            "Only this computer can open the dashboard at the moment. To let phones on the same network join, start it with"
        )
        st.code(FOR_A_CLASS, language=None, wrap_lines=True)
        st.caption(f"To try it here, open this in a private window: {plain(link)}")
    else:
        st.image(qr(link, scale), width="content")
        st.markdown(f"or open **{plain(link)}**")
