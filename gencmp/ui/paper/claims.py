"""The paper's twelve claims as doors: each with its lesson, and the pages where it can be tried freely."""

from __future__ import annotations

import streamlit as st

from gencmp.files import ROOT
from gencmp.lessons.twelve import LESSONS
from gencmp.settings.paper import CLAIMS, Door

ICONS = {
    "learn": "school", "train": "play_circle", "explore": "touch_app", "compare": "splitscreen", "verdict": "balance", "vote": "how_to_vote",
}  # fmt: skip
ACROSS = 2  # columns, where there is room


def show_claims() -> None:
    """Folded, so that all twelve can be seen at once; on a phone one below the other."""
    places = st.columns(ACROSS)
    lessons = {lesson.number: lesson for lesson in LESSONS.values()}
    for number, claim in enumerate(CLAIMS):
        lesson = lessons[number + 1]
        with places[number * ACROSS // len(CLAIMS)].expander(f"**{number + 1}.** {claim.words}"):
            st.markdown(claim.try_it)
            with st.container(horizontal=True, gap="medium"):
                _link(Door(f"Lesson: {lesson.title}", "learn", {"lesson": lesson.key}))
                for door in claim.doors:
                    _link(door)


def _link(door: Door) -> None:
    """Works as well where only this page runs, as in tests."""
    page = st.Page(ROOT / "pages" / f"{door.page}.py", title=door.label)
    icon = f":material/{ICONS[door.page]}:"
    st.page_link(page, label=door.label, icon=icon, query_params=dict(door.query), width="content")
