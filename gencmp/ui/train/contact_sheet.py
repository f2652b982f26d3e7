"""What became of a user's pictures, before anything is trained on them: how many, of which classes, what was left out,
and a contact sheet."""

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

SECONDS = 6.0  # of reading; small pictures are read at some thousands a second, photos at some ten
ROWS = 14  # classes; more of them flow in columns, a picture each
SHORT = 5  # letters of a name that stands beside its pictures; longer ones stand above them
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


class Looked(NamedTuple):
    """What is known of a folder, or why nothing can be trained on it."""

    survey: Survey | None
    sheet: tuple[Strip, ...] = ()
    fault: str = ""


def look_at(folder: str) -> Looked:
    """Known from the last time where no folder in it has changed since; else some seconds, with words."""
    times = folder_times(folder)
    with st.spinner(f"Looking at the pictures in {plain(Path(folder).name)}"):
        return _look(folder, times)


def look_again() -> None:
    """Forget what was found: a picture may have been mended in its place, which no folder's time tells."""
    _look.cache_clear()


@lru_cache(maxsize=8)
def _look(folder: str, times: tuple[tuple[object, ...], ...]) -> Looked:
    try:
        own = read_within(Path(folder), SECONDS)
    except DataError as error:
        return Looked(None, fault=str(error))
    return Looked(own.survey, tuple(own.sheet()))


def show_survey(survey: Survey, sheet: Sequence[Strip], decide: Callable[[], bool]) -> bool:
    """The summary and the contact sheet. decide: draws what is to be decided about files left out; its answer is passed on."""
    st.markdown(f"**{plain(survey.headline())}**")
    out, *rest = survey.remarks() if survey.left_out else ("", *survey.remarks())
    if out:
        st.caption(plain(out))
    is_ready = decide()
    if rest:
        st.caption("  \n".join(map(plain, rest)))
    st.html(STYLE + sheet_html(sheet, survey.counts, scale=1))
    with st.container(horizontal=True, gap="small"):
        if st.button("Look closer", icon=":material/zoom_in:", type="tertiary", key="own.closer"):
            _closer(sheet, survey.counts)
        st.button(
            "Look again", icon=":material/refresh:", type="tertiary", key="own.again", on_click=look_again,
            help="After a picture was mended in its place.",
        )  # fmt: skip
    return is_ready


@st.dialog("As the models see them", width="medium")
def _closer(sheet: Sequence[Strip], counts: Sequence[int]) -> None:
    st.html(sheet_html(sheet, counts, scale=2))


def sheet_html(sheet: Sequence[Strip], counts: Sequence[int], scale: int) -> str:
    """Class by class, light on dark as the models see them; `scale` screen pixels a pixel, so that each is a square."""
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
