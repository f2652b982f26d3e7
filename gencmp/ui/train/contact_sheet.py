"""A survey of a user's pictures before training: how many of each class, which files were left out, and a contact sheet."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from gencmp.data.fingerprint import folder_times
from gencmp.data.own_data import read_within
from gencmp.data.survey import Strip, Survey
from gencmp.errors import DataError
from gencmp.graphics.sheets import grid, png
from gencmp.ui.frame import plain

SECONDS = 6.0  # time limit of reading: thousands of small pictures a second, or about ten photos
ROWS = 14  # classes with a row each; more classes flow in columns, one picture each
SHORT = 5  # characters; names up to this length are placed next to their pictures, longer ones above
NAMELESS = "no label"

STYLE = """<style>
[role=dialog] .gc-own { max-height: none; }
[role=dialog] .gc-own.flow { grid-template-columns: repeat(auto-fill, minmax(110px, 1fr)); }
.gc-own { display: grid; gap: 3px 10px; max-height: 420px; overflow: auto; font-size: .82rem; align-items: center; }
.gc-own.rows { grid-template-columns: minmax(1.5em, max-content) 1fr; }
.gc-own.flow { grid-template-columns: repeat(auto-fill, minmax(76px, 1fr)); }
.gc-own .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.gc-own .name small { opacity: .65; margin-left: .35em; }
.gc-own .cell { display: flex; align-items: center; gap: 6px; min-width: 0; }
.gc-own img { display: block; image-rendering: pixelated; border-radius: 2px; }
</style>"""


class Inspection(NamedTuple):
    """What a folder contains, or why nothing can be trained on it."""

    survey: Survey | None
    sheet: tuple[Strip, ...] = ()
    error: str = ""


def inspect(folder: str) -> Inspection:
    """Read a folder, with a spinner for some seconds; cached until a folder in it changes."""
    times = folder_times(folder)
    with st.spinner(f"Reading the pictures in {plain(Path(folder).name)}"):
        return _inspect(folder, times)


def forget_inspections() -> None:
    """Clear the cache: replacing the content of a file does not change its folder's modification time."""
    _inspect.cache_clear()


@lru_cache(maxsize=8)
def _inspect(folder: str, times: tuple[tuple[object, ...], ...]) -> Inspection:
    try:
        own = read_within(Path(folder), SECONDS)
    except DataError as error:
        return Inspection(None, error=str(error))
    return Inspection(own.survey, tuple(own.sheet()))


def show_survey(survey: Survey, sheet: Sequence[Strip], decide: Callable[[], bool]) -> bool:
    """Show the summary and the contact sheet. decide: draws the question about unusable files; its answer is returned."""
    st.markdown(f"**{plain(survey.headline())}**")
    out, *rest = survey.remarks() if survey.left_out else ("", *survey.remarks())
    if out:
        st.caption(plain(out))
    is_ready = decide()
    if rest:
        st.caption("  \n".join(map(plain, rest)))
    st.html(STYLE + sheet_html(sheet, survey.counts, scale=1))
    with st.container(horizontal=True, gap="small"):
        if st.button("Enlarge", icon=":material/zoom_in:", type="tertiary", key="own.closer"):
            _enlarged(sheet, survey.counts)
        st.button(
            "Read again", icon=":material/refresh:", type="tertiary", key="own.again", on_click=forget_inspections,
            help="Use this after repairing a picture in the folder.",
        )  # fmt: skip
    return is_ready


@st.dialog("Pictures as the models see them", width="medium")
def _enlarged(sheet: Sequence[Strip], counts: Sequence[int]) -> None:
    st.html(sheet_html(sheet, counts, scale=2))


def sheet_html(sheet: Sequence[Strip], counts: Sequence[int], scale: int) -> str:
    """Pictures by class, light on dark as the models see them. scale: CSS pixels per pixel, a whole number."""
    if len(sheet) == 1 and not sheet[0].name:
        return f'<div class="gc-own">{_image(sheet[0], 6, scale)}</div>'
    if len(sheet) <= ROWS:
        cells = [f"{_name(strip, counts)}{_image(strip, 6, scale)}" for strip in sheet]
        side_by_side = max(len(strip.name or NAMELESS) for strip in sheet) <= SHORT
        return f'<div class="gc-own {"rows" if side_by_side else "stack"}">{"".join(cells)}</div>'
    cells = [f'<div class="cell">{_image(strip, 1, scale)}{_name(strip, ())}</div>' for strip in sheet]
    return f'<div class="gc-own flow">{"".join(cells)}</div>'


def _name(strip: Strip, counts: Sequence[int]) -> str:
    name = escape(strip.name or NAMELESS)
    count = f"<small>{counts[strip.label]:,}</small>" if strip.label < len(counts) else ""
    return f'<div class="name" title="{name}">{name}{count}</div>'


def _image(strip: Strip, columns: int, scale: int) -> str:
    picture = grid(strip.images, min(columns, len(strip.images)), gap=1)
    content = base64.b64encode(png(picture)).decode()
    words = f"{len(strip.images)} pictures {f'of {strip.name}' if strip.name else 'without a label'}"
    return (
        f'<img src="data:image/png;base64,{content}" alt="{escape(words)}" style="width:{picture.shape[1] * scale}px">'
    )
