"""Lists of rounds to return to or delete: the browser's own and, on the computer that runs the dashboard or after the PIN, all others.

A teacher whose browser has lost its token can thus recover a round without an account: from the list on the computer
that runs the dashboard, or elsewhere with the host link (host.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from gencmp.ui.catalog import open_votes
from gencmp.ui.rights.session import is_teacher
from gencmp.ui.vote.parts import go_to, voters_words
from gencmp.voting.store import Round

SHOWN = 6  # rounds of a teacher that are listed directly; older ones are in an expander


def rounds(voter: str) -> None:
    """The lists that this visitor may see; nothing if both are empty."""
    mine = open_votes().hosted(voter)
    if mine:
        st.header("Your rounds")
        _list(mine[:SHOWN], voter)
    if mine[SHOWN:]:
        with st.expander(f"{len(mine) - SHOWN} older"):
            _list(mine[SHOWN:], voter)
    own = {each.code for each in mine}
    others = [each for each in open_votes().all() if each.code not in own] if is_this_computer() else []
    if others:
        with st.expander("Rounds opened in other browsers"):
            st.caption("Shown only to the teacher. Select a round to host it from this browser, too.")
            _list(others, voter)


def offer_to_host(code: str, voter: str) -> None:
    """A button for a teacher whose browser has lost the token that made it the host."""
    if is_this_computer():
        about = "Shown only to the teacher."
        st.button("Host this round", key="vote.host", type="tertiary", on_click=_host, args=(code, voter), help=about)


def is_this_computer() -> bool:
    """Whether the visitor's browser runs on the computer that runs the dashboard, or its teacher has signed in."""
    return is_teacher()


def _list(found: Sequence[Round], voter: str) -> None:
    for the_round in found:
        day = datetime.fromtimestamp(the_round.created).strftime("%d %b, %H:%M")
        label = f"{the_round.code} · {the_round.state} · {voters_words(the_round)} · {day}"
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                label, key=f"vote.own.{the_round.code}", type="tertiary", on_click=_host, args=(the_round.code, voter)
            )
            _deletion(the_round)


def _host(code: str, voter: str) -> None:
    """Open a round; on the dashboard's computer the browser becomes a host if it was none."""
    if is_this_computer():
        open_votes().add_host(code, voter)
    go_to(code)


def _deletion(the_round: Round) -> None:
    about = f"Delete {the_round.code}, after confirmation."
    with st.popover(":material/delete:", type="tertiary", key=f"vote.away.{the_round.code}", help=about):
        answers = open_votes().turnout(the_round.code).answers
        st.markdown(f"**{the_round.code}** has {answers} answers. Deleting cannot be undone.")
        st.button(
            f"Delete {the_round.code} permanently", icon=":material/delete:", key=f"vote.delete.{the_round.code}",
            on_click=open_votes().delete, args=(the_round.code,),
        )  # fmt: skip
