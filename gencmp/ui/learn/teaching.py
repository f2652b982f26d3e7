"""For teachers: a plan for a lesson of fifty minutes. The text is docs/teaching.md."""

from __future__ import annotations

import streamlit as st

from gencmp.files import ROOT

PLACE = ROOT / "docs" / "teaching.md"  # see pyproject.toml


def show_teaching() -> None:
    """The whole text, or a sentence where it is missing."""
    try:
        words = PLACE.read_text("utf-8")
    except OSError:
        st.title("For teachers")
        st.info(
            "docs/teaching.md is missing. Download the project again to read it here.", icon=":material/search_off:"
        )
        return
    with st.container(key="learn_teaching"):
        st.markdown(words)
