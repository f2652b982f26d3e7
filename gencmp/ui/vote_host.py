"""The teacher's side of the vote: open a round, show its code, watch it fill, close it, reveal it."""

from __future__ import annotations

import io
import secrets
import socket
from datetime import datetime
from urllib.parse import urlsplit

import numpy as np
import segno
import streamlit as st

from gencmp.ballot import FEWEST, MOST, compose, simulated
from gencmp.errors import GencmpError, VoteError
from gencmp.shelf import Record
from gencmp.ui.frame import base_path, plain, shelf
from gencmp.ui.latent_routes import digits_to_test
from gencmp.ui.vote_parts import draw, image, result_data, votes
from gencmp.votes import CLOSED, OPEN, REVEALED, Models, Round, as_csv

EVERY = 1.5  # seconds between two counts
DEMO_VOTERS = 30
STRIP = (1, 0, 2, 1, 2, 0, 1, 0, 2, 0, 1)  # of the ornament: GAN, real or VAE
LOCAL = ("localhost", "127.0.0.1", "::1")
FOR_A_CLASS = "streamlit run dashboard.py --server.address 0.0.0.0"
STATES = {OPEN: "open", CLOSED: "closed", REVEALED: "revealed"}
CODE = """<style>
.gencmp-code { font-size: clamp(3.6rem, 9vw, 7rem); font-weight: 650; letter-spacing: .14em; line-height: 1; }
.st-key-qr img { background: #fff; border-radius: .3rem; image-rendering: pixelated; }
</style>"""


# Opening


def open_round(owner: str) -> None:
    """The form: whose digits, how many questions."""
    gan, vae = _pick("gan"), _pick("vae")
    count = st.slider(
        "Questions", FEWEST, MOST, 16, 4, key="vote.questions",
        help="A quarter of them are pairs of sets; of the single digits half are real. About 4 seconds each.",
    )  # fmt: skip
    ready = bool(owner and gan and vae)
    with st.container(horizontal=True):
        if (
            st.button(
                "Open a round", icon=":material/how_to_vote:", type="primary", disabled=not ready, key="vote.open"
            )
            and gan
            and vae
        ):
            _start(owner, gan, vae, count)
        if st.button(
            "Demo round", icon=":material/smart_toy:", disabled=not ready, key="vote.demo",
            help=f"{DEMO_VOTERS} simulated voters with made-up chances, to see how a round goes.",
        ) and gan and vae:  # fmt: skip
            _start(owner, gan, vae, count, demo=True)


def show_strip() -> None:
    """Eleven digits, some written by people and some drawn by the shipped models: which?"""
    shipped = {record.run.kind: record for record in shelf().shipped() if record.folder.pictured()}
    if {"gan", "vae"} <= shipped.keys():
        sources = (_samples(shipped["gan"]), real_digits(shipped["gan"]), _samples(shipped["vae"]))
        digits = [image(sources[each][20 + place : 21 + place]) for place, each in enumerate(STRIP)]
        draw(
            "strip", "vote.strip", {"pictures": digits, "label": "Digits: some written by people, some drawn by models"}
        )


def _pick(kind: str) -> Record | None:
    """A model with pictures: those that ship first, then runs, newest first."""
    records = [r for r in (*shelf().shipped(), *shelf().recorded()) if r.run.kind == kind and r.folder.pictured()]
    if not records:
        st.warning(f"There is no {kind.upper()} with pictures yet. Train one first.", icon=":material/search_off:")
        return None
    names = [f"{r.run.name}, epoch {r.folder.pictured()[-1]}" for r in records]
    place = st.selectbox(
        f"{kind.upper()}'s digits from", range(len(records)), format_func=lambda i: names[i], key=f"vote.{kind}"
    )
    return records[place]


def _start(owner: str, gan: Record, vae: Record, count: int, demo: bool = False) -> None:
    try:
        the_round = new_round(owner, gan, vae, count, secrets.randbits(63), demo)
    except GencmpError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.query_params["round"] = the_round.code
    st.rerun()


def new_round(owner: str, gan: Record, vae: Record, count: int, seed: int, demo: bool = False) -> Round:
    """Compose and store a round; a demo's voters have voted already.

    Raises VoteError when the models learned from different digits: no real ones would be fair to both.
    """
    if _data_of(gan) != _data_of(vae):
        names = f"{gan.run.name} and {vae.run.name}"
        raise VoteError(f"{names} learned from different digits. Choose two that learned from the same.")
    questions = compose({"real": real_digits(gan), "gan": _samples(gan), "vae": _samples(vae)}, count, seed)
    models = Models(gan.run.id, vae.run.id, gan.run.name, vae.run.name)
    the_round = votes().open(owner, models, questions, seed, demo)
    if demo:
        votes().vote_all(the_round.code, simulated(questions, DEMO_VOTERS, seed))
    return the_round


def _data_of(record: Record) -> tuple[str, tuple[int, ...]]:
    return record.run.config["dataset"], tuple(record.run.config["digits"])


def real_digits(record: Record) -> np.ndarray:
    """The test digits of a model's data, uint8 [n, 28, 28]: none that it has learned from."""
    return digits_to_test(*_data_of(record))[0].reshape(-1, 28, 28)


def _samples(record: Record) -> np.ndarray:
    """The last epoch's pictures, uint8 [n, 28, 28]."""
    return record.folder.read_arrays(record.folder.pictured()[-1])["samples"]


