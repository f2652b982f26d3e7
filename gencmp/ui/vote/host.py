"""The teacher's side of a round: show its code, watch the answers come in, close it, reveal the result."""

from __future__ import annotations

import io
import socket
from urllib.parse import urlsplit

import segno
import streamlit as st

from gencmp.ui.frame import base_path, plain
from gencmp.ui.vote.parts import draw, go_to, result_data, still_there, voters_words, votes
from gencmp.voting.store import OPEN, REVEALED, Round
from gencmp.voting.tally import as_csv

EVERY = 1.5  # seconds between updates of the count
LOCAL = ("localhost", "127.0.0.1", "::1")
FOR_A_CLASS = "streamlit run dashboard.py --server.address 0.0.0.0"


def host(the_round: Round) -> None:
    """The code to join with, the buttons and the count; after the reveal, the result."""
    if the_round.state == REVEALED:
        _revealed(the_round)
        return
    is_open = the_round.state == OPEN
    left, right = st.columns([1, 1.15], gap="large")
    with left:
        st.title("Join with this code" if is_open else "This round")
        _invitation(the_round)
    with right:
        st.title("Voting is open" if is_open else "Voting is closed")
        _buttons(the_round)
        st.fragment(_count, run_every=EVERY)(the_round.code, the_round.state)


def _invitation(the_round: Round) -> None:
    st.html(f'<div class="gencmp-code">{the_round.code}</div>')  # safe: made of LETTERS only
    if the_round.demo:
        st.markdown("**Demo: the voters are simulated, not people.** Close the round, then reveal it.")
    elif the_round.state == OPEN:
        _link(link_of(the_round.code))
    else:
        st.caption("No more answers are accepted. Voters will see the result when you reveal it.")


def _link(link: str) -> None:
    """The link as a QR code and as text. If only this computer can open it, how to change that."""
    if is_local(link):
        st.markdown(
            "Only this computer can open the dashboard at the moment. To let phones on the same network join, start it with"
        )
        st.code(FOR_A_CLASS, language=None, wrap_lines=True)
        st.caption(f"To try it here, open this in a private window: {plain(link)}")
    else:
        st.image(qr(link), width="content")
        st.markdown(f"or open **{plain(link)}**")


def link_of(code: str) -> str:
    """The address that others on the network can open: the one this browser used, or for "localhost" this machine's."""
    here = urlsplit(st.context.url or f"http://localhost:{st.get_option('server.port')}{base_path()}")
    name = here.hostname or "localhost"
    if name in LOCAL and str(st.get_option("server.address") or "0.0.0.0") not in LOCAL:
        name = lan_address()
    port = f":{here.port}" if here.port else ""
    root = here.path.removesuffix("/vote")  # includes a proxy's prefix, which this server may not know
    return f"{here.scheme}://{f'[{name}]' if ':' in name else name}{port}{root}/vote?round={code}"


def is_local(link: str) -> bool:
    """Whether only this machine can open it."""
    return urlsplit(link).hostname in LOCAL


def lan_address() -> str:
    """This machine's address on its network, or "localhost". Connecting a UDP socket picks a route and sends nothing."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation (RFC 5737)
            return str(probe.getsockname()[0])
    except OSError:
        return "localhost"


def qr(link: str) -> bytes:
    """A PNG QR code, dark on white in both themes, because many phones cannot read inverted codes."""
    file = io.BytesIO()
    segno.make(link, error="m", micro=False).save(file, kind="png", scale=9, border=4)
    return file.getvalue()


def _buttons(the_round: Round) -> None:
    code, store = the_round.code, votes()
    with st.container(horizontal=True):
        if the_round.state == OPEN:
            st.button(
                "Close the round", icon=":material/lock:", type="primary", key="vote.close", on_click=store.close,
                args=(code,), help="No more answers are accepted; the result stays hidden.",
            )  # fmt: skip
        else:
            st.button(
                "Reveal the result", icon=":material/visibility:", type="primary", key="vote.reveal",
                on_click=store.reveal, args=(code,), help="Shows the result to everyone, on this screen and on the phones.",
            )  # fmt: skip
        _download(code)
        _leave()
        _host_link(the_round)


def _download(code: str) -> None:
    """The file is made on click, so that it contains the newest answers."""
    store = votes()
    st.download_button(
        "CSV", lambda: as_csv(store.get(code), store.votes(code)), f"vote-{code}.csv", "text/csv",
        icon=":material/download:", on_click="ignore", key="vote.csv", help="One answer per line; voters are numbered.",
    )  # fmt: skip


def _leave() -> None:
    st.button("All rounds", icon=":material/arrow_back:", type="tertiary", key="vote.leave", on_click=go_to, args=("",))


def _host_link(the_round: Round) -> None:
    """In a popover, because the class may see this screen."""
    with st.popover("Host link", type="tertiary", key="vote.link", help="To host this round from another browser."):
        st.markdown(
            "Anyone with this link can close, reveal and delete this round. Keep it in case this browser's data is cleared;"
            " do not show it to the class."
        )
        st.code(f"{link_of(the_round.code)}&host={the_round.host_key}", language=None, wrap_lines=True)


def _count(code: str, drawn_in: str) -> None:
    """How many voters have joined, and on request the tally, for a teacher whose screen the class cannot see."""
    the_round = still_there(code)
    if the_round.state != drawn_in:  # closed or revealed in another tab
        st.rerun()
    draw("turnout", f"vote.turnout.{code}", vars(votes().turnout(code)))
    about = "Leave this off while the class can see this screen: seeing the result would influence votes."
    if st.toggle("Show the tally", key=f"vote.peek.{code}", help=about):
        draw("result", f"vote.live.{code}", result_data(the_round, digits=False))


def _revealed(the_round: Round) -> None:
    answered = len(
        {vote.voter for vote in votes().votes(the_round.code)}
    )  # voters who joined without answering are not counted
    title = f"What {voters_words(the_round, answered)} said"
    draw("result", f"vote.result.{the_round.code}", result_data(the_round, title))
    shown = f"GAN: {plain(the_round.models.gan_name)} · VAE: {plain(the_round.models.vae_name)}"
    st.caption(f"Round {the_round.code} · {shown} · {votes().turnout(the_round.code).answers} answers")
    with st.container(horizontal=True):
        _download(the_round.code)
        _leave()
        _host_link(the_round)
