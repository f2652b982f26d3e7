"""The bar above the lesson in a class, and how one comes in, out and back."""

from __future__ import annotations

import streamlit as st

from gencmp.errors import RoundNotFound
from gencmp.ui.catalog import open_classrooms
from gencmp.ui.components import addresses, component
from gencmp.ui.frame import plain
from gencmp.ui.learn.parts import STAGES
from gencmp.ui.learn.together.leading import lead
from gencmp.ui.learn.together.seat import ALONE, LAST, go_in, go_out, seat
from gencmp.ui.phones.code import code_form
from gencmp.ui.phones.token import browser_token, known_token
from gencmp.ui.rights.session import is_teacher
from gencmp.voting.classrooms import Classroom
from gencmp.voting.store import tidy


def enter(code: str) -> bool:
    """Take part in a class; False if this is all there is to see for now."""
    with st.container(key="learn_token"):
        token = browser_token()
    if not token:
        st.caption("One moment: looking whether you have joined before.")
        return False
    try:
        room = open_classrooms().get(code)
    except RoundNotFound as error:
        has_been_in = st.session_state.get(LAST) == tidy(code)
        st.title("This class has ended" if has_been_in else "No such class")
        st.markdown("The lessons are still there." if has_been_in else plain(str(error)))
        st.button("Go on by yourself", icon=":material/explore:", type="primary", on_click=go_out, key="learn.leave")
        return False
    st.session_state[LAST] = room.code
    if seat().leads:
        lead(room)
        return True
    open_classrooms().join(room.code, token)
    if not seat().follows:
        _alone(room)
        return True
    return _follow(room)


def _alone(room: Classroom) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="learn_class"):
        st.markdown(f"Class **{room.code}**: you are looking around by yourself.")
        st.button("Back to the class", icon=":material/groups:", on_click=go_in, args=(room.code,), key="learn.back")
        if is_teacher():
            st.button(
                "Lead this class", icon=":material/co_present:", type="tertiary", key="learn.take_over",
                on_click=_take_over, args=(room.code,), help="From this browser instead of the one that leads it now.",
            )  # fmt: skip


def _take_over(code: str) -> None:
    open_classrooms().take_over(code, known_token())
    go_in(code)


def _follow(room: Classroom) -> bool:
    """Have the page show what the presenter shows; False between two lessons."""
    where = room.position
    revealed = open_classrooms().outcome(room.code, where.lesson) is not None
    known = f"{where.lesson} {where.stage} {where.seed} {where.runs} {'true' if revealed else 'false'}"
    data = {"code": room.code, "known": known} | addresses()
    with st.container(key="learn_follow"):
        component("learn/together", "follow")(data=data, key="learn.follow", on_changed_change=lambda: None)
    with st.container(horizontal=True, vertical_alignment="center", key="learn_class"):
        st.markdown(f"Class **{room.code}**: this page follows your teacher's screen.")
        st.button("Look around by yourself", icon=":material/explore:", on_click=_leave_for_a_while, key="learn.alone")
    if not where.lesson:
        st.title("You are in")
        st.markdown("Your teacher chooses the next lesson. It will appear here by itself.")
        return False
    st.query_params["lesson"] = where.lesson
    st.query_params["stage"] = where.stage if where.stage in STAGES else "claim"
    if where.runs:
        st.query_params["seed"] = str(where.seed)
    else:
        st.query_params.pop("seed", None)
    return True


def _leave_for_a_while() -> None:
    st.query_params[ALONE] = "1"


# From outside


def offer_return() -> None:
    """A way back for whoever has come from a class, by the menu for example."""
    token = known_token()
    led = open_classrooms().led_by(token) if token else []
    code = str(st.session_state.get(LAST, "")) or (led[0].code if led else "")
    if not code:
        return
    try:
        open_classrooms().get(code)
    except RoundNotFound:
        st.session_state.pop(LAST, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="learn_class"):
        st.markdown(f"Your class **{code}** goes on.")
        st.button("Back to the class", icon=":material/groups:", on_click=go_in, args=(code,), key="learn.back")


def offer_to_join() -> None:
    """For students who have the code, but not the link."""
    with st.popover("Join a class", icon=":material/login:"):
        code_form("learn.join", "learn.code", go_in)
