"""The twelve lessons as cards: the claim, the question, the minutes."""

from __future__ import annotations

from html import escape

import streamlit as st

from gencmp.lessons.lesson import Lesson
from gencmp.lessons.recorded import minutes_of
from gencmp.lessons.twelve import LESSONS
from gencmp.ui.glossary.explain import explained
from gencmp.ui.learn.parts import link
from gencmp.ui.learn.reading import READING
from gencmp.ui.learn.together.entry import offer_to_join
from gencmp.ui.learn.together.leading import tell_class
from gencmp.ui.learn.together.seat import seat


def show_all() -> None:
    """The page without a lesson."""
    tell_class(None)
    st.title("Twelve claims, twelve experiments")
    with st.container(horizontal=True, vertical_alignment="center", key="learn_all"):
        st.markdown("Predict, run, look, and see what came of it: each takes a few minutes.")
        for name, (label, icon, _) in READING.items():
            link(label, "learn", {"show": name}, icon=icon)
        if not seat().room:
            offer_to_join()
    _show_cards()


def _show_cards() -> None:
    """All twelve, in the paper's order."""
    with st.container(key="learn_cards"):
        for lesson in LESSONS.values():
            with st.container(key=f"learn_card_{lesson.key}"):
                _card(lesson)


def _card(lesson: Lesson) -> None:
    st.html(
        f'<div class="gl-card"><p class="gl-number">{lesson.number}<span>{minutes(lesson)}{_how(lesson)}</span></p>'
        f"<h2>{escape(lesson.title)}</h2><blockquote>{escape(lesson.claim.words)}</blockquote>"
        f"<p>{explained(lesson.question)}</p></div>"
    )
    link("Start", "learn", {"lesson": lesson.key}, icon=":material/arrow_forward:")


def minutes(lesson: Lesson) -> str:
    """ "about 3 minutes"."""
    found = minutes_of(lesson)
    return f"about {found:g} minute{'' if found == 1 else 's'}"


def _how(lesson: Lesson) -> str:
    return f", {len(lesson.variants)} runs" if lesson.variants else ""
