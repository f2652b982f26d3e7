"""Shared by the charts of the Verdict page."""

from __future__ import annotations

import html
from typing import Any

import streamlit as st

from gencmp.graphics.colours import DARK, TONES
from gencmp.ui import charts


def tone(kind: str) -> str:
    """The colour of "gan", "vae" or "real" in the page's theme."""
    return (DARK if st.context.theme.type == "dark" else TONES)[kind]


def strips(title: str) -> dict[str, Any]:
    """The layout of a chart with one row per name, the first at the top."""
    return {
        "showlegend": False, "xaxis": {"title": {"text": html.escape(title)}}, "yaxis": {"autorange": "reversed"},
        "margin": {"l": 160, "r": 16, "t": 8, "b": 44},
    }  # fmt: skip


def plot(traces: list[dict[str, Any]], key: str, height: int, layout: dict[str, Any]) -> None:
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "height": height}
    figure = {"data": traces, "layout": clear | layout}
    st.plotly_chart(figure, key=key, config=charts.STILL, alt=charts.spoken(figure))
