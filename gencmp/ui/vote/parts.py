"""What the vote's component is given: pictures as data, the count, the result. Nothing here names a picture's source
before the reveal; a picture has no address of its own, so none can be guessed."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from typing import Any

import numpy as np
import streamlit as st

from gencmp.data.classes import DIGITS, Nouns
from gencmp.errors import RoundNotFound
from gencmp.files import home
from gencmp.graphics.sheets import grid, png
from gencmp.ui.components import addresses, component
from gencmp.ui.vote.digits import nouns_of_round
from gencmp.voting import tally as tallies
from gencmp.voting.questions import ANSWERS, PAIR, SINGLE, Question, order, sides
from gencmp.voting.store import Round, VoteStore

SETS = {"gan": 0, "vae": 1}
SAYS = {  # in the order in which they are drawn
    "gan": "{Pictures} drawn by the GAN that voters took for real",
    "real": "Real {pictures} that voters called generated",
    "vae": "{Pictures} drawn by the VAE that voters took for real",
}
NOTE = (
    "Real {pictures} are judged wrongly when they are called generated, generated ones when they are taken for real."
    " At 50\u00a0% nobody could tell them apart (HYPE, Zhou et al. 2019). Lines: 95\u00a0% Wilson intervals;"
    " p: exact two-sided binomial test. Both count every answer as independent, although one voter gives several;"
    " and they are about other voters, not about other {pictures}."
)


@cache
def votes() -> VoteStore:
    """The rounds of this server."""
    return VoteStore(home() / "votes.sqlite3")


def still_there(code: str) -> Round:
    """A round, for a fragment; when it was deleted meanwhile, the whole page is drawn anew and says so."""
    try:
        return votes().get(code)
    except RoundNotFound:
        st.rerun()


def go_to(code: str) -> None:
    """Put a round into the page's address; "" leaves it."""
    if code:
        st.query_params["round"] = code
    else:
        st.query_params.pop("round", None)


def voters_words(the_round: Round, count: int | None = None) -> str:
    """As "12 voters", or in a demo "12 simulated voters"; all who came, unless told how many."""
    count = votes().turnout(the_round.code).voters if count is None else count
    return f"{count} {'simulated ' if the_round.demo else ''}{'voter' if count == 1 else 'voters'}"


def draw(part: str, key: str, data: dict[str, Any] | None = None, **handlers: Any) -> Any:
    """A part of the vote's component; see static/vote.js."""
    return component("vote")(data={"part": part} | (data or {}) | addresses(), key=key, **handlers)


def image(digits: np.ndarray) -> str:
    """uint8 [n, 28, 28] as an address that holds the picture itself; a set in rows of three."""
    return f"data:image/png;base64,{b64encode(png(grid(digits, columns=min(3, len(digits))))).decode()}"


def question_data(the_round: Round, question: Question, voter: str, place: int, of: int) -> dict[str, Any]:
    """One question as this voter sees it; `place` from 1."""
    shown = question.pictures[None] if question.kind == SINGLE else _sides(the_round, question, voter)
    return {
        "number": question.number,
        "kind": question.kind,
        "place": place,
        "of": of,
        "pictures": [image(each) for each in shown],
        **_nouns(nouns_of_round(the_round)),
    }


def _nouns(nouns: Nouns) -> dict[str, Any]:
    """What pictures are called where they are no digits, as the browser takes them to be."""
    return {} if nouns == DIGITS else {"nouns": vars(nouns)}


def _sides(the_round: Round, question: Question, voter: str) -> list[np.ndarray]:
    return [question.pictures[SETS[model]] for model in sides(the_round.seed, question.number, voter)]


def in_order(the_round: Round, voter: str) -> list[Question]:
    return order(votes().questions(the_round.code), the_round.seed, voter)


def result_data(the_round: Round, title: str = "", own: str = "", digits: bool = True) -> dict[str, Any]:
    """The tally as it is now. digits: with every single digit and its source, for after the reveal."""
    result, nouns = tallies.tally(votes().votes(the_round.code)), nouns_of_round(the_round)
    words = vars(nouns) | {"Pictures": nouns.pictures.capitalize()}
    chosen = result.preference
    preference = {"gan": chosen.total - chosen.count, "vae": chosen.count, "p": tallies.p_words(result.p_value)}
    return {
        "title": title, "own": own, "demo": the_round.demo, "note": NOTE.format(**words), **_nouns(nouns),
        "sentences": tallies.sentences(result, nouns),
        "rates": [{"source": source, "says": says.format(**words), **_rate(result.errors[source])} for source, says in SAYS.items()],
        "preference": preference | _rate(chosen),
        "digits": _digits(the_round, result) if digits else [],
    }  # fmt: skip


def _rate(rate: tallies.Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"count": rate.count, "total": rate.total, "share": rate.share or 0.0, "low": low, "high": high}


def _digits(the_round: Round, result: tallies.Tally) -> list[dict[str, Any]]:
    asked = (q for q in votes().questions(the_round.code) if q.kind == SINGLE and q.number in result.fooled)
    return [{"image": image(q.pictures), "source": q.source, "share": result.fooled[q.number].share} for q in asked]


def own_digits(the_round: Round, voter: str) -> list[dict[str, Any]]:
    """The single digits that a voter has judged, by what the voter called them; no word of what they are."""
    given = votes().answers(the_round.code, voter)
    judged = [q for q in in_order(the_round, voter) if q.kind == SINGLE]
    rows = [
        (f"You called {answer}", [q for q in judged if given.get(q.number) == answer]) for answer in ANSWERS[SINGLE]
    ]
    return [{"label": label, "pictures": [image(q.pictures) for q in found]} for label, found in rows if found]


def own_words(the_round: Round, voter: str) -> str:
    """How one voter did, for that voter's eyes; empty when there is no answer."""
    given = votes().answers(the_round.code, voter)
    asked = [q for q in votes().questions(the_round.code) if q.number in given]
    singles = [q for q in asked if q.kind == SINGLE]
    right = sum((q.source == "real") == (given[q.number] == "real") for q in singles)
    chosen = [given[q.number] for q in asked if q.kind == PAIR]
    told = [f"You judged {right} of {len(singles)} {nouns_of_round(the_round).pictures} rightly."] if singles else []
    if chosen:
        gan, vae = chosen.count("gan"), chosen.count("vae")
        told.append(f"Of {len(chosen)} pairs of sets you preferred the GAN's in {gan} and the VAE's in {vae}.")
    return " ".join(told)
