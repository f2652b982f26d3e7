"""A phone's prediction, which goes to the class and may be changed until the outcome is shown."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from gencmp.errors import VoteError
from gencmp.lessons.lesson import Lesson
from gencmp.ui.catalog import open_classrooms
from gencmp.ui.components import addresses, component
from gencmp.ui.phones.token import known_token
from gencmp.voting.classrooms import Classroom


def ask(lesson: Lesson, room: Classroom) -> None:
    """The choice, with what this browser has chosen before."""
    key = f"learn.predict.{room.code}.{lesson.key}"

    def chosen() -> None:
        take(lesson, room.code, st.session_state.get(key, {}).get("predicted"))

    store = open_classrooms()
    data = {
        "lesson": lesson.key, "options": list(lesson.predictions.items()), "asks": True, "sends": True,
        "given": store.prediction(room.code, lesson.key, known_token()),
        "closed": store.outcome(room.code, lesson.key) is not None,
    }  # fmt: skip
    component("learn", "prediction")(data=data | addresses(), key=key, on_predicted_change=chosen)


def take(lesson: Lesson, code: str, answer: object) -> None:
    """Store the browser's message if it is one of the lesson's predictions, else ignore it."""
    if isinstance(answer, str) and answer in lesson.predictions:
        with suppress(
            VoteError
        ):  # the outcome has been shown, or the class has ended: the page is drawn anew and says so
            open_classrooms().predict(code, lesson.key, known_token(), answer)
