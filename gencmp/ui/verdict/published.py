"""What others have published, with the data and the judge of each figure."""

from __future__ import annotations

import streamlit as st

from gencmp.settings import paper
from gencmp.ui.glossary.explain import marked_once
from gencmp.ui.verdict.words import html_table, style

HEADS = ("Measure", "Figures", "Data", "Judge", "Source", "Comparable with ours?")
TERMS = {
    "Parzen-window": "Parzen window", "Fréchet distance": "Fréchet distance", "nats": "nats", "Precision": "precision", "recall": "recall",
    "density": "density", "coverage": "coverage",
}  # fmt: skip


def published() -> None:
    """A heading and a table."""
    st.subheader("What others have published", anchor=False)
    lines = [marked_once(vars(row).values(), TERMS) for row in paper.PUBLISHED]
    st.html(style() + html_table("Published figures", HEADS, lines))
