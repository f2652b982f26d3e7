"""What the vote's component is given before the reveal: questions, and where it is drawn. Nothing here discloses a
picture's source; pictures are sent inline, so there is no URL to guess it from. After the reveal: results.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from gencmp.errors import RoundNotFound
from gencmp.ui.catalog import open_votes
from gencmp.ui.components import addresses, component
from gencmp.ui.vote.digits import image, nouns_data, nouns_of_round
from gencmp.voting.questions import SINGLE, Question, order, sides
from gencmp.voting.store import Round

SETS = {"gan": 0, "vae": 1}


def still_there(code: str) -> Round:
    """A round, for a fragment. If it has been deleted meanwhile, the whole page reruns and says so."""
    try:
        return open_votes().get(code)
    except RoundNotFound:
        st.rerun()


def go_to(code: str) -> None:
    """Put a round's code into the page's address; "" removes it."""
    if code:
        st.query_params.pop("runs", None)  # a round has its own models, and its address is short enough to type
        st.query_params["round"] = code
    else:
        st.query_params.pop("round", None)


def voters_words(the_round: Round, count: int | None = None) -> str:
    """For example "12 voters", or in a demo "12 simulated voters". count: defaults to all who joined."""
    count = open_votes().turnout(the_round.code).voters if count is None else count
    return f"{count} {'simulated ' if the_round.demo else ''}{'voter' if count == 1 else 'voters'}"


def draw(part: str, key: str, data: dict[str, Any] | None = None, **handlers: Any) -> Any:
    """Draw a part of the vote component; see static/vote/vote.js."""
    return component("vote")(data={"part": part} | (data or {}) | addresses(), key=key, **handlers)


def question_data(the_round: Round, question: Question, voter: str, place: int, of: int) -> dict[str, Any]:
    """One question as this voter sees it. place: its position, from 1, among `of` questions."""
    shown = question.pictures[None] if question.kind == SINGLE else _sides(the_round, question, voter)
    return {
        "number": question.number,
        "kind": question.kind,
        "place": place,
        "of": of,
        "pictures": [image(each) for each in shown],
        **nouns_data(nouns_of_round(the_round)),
    }


def _sides(the_round: Round, question: Question, voter: str) -> list[np.ndarray]:
    return [question.pictures[SETS[model]] for model in sides(the_round.seed, question.number, voter)]


def in_order(the_round: Round, voter: str) -> list[Question]:
    return order(open_votes().questions(the_round.code), the_round.seed, voter)
