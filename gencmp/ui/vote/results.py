"""What the vote's component is given of the answers: the class's, and a voter's own."""

from __future__ import annotations

from typing import Any

from gencmp.ui.catalog import open_votes
from gencmp.ui.vote.digits import image, nouns_data, nouns_of_round
from gencmp.ui.vote.parts import in_order
from gencmp.voting import tally as tallies
from gencmp.voting.questions import ANSWERS, PAIR, SINGLE
from gencmp.voting.store import Round

SAYS = {  # in the order in which they are drawn
    "gan": "GAN {pictures} that voters called real",
    "real": "Real {pictures} that voters called generated",
    "vae": "VAE {pictures} that voters called real",
}
NOTE = (
    "A wrong answer calls real {pictures} generated, or generated {pictures} real."
    " An error rate of 50\u00a0% is what guessing gives (HYPE, Zhou et al. 2019). Lines: 95\u00a0% Wilson [intervals|95 % interval];"
    " [p]: exact two-sided binomial test. Both treat all answers as independent, although each voter gives several,"
    " and they generalise to other voters, not to other {pictures}."
)


def result_data(the_round: Round, title: str = "", digits: bool = True) -> dict[str, Any]:
    """The current tally. digits: include every single digit with its source, after the reveal."""
    result, nouns = tallies.tally(open_votes().votes(the_round.code)), nouns_of_round(the_round)
    words = vars(nouns) | {"Pictures": nouns.pictures.capitalize()}
    chosen = result.preference
    preference = {"gan": chosen.total - chosen.count, "vae": chosen.count, "p": tallies.p_words(result.p_value)}
    return {
        "title": title, "code": the_round.code, "demo": the_round.demo, "note": NOTE.format(**words), **nouns_data(nouns),
        "sentences": tallies.sentences(result, nouns),
        "rates": [{"source": source, "says": says.format(**words), **_rate(result.errors[source])} for source, says in SAYS.items()],
        "preference": preference | _rate(chosen),
        "digits": _digits(the_round, result) if digits else [],
    }  # fmt: skip


def _rate(rate: tallies.Rate) -> dict[str, Any]:
    low, high = rate.interval
    facts = {"count": rate.count, "total": rate.total, "share": rate.share or 0.0, "percent": rate.percent}
    return facts | {"low": low, "high": high}


def _digits(the_round: Round, result: tallies.Tally) -> list[dict[str, Any]]:
    asked = (q for q in open_votes().questions(the_round.code) if q.kind == SINGLE and q.number in result.fooled)
    return [{"image": image(q.pictures), "source": q.source, "percent": result.fooled[q.number].percent} for q in asked]


def own_digits(the_round: Round, voter: str) -> list[dict[str, Any]]:
    """The single digits that a voter has judged, grouped by the voter's answer, without their true source."""
    given = open_votes().answers(the_round.code, voter)
    judged = [q for q in in_order(the_round, voter) if q.kind == SINGLE]
    rows = [
        (f"You called {answer}", [q for q in judged if given.get(q.number) == answer]) for answer in ANSWERS[SINGLE]
    ]
    return [{"label": label, "pictures": [image(q.pictures) for q in found]} for label, found in rows if found]


def own_words(the_round: Round, voter: str) -> str:
    """One voter's own result, shown only to that voter; empty without answers."""
    given = open_votes().answers(the_round.code, voter)
    asked = [q for q in open_votes().questions(the_round.code) if q.number in given]
    singles = [q for q in asked if q.kind == SINGLE]
    right = sum((q.source == "real") == (given[q.number] == "real") for q in singles)
    chosen = [given[q.number] for q in asked if q.kind == PAIR]
    words = [f"You judged {right} of {len(singles)} {nouns_of_round(the_round).pictures} correctly."] if singles else []
    if chosen:
        gan, vae = chosen.count("gan"), chosen.count("vae")
        sets = "1 pair" if len(chosen) == 1 else f"{len(chosen)} pairs"
        words.append(f"In {sets} of sets, you preferred the GAN's {_times(gan)} and the VAE's {_times(vae)}.")
    return " ".join(words)


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")


def own_result(the_round: Round, voter: str) -> dict[str, Any]:
    """One voter's own result in words and, as rows of pictures with their true source, the hits and the misses."""
    given = open_votes().answers(the_round.code, voter)
    judged = [q for q in in_order(the_round, voter) if q.kind == SINGLE and q.number in given]
    right = [q for q in judged if (q.source == "real") == (given[q.number] == "real")]
    rows = [("You were right", right), ("You were wrong", [q for q in judged if all(q is not hit for hit in right)])]
    return {
        "words": own_words(the_round, voter),
        "rows": [
            {"label": f"{label}: {len(found)}", "pictures": [{"image": image(q.pictures), "source": q.source} for q in found]}
            for label, found in rows
            if found
        ],
    }  # fmt: skip
