"""Shared by all pages: page settings, navigation and error messages. static/shared/frame.css has their look."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, NoReturn

import streamlit as st
from PIL import Image

from gencmp.errors import GencmpError
from gencmp.graphics.colours import TONES
from gencmp.ui.catalog import open_catalog, open_votes
from gencmp.ui.rights.session import for_visitor

NAMED = 5  # damaged runs and models below a page
log = logging.getLogger("gencmp.ui")


def show(pages: Sequence[Any], corner: Callable[[], None]) -> None:
    """Show the page that the address names. corner: draws what all have in the header."""
    st.set_page_config(page_icon=_icon(), layout="wide")
    page = st.navigation(list(pages), position="top")
    # frame.js reads the page's name from the title
    st.set_page_config(page_title=f"{page.title} · gencmp: GAN and VAE, side by side")
    try:
        corner()
        page.run()
    except GencmpError as error:
        st.error(plain(for_visitor(str(error))), icon=":material/error:")
    say_left_out()


def stop() -> NoReturn:
    """End a page early; after Streamlit's own stop nothing could be said any more."""
    say_left_out()
    st.stop()


def say_left_out() -> None:
    """Name damaged runs and models once, below a page that was drawn without them."""
    with suppress(GencmpError):  # a store that cannot be opened has been spoken of
        votes = (
            open_votes().left_out.sentences if open_votes.cache_info().currsize else []
        )  # no store for who never votes
        if sentences := open_catalog().left_out() + votes:
            more = [f"And {len(sentences) - NAMED} more."] if len(sentences) > NAMED else []
            st.warning(
                "  \n".join(plain(for_visitor(each)) for each in sentences[:NAMED] + more),
                icon=":material/broken_image:",
            )


@cache
def _icon() -> Image.Image:
    """One half in the GAN's colour, one in the VAE's; a named icon would be fetched from the network."""
    icon = Image.new("RGB", (32, 32), TONES["vae"])
    icon.paste(TONES["gan"], (0, 0, 16, 32))
    return icon


def book_width() -> None:
    """Limit the width of pages that are mostly read, so that pictures fit the screen's height."""
    st.html('<style>:root [data-testid="stMainBlockContainer"] { max-width: 80rem; }</style>')


def apologise(error: Exception) -> bool:
    """Log the traceback and show a short message instead. Returns True so that Streamlit shows nothing else.

    What a button's callback refuses on purpose is only said."""
    if isinstance(error, GencmpError):
        st.error(plain(for_visitor(str(error))), icon=":material/error:")
        return True
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
