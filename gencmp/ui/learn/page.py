"""A lesson: its claim with a prediction, its runs, and what came of it."""

from __future__ import annotations

from html import escape

import streamlit as st

from gencmp.lessons.lesson import Lesson
from gencmp.settings import paper
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.cards import minutes
from gencmp.ui.learn.interactive import COMPONENTS
from gencmp.ui.learn.parts import go_to, hidden, link, paragraph, stage_bar, style
from gencmp.ui.learn.reveal import show_reveal
from gencmp.ui.learn.running import show_runs
from gencmp.ui.learn.share import share
from gencmp.ui.learn.shipped import show_shipped


def show_lesson(lesson: Lesson) -> None:
    """The stage that the address names."""
    style()
    with st.container(horizontal=True, vertical_alignment="center", key="learn_head"):
        link("All twelve", "learn", {}, icon=":material/arrow_back:")
        st.caption(f"Lesson {lesson.number} of 12, {minutes(lesson)}", width="content")
    st.title(lesson.title)
    with st.container(horizontal=True, vertical_alignment="center", key="learn_stages"):
        stage = stage_bar(lesson)
        share(lesson)
    with st.container(key="learn_keys"):
        component("learn", "keys")(data=addresses(), key="learn.keys")
    {"claim": _claim, "run": _run, "reveal": show_reveal}[stage](lesson)


def _claim(lesson: Lesson) -> None:
    st.html(
        f'<figure class="gl-claim"><blockquote>{escape(lesson.claim.words)}</blockquote>'
        f"<figcaption>Claim {lesson.number} of the paper: {escape(paper.AUTHOR)}</figcaption></figure>"
    )
    paragraph(lesson.question, "gl-question")
    if "prediction" not in hidden():
        paragraph("What do you expect?", "gl-label")
        options = list(lesson.predictions.items())
        data = {"lesson": lesson.key, "options": options, "asks": True, **addresses()}
        component("learn", "prediction")(data=data, key=f"learn.predict.{lesson.key}")
    words, icon = ("Run it", "science") if lesson.variants else ("Look", "visibility")
    if st.button(words, type="primary", icon=f":material/{icon}:", key="learn.to_run"):
        go_to("run")


def _run(lesson: Lesson) -> None:
    if lesson.variants:
        show_runs(lesson)
        return
    if lesson.key in COMPONENTS:
        COMPONENTS[lesson.key](f"learn.{lesson.key}")
    else:
        show_shipped(lesson)
    if st.button("What came of it", type="primary", icon=":material/lightbulb:", key="learn.to_reveal"):
        go_to("reveal")
