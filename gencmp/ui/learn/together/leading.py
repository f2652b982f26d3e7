"""The teacher's side: open a class, show its link, tell the phones where the lesson is, and count their predictions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from gencmp.errors import RoundNotFound
from gencmp.lessons.lesson import Finding, Lesson
from gencmp.ui.catalog import open_classrooms
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.together.seat import go_in, go_out, seat
from gencmp.ui.phones.link import link_to, show_link
from gencmp.ui.phones.token import browser_token
from gencmp.ui.rights.session import is_teacher
from gencmp.voting.classrooms import Classroom, Position


def offer_class(lesson: Lesson) -> None:
    """A button for the teacher, outside any class."""
    if not is_teacher() or seat().room:
        return
    with st.container(key="learn_token"):
        token = browser_token()
    if token:  # its arrival would rerun the page with the address from before a quick click
        st.button(
            "Ask the class", icon=":material/groups:", key="learn.ask", on_click=_open, args=(token, lesson),
            help="Phones that open the class's link follow this screen, and predict; you see how many have, and at the end"
            " how they split.",
        )  # fmt: skip


def _open(token: str, lesson: Lesson) -> None:
    go_in(open_classrooms().open(token, Position(lesson.key)).code)


def lead(room: Classroom) -> None:
    """The bar above the lesson."""
    with st.container(horizontal=True, vertical_alignment="center", key="learn_class"):
        st.markdown(f"Class **{room.code}**: phones follow this screen.")
        with st.popover("How to join", icon=":material/qr_code_2:"):
            show_invitation(room)
        st.button(
            "End the class", icon=":material/logout:", type="tertiary", key="learn.end", on_click=_end, args=(room.code,),
            help="Deletes the class with its predictions. The lessons and runs stay.",
        )  # fmt: skip


def show_invitation(room: Classroom) -> None:
    """The class's code, and its link for phones."""
    st.html(f'<div class="gl-code">{room.code}</div>')  # safe: made of the letters of codes only
    show_link(link_to("learn", f"class={room.code}"), scale=6)


def _end(code: str) -> None:
    open_classrooms().end(code)
    go_out()


def tell_class(lesson: Lesson | None, stage: str = "claim", seed: int = 0, runs: int = 0) -> None:
    """Where the presenter is, if this browser is. runs: how many of the lesson's runs there are."""
    found = seat()
    where = Position(lesson.key if lesson else "", stage, seed, runs)
    if found.room and found.leads and found.room.position != where:
        with suppress(RoundNotFound):  # it has been ended in another window
            open_classrooms().turn_to(found.room.code, where)


# Predictions


def show_count(lesson: Lesson, room: Classroom) -> None:
    """What may be predicted, and how many have."""
    count = open_classrooms().count(room.code, lesson.key)
    data = {"code": room.code, "lesson": lesson.key, "options": list(lesson.predictions.items()), **vars(count)}
    component("learn/together", "classroom")(data=data | addresses(), key=f"learn.count.{lesson.key}")


def reveal_to_class(lesson: Lesson, finding: Finding | None) -> None:
    """At the presenter's reveal the phones may see how the class split."""
    found = seat()
    came = finding.prediction if finding else ""
    if found.room and found.leads and open_classrooms().outcome(found.room.code, lesson.key) != came:
        with suppress(RoundNotFound):
            open_classrooms().reveal(found.room.code, lesson.key, came)


def show_split(lesson: Lesson) -> None:
    """How the class predicted, and what came true; nothing before the presenter has shown it."""
    if data := split_of(lesson, seat().room):
        component("learn/together", "classroom")(data=data | addresses(), key=f"learn.split.{lesson.key}")


def split_of(lesson: Lesson, room: Classroom | None) -> dict[str, Any]:
    """For the component; empty outside a class, and before the presenter has shown it."""
    came = open_classrooms().outcome(room.code, lesson.key) if room else None
    if room is None or came is None:
        return {}
    store = open_classrooms()
    return {
        "code": room.code, "lesson": lesson.key, "options": list(lesson.predictions.items()), "came": came,
        "split": store.split(room.code, lesson.key), **vars(store.count(room.code, lesson.key)),
    }  # fmt: skip
