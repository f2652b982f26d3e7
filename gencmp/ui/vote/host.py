"""The teacher's side of a round: show its code, watch the answers come in, close it, lead through the reveal."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from gencmp.errors import GencmpError, RoundNotFound
from gencmp.ui.catalog import open_votes
from gencmp.ui.frame import plain
from gencmp.ui.phones.link import link_to, show_link
from gencmp.ui.vote.digits import nouns_data, nouns_of_round
from gencmp.ui.vote.opening import another_round
from gencmp.ui.vote.parts import draw, go_to, still_there, voters_words
from gencmp.ui.vote.results import result_data
from gencmp.ui.vote.steps import all_steps
from gencmp.voting.store import OPEN, REVEALED, REVEALING, Round
from gencmp.voting.tally import as_csv

EVERY = 1.5  # seconds between updates of the count
WIDE = '<style>[data-testid="stMainBlockContainer"] { max-width: 1680px; }</style>'  # the reveal fills a projector


def host(the_round: Round, voter: str) -> None:
    """The code to join with, the buttons and the count; then the reveal, step by step, and the result."""
    if the_round.state == REVEALING:
        _revealing(the_round, voter)
        return
    if the_round.state == REVEALED:
        _revealed(the_round, voter)
        return
    is_open = the_round.state == OPEN
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        st.title("Join with this code" if is_open else "This round")
        _invitation(the_round)
    with right:
        st.title("Voting is open" if is_open else "Voting is closed")
        _buttons(the_round, voter)
        st.fragment(_count, run_every=EVERY)(the_round.code, the_round.state)


def _invitation(the_round: Round) -> None:
    st.html(f'<div class="gencmp-code">{the_round.code}</div>')  # safe: made of LETTERS only
    if the_round.state == OPEN:
        show_link(link_of(the_round.code))
    else:
        st.caption("No more answers are accepted. Voters will see the result when you reveal it.")


def link_of(code: str) -> str:
    """The address at which others on the network join a round."""
    return link_to("vote", f"round={code}")


def _buttons(the_round: Round, voter: str) -> None:
    code, store = the_round.code, open_votes()
    with st.container(horizontal=True):
        if the_round.state == OPEN:
            st.button(
                "Close the round", icon=":material/lock:", type="primary", key="vote.close", on_click=store.close,
                args=(code,), help="No more answers are accepted; the result stays hidden.",
            )  # fmt: skip
        else:
            st.button(
                "Reveal the result", icon=":material/visibility:", type="primary", key="vote.reveal",
                on_click=_reveal, args=(code,), help="One picture at a time, on this screen and on the phones.",
            )  # fmt: skip
        _download(code)
        _leave()
        _host_link(the_round, voter)


def _reveal(code: str) -> None:
    """Begin the reveal; if nobody has judged a picture, there is only the result."""
    store = open_votes()
    store.reveal(code)
    if len(all_steps(store.get(code))) == 1:
        store.finish(code)


def _download(code: str) -> None:
    """The file is made on click, so that it contains the newest answers."""
    store = open_votes()
    st.download_button(
        "CSV", lambda: as_csv(store.get(code), store.votes(code)), f"vote-{code}.csv", "text/csv",
        icon=":material/download:", on_click="ignore", key="vote.csv", help="One answer per line; voters are numbered.",
    )  # fmt: skip


def _leave() -> None:
    st.button("All rounds", icon=":material/arrow_back:", type="tertiary", key="vote.leave", on_click=go_to, args=("",))


def _host_link(the_round: Round, voter: str) -> None:
    """In a popover, because the class may see this screen."""
    with st.popover("Host link", type="tertiary", key="vote.link", help="To host this round from another browser."):
        st.markdown(
            "Anyone with this link can close, reveal and delete this round. Keep it in case this browser's data is cleared;"
            " do not show it to the class."
        )
        st.code(f"{link_of(the_round.code)}&host={the_round.host_key}", language=None, wrap_lines=True)
        st.button(
            "Revoke this link", icon=":material/link_off:", key="vote.revoke", on_click=open_votes().revoke_links,
            args=(the_round.code, voter), help="Makes a new link. Browsers that used this one no longer host the round; yours does.",
        )  # fmt: skip


def _count(code: str, drawn_in: str) -> None:
    """How many voters have joined, and on request the tally, for a teacher whose screen the class cannot see."""
    the_round = still_there(code)
    if the_round.state != drawn_in:  # closed or revealed in another tab
        st.rerun()
    draw("turnout", f"vote.turnout.{code}", vars(open_votes().turnout(code)))
    about = "Leave this off while the class can see this screen: seeing the result would influence votes."
    if st.toggle("Show the tally", key=f"vote.peek.{code}", help=about):
        draw("result", f"vote.live.{code}", result_data(the_round, digits=False))


def _revealing(the_round: Round, voter: str) -> None:
    st.html(WIDE)
    st.fragment(_lead)(the_round.code)
    with st.container(horizontal=True):
        _leave()
        _host_link(the_round, voter)


def _lead(code: str) -> None:
    """The reveal with its buttons and keys. The browser turns the pages itself and tells which one is shown."""
    the_round, key = still_there(code), f"vote.lead.{code}"
    if the_round.state != REVEALING:
        st.rerun()

    def turned() -> None:
        step = st.session_state.get(key, {}).get("turn")
        if type(step) is int:
            with suppress(RoundNotFound):  # the rerun of the page says so
                turn_to(code, step)

    data = {"leads": True, "code": code, "demo": the_round.demo, "steps": all_steps(the_round)}
    draw(
        "reveal",
        key,
        data | nouns_data(nouns_of_round(the_round)),
        on_turn_change=turned,
        on_changed_change=lambda: None,
    )


def turn_to(code: str, step: int) -> None:
    """Show a step of the reveal to the class; after the last comes the result."""
    store = open_votes()
    if step < len(all_steps(store.get(code))):
        store.turn_to(code, step)
    else:
        store.finish(code)


def _revealed(the_round: Round, voter: str) -> None:
    with st.container(horizontal=True):
        _another(the_round, voter)
        st.button(
            "Reveal again", icon=":material/replay:", key="vote.again", on_click=open_votes().turn_to,
            args=(the_round.code, 0), help="One picture at a time, from the first.",
        )  # fmt: skip
        _download(the_round.code)
        _leave()
        _host_link(the_round, voter)
    answered = len(
        {vote.voter for vote in open_votes().votes(the_round.code)}
    )  # voters who joined without answering are not counted
    title = f"What {voters_words(the_round, answered)} said"
    draw("result", f"vote.result.{the_round.code}", result_data(the_round, title))
    shown = f"GAN: {plain(the_round.models.gan_name)} · VAE: {plain(the_round.models.vae_name)}"
    st.caption(f"Round {the_round.code} · {shown} · {open_votes().turnout(the_round.code).answers} answers")


def _another(the_round: Round, voter: str) -> None:
    """The next round of the same class; if there is one already, the way to it."""
    if the_round.next:
        st.button("Go to the next round", type="primary", key="vote.next", on_click=go_to, args=(the_round.next,))
        return
    st.button(
        "Another round", icon=":material/how_to_vote:", type="primary", key="vote.another", on_click=_open_another,
        args=(the_round, voter), help="The same models, new pictures. The phones of this round are asked to join.",
    )  # fmt: skip


def _open_another(the_round: Round, voter: str) -> None:
    try:
        go_to(another_round(the_round, voter).code)
    except GencmpError as error:
        st.error(plain(str(error)), icon=":material/error:")
