"""What others have published, with the data and the judge of each figure."""

from __future__ import annotations

import streamlit as st

from gencmp.settings import paper
from gencmp.ui.verdict.words import html_table, style

HEADS = ("Measure", "Figures", "Data", "Judge", "Source", "Comparable with ours?")


def published() -> None:
    """A heading and a table."""
    st.subheader("What others have published", anchor=False)
    lines = [list(vars(row).values()) for row in paper.PUBLISHED]
    st.html(style() + html_table("Published figures", HEADS, lines))
