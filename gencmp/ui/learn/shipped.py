"""Lessons that look at the shipped models: their digits side by side."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from gencmp.graphics.sheets import grid, png
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.shipped import LABELS, SIDE, samples
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.pairs import newest_pair
from gencmp.settings.paper import Door
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.parts import link, paragraph

SURE = 0.9  # of a judge
MISSING = "The shipped models are missing: checkpoints/ is incomplete. Download the project again."


def show_shipped(lesson: Lesson) -> None:
    """What there is to look at in this lesson."""
    if lesson.key not in LOOKS:
        paragraph("Try it out there, then come back to see what came of it:")
        for door in lesson.doors:
            link(door.label, door.page, door.query)
        return
    pair = open_catalog().shipped_pair()
    if not pair:
        st.info(MISSING, icon=":material/search_off:")
        return
    look, draw = LOOKS[lesson.key]
    paragraph(look)
    draw(pair)


# What to look at


def _as_drawn(pair: Mapping[str, ModelRecord]) -> None:
    _sheets({key: (images, "") for key, (images, _) in samples(pair).items()})


def _sorted(pair: Mapping[str, ModelRecord]) -> None:
    sheets = {}
    for key, (images, confidence) in samples(pair).items():
        order = np.argsort(-confidence, kind="stable")
        unsure = int((confidence < SURE).sum())
        sheets[key] = (images[order], f"{unsure} of {len(images)} below a [confidence] of 90 %")
    _sheets(sheets)


LOOKS: dict[str, tuple[str, Callable[[Mapping[str, ModelRecord]], None]]] = {
    "images": (
        "64 digits of each, as they come. Look for edges, grey haze, specks, and for digits that you cannot name.",
        _as_drawn,
    ),
    "shapes": (
        "64 digits of each, sorted by the [judge]'s [confidence]: the surest at the top left. Cover the headings, start from the"
        " end, and count those that you cannot name.",
        _sorted,
    ),
}


def _sheets(sheets: Mapping[str, tuple[np.ndarray, str]]) -> None:
    """Pictures uint8 [64, 28, 28] and words for each."""
    data = {
        "sheets": [
            {"kind": key, "label": LABELS[key], "words": words, "picture": _address(images)}
            for key, (images, words) in sheets.items()
        ]
    }
    component("learn", "pictures")(data=data | addresses(), key="learn.pictures")


def _address(images: np.ndarray) -> str:
    """The pictures as one PNG within its address."""
    return f"data:image/png;base64,{base64.b64encode(png(grid(images, SIDE))).decode()}"


def newest_doors(lesson: Lesson) -> tuple[Door, ...]:
    """Where the newest own pair can be looked at in the same way; none in other lessons, or before there is one."""
    pair = newest_pair(open_catalog().store.queries) if lesson.key == "images" else None
    if pair is None:
        return ()
    query = {"runs": f"{pair.gan.id},{pair.vae.id}"}
    return (Door("Your newest pair on Verdict", "verdict", query), Door("Vote on your newest pair", "vote", query))
