"""What the page's parts share: styles, links, and where the reader is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from gencmp.files import ROOT
from gencmp.lessons.lesson import Lesson
from gencmp.ui.glossary.explain import explained
from gencmp.ui.learn.together.seat import class_in_address
from gencmp.ui.routes.assets import STATIC

STAGES = {"claim": "1 Claim", "run": "2 Run it", "reveal": "3 What came of it"}
WITHOUT_RUNS = {"run": "2 Look"}  # what a stage is called in a lesson without runs
HIDEABLE = {
    "prediction": "The prediction",
    "recorded": "What was recorded over several seeds",
    "literature": "The literature",
    "next": "The doors to other pages",
}
ICONS = {
    "train": "play_circle", "explore": "touch_app", "compare": "splitscreen", "verdict": "balance",
    "vote": "how_to_vote", "learn": "school",
}  # fmt: skip


def style() -> None:
    """The styles of this page."""
    st.html(f"<style>{(STATIC / 'learn' / 'learn.css').read_text('utf-8')}</style>")


def link(label: str, page: str, query: Mapping[str, str], **facts: Any) -> None:
    """A link to a page; also where only this page runs, as in tests."""
    target = st.Page(ROOT / "pages" / f"{page}.py", title=label)
    icon = f":material/{ICONS[page]}:"
    if page == "learn":
        query = {**query, **class_in_address()}
    st.page_link(target, **{"label": label, "icon": icon, "query_params": dict(query), "width": "content"} | facts)


def paragraph(sentence: str, kind: str = "") -> None:
    """A sentence of ours with its terms. kind: a class of learn.css."""
    st.html(f'<p class="gl-words {kind}">{explained(sentence)}</p>')


def heading(words: str) -> None:
    st.html(f'<h2 class="gl-heading">{explained(words)}</h2>')


# Stages


def stage_bar(lesson: Lesson) -> str:
    """Draw the choice of stages, and return the one to show; both address and bar say it."""
    key, written = f"learn.stage.{lesson.key}", f"learn.written.{lesson.key}"
    asked = st.query_params.get("stage", "")
    if asked in STAGES and asked != st.session_state.get(written):
        st.session_state[key] = asked
    names = STAGES if lesson.variants else STAGES | WITHOUT_RUNS
    st.session_state.setdefault(key, "claim")
    stage = st.segmented_control(
        "Stage", list(STAGES), format_func=names.__getitem__, required=True, label_visibility="collapsed", key=key,
        width="content",
    )  # fmt: skip
    if stage != asked:
        st.query_params["stage"] = str(stage)
    st.session_state[written] = stage
    return str(stage)


def go_to(stage: str) -> None:
    """Show another stage of the lesson at hand."""
    st.query_params["stage"] = stage
    st.rerun()


def hidden() -> set[str]:
    """The parts that the address leaves out."""
    return set(st.query_params.get("hide", "").split(",")) & set(HIDEABLE)
