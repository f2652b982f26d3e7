"""The rounds there are, to go back to or delete: a browser's own, and on the computer that runs the dashboard all others.

So a teacher whose browser has forgotten its token gets a round back without an account: at the laptop that runs the
dashboard from the list, anywhere else with the host link (vote_host.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import streamlit as st

from gencmp.ui.vote.host import LOCAL, lan_address
from gencmp.ui.vote.parts import go_to, voters_words, votes
from gencmp.voting.store import Round

SHOWN = 6  # of a teacher's rounds at first sight


def rounds(voter: str) -> None:
    """The lists that this visitor may see; nothing when both are empty."""
    mine = votes().hosted(voter)
    if mine:
        st.subheader("Your rounds")
        _list(mine[:SHOWN], voter)
    if mine[SHOWN:]:
        with st.expander(f"{len(mine) - SHOWN} older"):
            _list(mine[SHOWN:], voter)
    own = {each.code for each in mine}
    others = [each for each in votes().all() if each.code not in own] if is_this_computer() else []
    if others:
        with st.expander("Rounds opened in other browsers"):
            st.caption(
                "Shown only on the computer that runs the dashboard. Press one to host it here, if its browser has"
                " forgotten it; it stays with that browser, too."
            )
            _list(others, voter)


def offer_to_host(code: str, voter: str) -> None:
    """For a teacher whose browser has forgotten that the round is its own."""
    if is_this_computer():
        about = "For the teacher. Offered only on the computer that runs the dashboard."
        st.button("Host this round", key="vote.host", type="tertiary", on_click=_host, args=(code, voter), help=about)


def is_this_computer() -> bool:
    """Whether the visitor sits at the computer that runs the dashboard.

    The connection and the address in the browser must both say so: behind a proxy, every connection comes from here.
    """
    name, visitor = urlsplit(st.context.url or "").hostname, st.context.ip_address  # None: over the loopback
    return name in LOCAL if visitor is None else name == visitor == lan_address()


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
    """As a host already, or from now on."""
    if is_this_computer():
        votes().add_host(code, voter)
    go_to(code)


def _deletion(the_round: Round) -> None:
    about = f"Delete {the_round.code}; asks first."
    with st.popover(":material/delete:", type="tertiary", key=f"vote.away.{the_round.code}", help=about):
        answers = votes().turnout(the_round.code).answers
        st.markdown(f"**{the_round.code}** has {answers} answers. They cannot be brought back.")
        st.button(
            f"Delete {the_round.code} for ever", icon=":material/delete:", key=f"vote.delete.{the_round.code}",
            on_click=votes().delete, args=(the_round.code,),
        )  # fmt: skip
