"""The way into a vote: a teacher opens a round, or comes back to one; a student types a code.

Buttons act in callbacks, which run before the page is drawn: a click is not lost when the page is drawn anew meanwhile.
"""

from __future__ import annotations

import secrets

import numpy as np
import streamlit as st

from gencmp.data.classes import nouns_of
from gencmp.errors import GencmpError, VoteError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain
from gencmp.ui.vote.digits import data_of, drawn_digits, real_digits
from gencmp.ui.vote.parts import draw, go_to, image, votes
from gencmp.ui.vote.rounds import rounds
from gencmp.voting.questions import FEWEST, MOST, compose, simulated, wanted
from gencmp.voting.store import CODE_LENGTH, Models, Round, tidy

DEMO_VOTERS = 30
STRIP = (1, 0, 2, 1, 2, 0, 1, 0, 2, 0, 1)  # of the ornament: GAN, real or VAE


def way_in(voter: str) -> None:
    """Join on the left, open on the right; on a phone, join first.

    Neither before the browser's token has come: with it the page is drawn anew from the address as the browser knew it,
    and a round that a quick click had just put there would be forgotten.
    """
    st.title("Can you tell which digits are real?")
    st.markdown(
        "A blind vote for a class: single digits, real or generated, and pairs of sets, one from each model."
        " No names, and no result before the reveal."
    )
    _strip()
    if not voter:
        return
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Join a round")
        join_form()
        rounds(voter)
    with right:
        st.subheader("Open a round for a class")
        _open_form(voter)


def join_form() -> None:
    with st.form("join", border=False):
        st.text_input("Code", max_chars=12, placeholder="The code on your teacher's screen", key="join.code")
        st.form_submit_button("Join", icon=":material/login:", type="primary", width="stretch", on_click=_join)


def _join() -> None:
    code = tidy(st.session_state["join.code"])
    if len(code) == CODE_LENGTH:
        go_to(code)
    else:
        st.error(f"A code has {CODE_LENGTH} letters and digits.", icon=":material/error:")


def _strip() -> None:
    """Eleven digits, some written by people and some drawn by the shipped models: which?"""
    shipped = {record.run.kind: record for record in open_catalog().shipped() if record.folder.pictured()}
    if {"gan", "vae"} <= shipped.keys():
        sources = (_pictured(shipped["gan"]), real_digits(shipped["gan"]), _pictured(shipped["vae"]))
        digits = [image(sources[each][20 + place : 21 + place]) for place, each in enumerate(STRIP)]
        with st.container(key="vote-strip"):  # its height is kept free, so that nothing jumps when the digits come
            draw("strip", "vote.strip", {"pictures": digits, "label": "Digits, written by people or drawn by models"})


def _open_form(owner: str) -> None:
    """Whose digits, how many questions."""
    gan, vae = _pick("gan"), _pick("vae")
    count = st.slider(
        "Questions", FEWEST, MOST, 16, 4, key="vote.questions",
        help="A quarter of them are pairs of sets; of the single digits half are real. About 4 seconds each.",
    )  # fmt: skip
    ready = bool(gan and vae)
    with st.container(horizontal=True):
        st.button(
            "Open a round", icon=":material/how_to_vote:", type="primary", disabled=not ready, key="vote.open",
            on_click=_start, args=(owner, gan, vae, count),
        )  # fmt: skip
        st.button(
            "Demo round", icon=":material/smart_toy:", disabled=not ready, key="vote.demo",
            on_click=_start, args=(owner, gan, vae, count, True),
            help=f"{DEMO_VOTERS} simulated voters with made-up chances, to see how a round goes.",
        )  # fmt: skip


def _pick(kind: str) -> ModelRecord | None:
    """A model with weights to draw with: those that ship first, then runs, newest first."""
    there = {each.id: each for each in open_catalog().choices() if each.kind == kind}
    if not there:
        st.warning(f"There is no {kind.upper()} with pictures yet. Train one first.", icon=":material/search_off:")
        return None
    label = f"{kind.upper()}'s digits from"
    chosen = st.selectbox(label, there, format_func=lambda name: there[name].name, key=f"vote.{kind}")
    record = open_catalog().find(chosen)
    st.caption(f"After epoch {record.folder.kept()[-1]}.")
    return record


def _start(owner: str, gan: ModelRecord, vae: ModelRecord, count: int, demo: bool = False) -> None:
    try:
        go_to(new_round(owner, gan, vae, count, secrets.randbits(63), demo).code)
    except GencmpError as error:
        st.error(plain(str(error)), icon=":material/error:")


def new_round(owner: str, gan: ModelRecord, vae: ModelRecord, count: int, seed: int, demo: bool = False) -> Round:
    """Compose and store a round; a demo's voters have voted already.

    Raises VoteError when the models learned from different digits: no real ones would be fair to both.
    """
    if data_of(gan) != data_of(vae):
        names = f"{gan.run.name} and {vae.run.name}"
        raise VoteError(
            f"{names} learned from different {nouns_of(class_names(gan.run)).pictures}. Choose two that learned from the same."
        )
    pictures = {"real": real_digits(gan)}
    for source, record in (("gan", gan), ("vae", vae)):
        pictures[source] = drawn_digits(record, wanted(count)[source], seed)
    questions = compose(pictures, count, seed)
    models = Models(gan.run.id, vae.run.id, gan.run.name, vae.run.name)
    the_round = votes().open(owner, models, questions, seed, demo)
    if demo:
        votes().vote_all(the_round.code, simulated(questions, DEMO_VOTERS, seed))
    return the_round


def _pictured(record: ModelRecord) -> np.ndarray:
    """The last epoch's pictures, uint8 [n, 28, 28]."""
    return record.folder.read_arrays(record.folder.pictured()[-1])["samples"]
