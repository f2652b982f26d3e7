"""The key in the header: a teacher signs in there, and says what the class may do. Nothing where nobody else can come in."""

from __future__ import annotations

import streamlit as st

from gencmp.errors import NotAllowed
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.frame import plain
from gencmp.ui.rights import guard, hosting, session
from gencmp.ui.rights.rules import MOST_EPOCHS, MOST_RUNS, ClassRules

HINT = "For the teacher: sign in with the PIN"
RULES_HINT = "What the class may do"
OPEN = "rights.is_open"  # in the session: kept, so that no rerun of the page closes a dialog that was asked for


def corner() -> None:
    """Drawn on every page."""
    who = session.rights()
    if who.is_here and not hosting.is_open():
        return
    icon, words = (":material/group:", RULES_HINT) if who.is_teacher else (":material/key:", HINT)
    with st.container(key="rights"):
        st.button(words, icon=icon, type="tertiary", key="rights.open", on_click=_ask)
        if st.session_state.get(OPEN):
            _class_dialog() if who.is_teacher else _pin_dialog()
        token = st.session_state.get(session.TOKEN, "")
        if token and who.visitor.teacher != token:
            component("rights", "keep")(data={"token": token} | addresses(), key="rights.keep")


def _ask() -> None:
    st.session_state[OPEN] = True


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Teacher", width="small", on_dismiss=_close)
def _pin_dialog() -> None:
    """Ask for the PIN."""
    with st.form("rights.pin", border=False):
        typed = st.text_input(
            "PIN", type="password", max_chars=64, key="rights.typed", autocomplete="one-time-code",
            help="It stands in the terminal that runs the dashboard.",
        )  # fmt: skip
        if not st.form_submit_button("Sign in", type="primary", icon=":material/key:", width="stretch"):
            return
    try:
        session.use_pin(typed)
    except NotAllowed as error:
        st.error(plain(str(error)), icon=":material/lock:")
        return
    _close()
    st.rerun()


@st.dialog("The class", width="small", on_dismiss=_close)
def _class_dialog() -> None:
    now = session.class_rules()
    may_train = st.toggle(
        "Students may train", now.may_train, key="rights.train", help="Runs of their own, on the known data sets."
    )
    left, right = st.columns(2)
    runs = left.number_input(
        "Runs each", 1, MOST_RUNS, min(now.runs, MOST_RUNS), disabled=not may_train, key="rights.runs"
    )
    epochs = right.number_input(
        "Epochs each", 1, MOST_EPOCHS, min(now.epochs, MOST_EPOCHS), disabled=not may_train, key="rights.epochs"
    )
    shows = st.toggle(
        "Show pictures of own folders", now.shows_pictures, key="rights.pictures",
        help="The pictures that runs were trained on, beside the drawn ones. Their path is never shown.",
    )  # fmt: skip
    chosen = ClassRules(may_train, int(runs), int(epochs), shows)
    if chosen != now:
        open_catalog().store.set_setting(guard.RULES, chosen.to_json())
    st.caption("Students always watch, explore, compare and vote. Starting, changing and deleting is yours.")
    if not session.rights().is_here and st.button("Sign out", icon=":material/logout:", key="rights.out"):
        session.sign_out()
        _close()
        st.rerun()


def watching(words: str, key: str) -> None:
    """What stands in place of a control that is the teacher's."""
    with st.container(key=f"rights.{key}"):
        st.caption(words)
        st.button("Teacher: sign in", icon=":material/key:", type="tertiary", key=f"rights.in.{key}", on_click=_ask)
