"""Who this browser is in the class that the address names, `?class=CODE`: it leads, follows, or looks around by itself."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from gencmp.errors import RoundNotFound
from gencmp.ui.catalog import open_classrooms
from gencmp.ui.phones.token import known_token
from gencmp.voting.classrooms import Classroom

ALONE = "alone"  # in the address of a phone that looks around by itself
LAST = "learn.class"  # the class in which this page was last


@dataclass(frozen=True)
class Seat:
    """room: None outside any class. A browser in a class that neither leads nor follows looks around by itself."""

    room: Classroom | None = None
    leads: bool = False
    follows: bool = False


def seat() -> Seat:
    """Of this page's visitor. Outside any class while the browser has not told its token."""
    code, token = st.query_params.get("class", ""), known_token()
    if not code or not token:
        return Seat()
    try:
        room = open_classrooms().get(code)
    except RoundNotFound:
        return Seat()
    if room.owner == token:
        return Seat(room, leads=True)
    return Seat(room, follows=ALONE not in st.query_params)


def class_in_address() -> dict[str, str]:
    """What a link to another lesson takes along, so that the class stays together."""
    return {name: st.query_params[name] for name in ("class", ALONE) if name in st.query_params}


def go_in(code: str) -> None:
    """Put a class into the page's address."""
    st.query_params["class"] = code
    st.query_params.pop(ALONE, None)


def go_out() -> None:
    """Out of the address again."""
    for name in ("class", ALONE):
        st.query_params.pop(name, None)
    st.session_state.pop(LAST, None)
