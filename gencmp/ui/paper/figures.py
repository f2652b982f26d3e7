"""Our versions of the paper's figures, on the Paper page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from gencmp.errors import GencmpError
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain

if TYPE_CHECKING:
    from gencmp.panels.paper_figures import Figure

ROWS = (("figure-1",), ("figure-2",), ("figure-e", "figure-5"), ("figure-f-last", "figure-f-mean"))
DIAGRAMS = {"figure-1": 880, "figure-2": 1005}  # CSS pixels: both at the same scale, their words about 13 high
WIDE = DIAGRAMS | {"figure-e": 464, "figure-5": 464}  # two per digit pixel, plus the frame


@cache
def _figures() -> dict[str, Figure]:
    from gencmp.panels.paper_figures import paper_figures

    return {figure.name: figure for figure in paper_figures(open_catalog())}


@cache
def _svg(name: str, dark: bool) -> str:
    return _figures()[name].svg(dark)


def show_figures() -> None:
    """Diagrams one after the other, the rest two in a row, with captions, in the theme's colours; a sentence where a shipped
    model is missing or damaged."""
    try:
        _draw()
    except GencmpError as error:
        st.caption(plain(f"The figures need both shipped models. {error}"))


def _draw() -> None:
    dark = st.context.theme.type == "dark"
    for names in ROWS:
        for place, name in zip(st.columns(len(names), gap="medium"), names, strict=True):
            figure = _figures()[name]
            place.markdown(f"**{figure.title}**")
            frame = place.container(key=f"paper-{name}")  # frame.css lets a phone scroll the diagrams sideways
            frame.image(_svg(name, dark), width=WIDE.get(name, "stretch"), alt=figure.description)
            place.caption(figure.caption)
    st.caption("Made from the shipped runs. `python -m gencmp figures --out DIR` writes them as PNG, SVG and PDF.")
