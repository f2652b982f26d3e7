"""Shared by all pages: page settings, navigation, styles and error messages."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import streamlit as st
from PIL import Image

from gencmp.errors import GencmpError

log = logging.getLogger("gencmp.ui")

STYLE = """<style>
html, body { font-variant-numeric: tabular-nums; }
[data-testid="stMainBlockContainer"] { padding: 3.6rem clamp(1rem, 2.5vw, 2.6rem) 3rem; max-width: 1680px; }
[data-testid="stMainBlockContainer"] h1 { padding: 0 0 .6rem; letter-spacing: -.01em; }
[data-testid="stHeader"] { background: transparent; }
/* the primary colour is light in the dark theme, where Streamlit's white label would be unreadable */
[data-testid^="stBaseButton-primary"]:not(:disabled) :is(p, span) { color: light-dark(#FBFAF7, #171614); }
[data-testid="stVerticalBlock"] { gap: .8rem; }
@media (max-width: 640px) {
  .st-key-train_watching > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"] { flex-direction: column-reverse; }
  .st-key-train_watching [data-testid="stColumn"] { width: 100% !important; }
  [data-testid="stMainBlockContainer"] { padding: 3.2rem .8rem 2rem; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
</style>"""


def show(pages: Sequence[Any]) -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="gencmp: GAN and VAE, side by side", page_icon=_icon(), layout="wide")
    st.html(STYLE)
    page = st.navigation(list(pages), position="top")
    try:
        page.run()
    except GencmpError as error:
        st.error(plain(str(error)), icon=":material/error:")


@cache
def _icon() -> Image.Image:
    """One half in the GAN's colour, one in the VAE's; a named icon would be fetched from the network."""
    icon = Image.new("RGB", (32, 32), "#0072B2")
    icon.paste("#D55E00", (0, 0, 16, 32))
    return icon


def book_width() -> None:
    """Limit the width of pages that are mostly read, so that pictures fit the screen's height."""
    st.html('<style>[data-testid="stMainBlockContainer"] { max-width: 1280px; }</style>')


def apologise(error: Exception) -> bool:
    """Log the traceback and show a short message instead. Returns True so that Streamlit shows nothing else."""
    log.error("a page failed", exc_info=error)
    st.error(
        "Something went wrong on this page; your runs continue. Reload the page. If it happens again, "
        "please report it with the last lines from the terminal that runs the dashboard.",
        icon=":material/error:",
    )
    return True


def plain(words: str) -> str:
    """Escape text from a user for Markdown, so that it cannot add links, pictures, colours or formulas."""
    return re.sub(r"([\\`*_{}\[\]()<>#+|~:$!-])", r"\\\1", words)


def base_path() -> str:
    """The prefix of every path of this server: "" or "/some/prefix"."""
    prefix = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{prefix}" if prefix else ""
