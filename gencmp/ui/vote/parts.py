"""The data that the vote component receives: pictures, the count, the result. Before the reveal, nothing here discloses
a picture's source; pictures are sent inline, so there is no URL to guess it from."""

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
    "gan": "GAN {pictures} that voters called real",
    "real": "Real {pictures} that voters called generated",
    "vae": "VAE {pictures} that voters called real",
}
NOTE = (
    "A wrong answer calls real {pictures} generated, or generated {pictures} real."
    " An error rate of 50\u00a0% is what guessing gives (HYPE, Zhou et al. 2019). Lines: 95\u00a0% Wilson intervals;"
    " p: exact two-sided binomial test. Both treat all answers as independent, although each voter gives several,"
    " and they generalise to other voters, not to other {pictures}."
)


@cache
def votes() -> VoteStore:
    """The rounds of this server."""
    return VoteStore(home() / "votes.sqlite3")


def still_there(code: str) -> Round:
    """A round, for a fragment. If it has been deleted meanwhile, the whole page reruns and says so."""
    try:
        return votes().get(code)
    except RoundNotFound:
        st.rerun()


def go_to(code: str) -> None:
    """Put a round's code into the page's address; "" removes it."""
    if code:
        st.query_params["round"] = code
    else:
        st.query_params.pop("round", None)


def voters_words(the_round: Round, count: int | None = None) -> str:
    """For example "12 voters", or in a demo "12 simulated voters". count: defaults to all who joined."""
    count = votes().turnout(the_round.code).voters if count is None else count
    return f"{count} {'simulated ' if the_round.demo else ''}{'voter' if count == 1 else 'voters'}"


def draw(part: str, key: str, data: dict[str, Any] | None = None, **handlers: Any) -> Any:
    """Draw a part of the vote component; see static/vote/vote.js."""
    return component("vote")(data={"part": part} | (data or {}) | addresses(), key=key, **handlers)


def image(digits: np.ndarray) -> str:
    """uint8 [n, 28, 28] as a data URL of a PNG; a set in rows of three."""
    return f"data:image/png;base64,{b64encode(png(grid(digits, columns=min(3, len(digits))))).decode()}"


def question_data(the_round: Round, question: Question, voter: str, place: int, of: int) -> dict[str, Any]:
    """One question as this voter sees it. place: its position, from 1, among `of` questions."""
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
    """What to call the pictures, if not digits, which is the browser's default."""
    return {} if nouns == DIGITS else {"nouns": vars(nouns)}


def _sides(the_round: Round, question: Question, voter: str) -> list[np.ndarray]:
    return [question.pictures[SETS[model]] for model in sides(the_round.seed, question.number, voter)]


def in_order(the_round: Round, voter: str) -> list[Question]:
    return order(votes().questions(the_round.code), the_round.seed, voter)


def result_data(the_round: Round, title: str = "", own: str = "", digits: bool = True) -> dict[str, Any]:
    """The current tally. digits: include every single digit with its source, after the reveal."""
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
    """The single digits that a voter has judged, grouped by the voter's answer, without their true source."""
    given = votes().answers(the_round.code, voter)
    judged = [q for q in in_order(the_round, voter) if q.kind == SINGLE]
    rows = [
        (f"You called {answer}", [q for q in judged if given.get(q.number) == answer]) for answer in ANSWERS[SINGLE]
    ]
    return [{"label": label, "pictures": [image(q.pictures) for q in found]} for label, found in rows if found]


def own_words(the_round: Round, voter: str) -> str:
    """One voter's own result, shown only to that voter; empty without answers."""
    given = votes().answers(the_round.code, voter)
    asked = [q for q in votes().questions(the_round.code) if q.number in given]
    singles = [q for q in asked if q.kind == SINGLE]
    right = sum((q.source == "real") == (given[q.number] == "real") for q in singles)
    chosen = [given[q.number] for q in asked if q.kind == PAIR]
    words = [f"You judged {right} of {len(singles)} {nouns_of_round(the_round).pictures} correctly."] if singles else []
    if chosen:
        gan, vae = chosen.count("gan"), chosen.count("vae")
        words.append(f"In {len(chosen)} pairs of sets, you preferred the GAN's {gan} times and the VAE's {vae} times.")
    return " ".join(words)
