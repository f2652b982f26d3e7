"""A lesson's address for a class: large type, and without what it does not need."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import streamlit as st

from gencmp.lessons.lesson import Lesson
from gencmp.ui.learn.parts import HIDEABLE, hidden


def share(lesson: Lesson) -> None:
    """A button that unfolds the choice of parts and the address that follows from it."""
    with st.popover("Share this lesson", icon=":material/share:"):
        st.caption("Leave out what your class should not see, then copy the address.")
        left_out = [
            name
            for name, words in HIDEABLE.items()
            if not st.checkbox(words, value=name not in hidden(), key=f"learn.share.{name}")
        ]
        is_large = st.checkbox("Large type, for a projector", key="learn.share.presenter")
        st.code(address(str(st.context.url or ""), lesson.key, left_out, is_large), language=None, wrap_lines=True)


def address(here: str, key: str, left_out: list[str], is_large: bool) -> str:
    """here: the page's own address; where it is not known, a relative one is made.

    >>> address("http://localhost:8501/learn?lesson=x", "balance", ["literature"], True)
    'http://localhost:8501/learn?lesson=balance&hide=literature&presenter=1'
    """
    parts = {"lesson": key}
    if left_out:
        parts["hide"] = ",".join(left_out)
    if is_large:
        parts["presenter"] = "1"
    place = urlsplit(here)
    root = f"{place.scheme}://{place.netloc}{place.path}" if place.netloc else "/learn"
    return f"{root}?{urlencode(parts, safe=',')}"
