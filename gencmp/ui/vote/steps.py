"""The reveal as a browser gets it, step by step (see voting/reveal.py). Imports no Streamlit."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from gencmp.ui.catalog import open_votes
from gencmp.ui.vote.digits import image
from gencmp.voting.reveal import Judged, fooled_most, judged, last_step
from gencmp.voting.store import REVEALING, Round
from gencmp.voting.tally import tally


def news(the_round: Round, known: int) -> dict[str, Any]:
    """What all who follow a round ask for once a second; in the reveal with the step shown, if it is not the `known` one."""
    facts = {"state": the_round.state, "step": the_round.step, "next": the_round.next, "shown": None}
    if the_round.state == REVEALING and the_round.step != known:
        steps = all_steps(the_round)
        facts["shown"] = steps[min(the_round.step, len(steps) - 1)]
    return facts


def all_steps(the_round: Round) -> list[dict[str, Any]]:
    """Every step of a closed round's reveal, at least the last."""
    return _steps(the_round.code, the_round.created)


@lru_cache(maxsize=8)
def _steps(code: str, created: float) -> list[dict[str, Any]]:
    """Kept, because a class asks for them all the time and no answer can change them. created: a code may be used again."""
    pictures = judged(open_votes().questions(code), tally(open_votes().votes(code)))
    return [_step(pictures, step) for step in range(last_step(pictures) + 1)]


def _step(pictures: list[Judged], step: int) -> dict[str, Any]:
    if step == last_step(pictures):
        most = {name: fooled_most(pictures, real=name == "real") for name in ("generated", "real")}
        return {"kind": "most"} | {name: _facts(found) if found else None for name, found in most.items()}
    facts = {"kind": "single", "place": step // 2 + 1, "of": len(pictures)} | _facts(pictures[step // 2])
    return facts if step % 2 else facts | {"source": "", "fooled": 0}  # the truth comes with the next step


def _facts(found: Judged) -> dict[str, Any]:
    """percent: of those asked, how many called it real, and how many generated; both add up to 100."""
    rate = found.called_real
    return {
        "number": found.question.number,
        "image": image(found.question.pictures),
        "percent": {"real": rate.percent, "generated": 100 - rate.percent},
        "called_real": rate.count,
        "total": rate.total,
        "source": found.question.source,
        "fooled": found.fooled,
    }
