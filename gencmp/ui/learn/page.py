"""A lesson: its claim with a prediction, its runs, and what came of it."""

from __future__ import annotations

from html import escape

import streamlit as st

from gencmp.lessons.lesson import Lesson
from gencmp.settings import paper
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.cards import minutes
from gencmp.ui.learn.interactive import COMPONENTS
from gencmp.ui.learn.parts import go_to, hidden, link, paragraph, stage_bar
from gencmp.ui.learn.reveal import show_reveal
from gencmp.ui.learn.running import found_set, show_runs
from gencmp.ui.learn.share import share
from gencmp.ui.learn.shipped import show_shipped
from gencmp.ui.learn.together.leading import offer_class, show_count, show_invitation, tell_class
from gencmp.ui.learn.together.predicting import ask
from gencmp.ui.learn.together.seat import seat


def show_lesson(lesson: Lesson) -> None:
    """The stage that the address names."""
    follows = seat().follows
    with st.container(horizontal=True, vertical_alignment="center", key="learn_head"):
        if not follows:
            link("All twelve", "learn", {}, icon=":material/arrow_back:")
        st.caption(f"Lesson {lesson.number} of 12, {minutes(lesson)}", width="content")
    st.title(lesson.title)
    stage = st.query_params["stage"] if follows else _chosen_stage(lesson)
    {"claim": _claim, "run": _run, "reveal": show_reveal}[stage](lesson)


def _chosen_stage(lesson: Lesson) -> str:
    with st.container(horizontal=True, vertical_alignment="center", key="learn_stages"):
        stage = stage_bar(lesson)
        if not seat().room:
            share(lesson)
    with st.container(key="learn_keys"):
        component("learn", "keys")(data=addresses(), key="learn.keys")
    found = found_set(lesson)
    tell_class(lesson, stage, found.seed, len(found.runs))
    return stage


def _claim(lesson: Lesson) -> None:
    found = seat()
    if not (found.room and found.leads):
        _ask(lesson)
    else:  # with what phones need in sight
        left, right = st.columns([2.4, 1], gap="large")
        with left:
            _ask(lesson)
        with right:
            show_invitation(found.room)
    if found.follows:
        return
    words, icon = ("Run it", "science") if lesson.variants else ("Look", "visibility")
    with st.container(horizontal=True, key="learn_next"):
        if st.button(words, type="primary", icon=f":material/{icon}:", key="learn.to_run"):
            go_to("run")
        if "prediction" not in hidden():
            offer_class(lesson)


def _ask(lesson: Lesson) -> None:
    st.html(
        f'<figure class="gl-claim"><blockquote>{escape(lesson.claim.words)}</blockquote>'
        f"<figcaption>Claim {lesson.number} of the paper: {escape(paper.AUTHOR)}</figcaption></figure>"
    )
    paragraph(lesson.question, "gl-question")
    if "prediction" not in hidden():
        paragraph("What do you expect?", "gl-label")
        _predict(lesson)


def _predict(lesson: Lesson) -> None:
    """The class's predictions on the screen that leads; one's own on all others."""
    found = seat()
    if found.room and found.leads:
        show_count(lesson, found.room)
    elif found.room and found.follows:
        ask(lesson, found.room)
    else:
        data = {"lesson": lesson.key, "options": list(lesson.predictions.items()), "asks": True, **addresses()}
        component("learn", "prediction")(data=data, key=f"learn.predict.{lesson.key}")


def _run(lesson: Lesson) -> None:
    if lesson.variants:
        show_runs(lesson)
        return
    if lesson.key in COMPONENTS:
        COMPONENTS[lesson.key](f"learn.{lesson.key}")
    else:
        show_shipped(lesson)
    if not seat().follows and st.button(
        "What came of it", type="primary", icon=":material/lightbulb:", key="learn.to_reveal"
    ):
        go_to("reveal")