def own_rounds(owner: str) -> None:
    """The rounds that this browser opened, to go back to."""
    found = votes().owned(owner)[:6] if owner else []
    if found:
        st.subheader("Your rounds")
    for the_round in found:
        turnout = votes().turnout(the_round.code)
        day = datetime.fromtimestamp(the_round.created).strftime("%d %b, %H:%M")
        who = _voters(turnout.voters, the_round)
        if st.button(
            f"{the_round.code} · {STATES[the_round.state]} · {who} · {day}",
            key=f"vote.own.{the_round.code}",
            type="tertiary",
        ):
            st.query_params["round"] = the_round.code
            st.rerun()


def _voters(count: int, the_round: Round) -> str:
    """12 -> "12 voters", or in a demo "12 simulated voters"."""
    return f"{count} {'simulated ' if the_round.demo else ''}{'voter' if count == 1 else 'voters'}"


# A round


def host(the_round: Round) -> None:
    """The code to join by, the count, the buttons, the tally."""
    st.html(CODE)
    if the_round.state == REVEALED:
        _revealed(the_round)
        return
    left, right = st.columns([1, 1.15], gap="large")
    is_open = the_round.state == OPEN
    with left:
        st.title("Join with this code" if is_open else "This round")
        _invitation(the_round)
    with right:
        st.title("Voting is open" if is_open else "Voting is closed")
        _buttons(the_round)
        st.fragment(_count, run_every=EVERY)(the_round.code, the_round.state)


def _invitation(the_round: Round) -> None:
    st.html(f'<div class="gencmp-code">{the_round.code}</div>')  # our own letters
    if the_round.demo:
        st.markdown("**Demo: the voters are simulated, not people.** Close the round, then reveal it.")
        return
    if the_round.state != OPEN:
        st.caption("Takes no more answers. Nobody has seen the result; the phones wait for the reveal.")
        return
    link = link_of(the_round.code)
    if is_local(link):
        st.markdown(
            "Only this computer can open the dashboard now. To let in phones on the same network, start it with"
        )
        st.code(FOR_A_CLASS, language=None, wrap_lines=True)
        st.caption(f"To try it here, open this in a private window: {plain(link)}")
        return
    with st.container(key="qr"):
        st.image(qr(link), width=320)
    st.markdown(f"or open **{plain(link)}**")


def link_of(code: str) -> str:
    """The address that others on the network open: what this browser used; for "localhost", this machine's."""
    here = urlsplit(st.context.url or f"http://localhost:{st.get_option('server.port')}")
    name = here.hostname or "localhost"
    if name in LOCAL and str(st.get_option("server.address") or "0.0.0.0") not in LOCAL:
        name = lan_address()
    port = f":{here.port}" if here.port else ""
    return f"{here.scheme}://{f'[{name}]' if ':' in name else name}{port}{base_path()}/vote?round={code}"


def is_local(link: str) -> bool:
    return urlsplit(link).hostname in LOCAL


def lan_address() -> str:
    """This machine's address on its network; "localhost" without one. A UDP socket picks a route; nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address kept for documentation (RFC 5737)
            return str(probe.getsockname()[0])
    except OSError:
        return "localhost"


def qr(link: str) -> bytes:
    """A PNG of the link, dark on white in either theme, or phones could not read it."""
    file = io.BytesIO()
    segno.make(link, error="m", micro=False).save(file, kind="png", scale=8, border=3)
    return file.getvalue()


def _buttons(the_round: Round) -> None:
    with st.container(horizontal=True):
        if the_round.state == OPEN:
            if st.button(
                "Close the round",
                icon=":material/lock:",
                type="primary",
                key="vote.close",
                help="No more answers; the result stays hidden.",
            ):
                votes().close(the_round.code)
                st.rerun()
        elif st.button(
            "Reveal the result",
            icon=":material/visibility:",
            type="primary",
            key="vote.reveal",
            help="To everyone, on this screen and on the phones.",
        ):
            votes().reveal(the_round.code)
            st.rerun()
        _download(the_round)
        _leave()


def _download(the_round: Round) -> None:
    """Made at the click, so that it holds the newest answers."""
    code, store = the_round.code, votes()
    st.download_button(
        "CSV", lambda: as_csv(store.get(code), store.votes(code)), f"vote-{code}.csv", "text/csv",
        icon=":material/download:", on_click="ignore", key="vote.csv", help="One answer a line; voters are numbers.",
    )  # fmt: skip


def _leave() -> None:
    if st.button("All rounds", icon=":material/arrow_back:", type="tertiary", key="vote.leave"):
        del st.query_params["round"]
        st.rerun()


def _count(code: str, drawn_in: str) -> None:
    """How many have come; and the tally, for a teacher whose screen the class does not see."""
    the_round = votes().get(code)
    if the_round.state != drawn_in:  # closed or revealed in another tab
        st.rerun()
    draw("turnout", f"vote.turnout.{code}", vars(votes().turnout(code)) | {"state": the_round.state})
    if st.toggle(
        "Show me the tally",
        key=f"vote.peek.{code}",
        help="Leave it off while the class sees this screen: knowing the result sways votes.",
    ):
        draw("result", f"vote.live.{code}", result_data(the_round, digits=False))


def _revealed(the_round: Round) -> None:
    turnout = votes().turnout(the_round.code)
    title = f"What {_voters(turnout.voters, the_round)} said"
    draw("result", f"vote.result.{the_round.code}", result_data(the_round, title))
    models = the_round.models
    shown = f"GAN: {plain(models.gan_name)} · VAE: {plain(models.vae_name)}"
    st.caption(f"Round {the_round.code} · {shown} · {turnout.answers} answers")
    with st.container(horizontal=True):
        _download(the_round)
        _leave()
