"""The result of a vote: error rates, a preference, and their uncertainty. Pure functions of counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gencmp.data.classes import DIGITS, Nouns
from gencmp.evaluation.intervals import sign_test, wilson
from gencmp.voting.questions import PAIR, SINGLE, SOURCES
from gencmp.voting.store import Round, Vote

NAMES = {"real": "real {pictures}", "gan": "the GAN's {pictures}", "vae": "the VAE's {pictures}"}
ALPHA = 0.05
COLUMNS = ("round", "voters", "gan", "vae", "voter", "question", "kind", "source", "answer", "wrong")


@dataclass(frozen=True)
class Rate:
    """`count` of `total`, with its 95 % Wilson interval; shares from 0 to 1."""

    count: int
    total: int

    @property
    def share(self) -> float | None:
        return self.count / self.total if self.total else None

    @property
    def percent(self) -> int:
        """The share in whole percent, halves rounded up; 0 if nobody was asked. The rest is 100 - percent, so that both
        parts of a whole add up to 100 wherever they stand.
        """
        return (200 * self.count + self.total) // (2 * self.total) if self.total else 0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.total)


@dataclass(frozen=True)
class Tally:
    """errors: per source, how often it was misjudged: real called generated, or generated called real.

    50 % is what guessing gives: indistinguishable (HYPE, Zhou et al. 2019).
    preference: how often the VAE's set was preferred to the GAN's.
    fooled: question number -> how often that single digit was called real.
    """

    errors: Mapping[str, Rate]
    preference: Rate
    fooled: Mapping[int, Rate]

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the preference, under the null hypothesis of no preference."""
        return sign_test(self.preference.count, self.preference.total)


def tally(votes: Iterable[Vote]) -> Tally:
    """Count the votes of one round."""
    wrong, asked = dict.fromkeys(SOURCES, 0), dict.fromkeys(SOURCES, 0)
    called_real: dict[int, list[int]] = {}
    chosen = [0, 0]
    for vote in votes:
        if vote.kind == SINGLE:
            asked[vote.source] += 1
            wrong[vote.source] += vote.is_wrong
            called_real.setdefault(vote.number, []).append(vote.answer == "real")
        elif vote.kind == PAIR:
            chosen[vote.answer == "vae"] += 1
    return Tally(
        errors={source: Rate(wrong[source], asked[source]) for source in SOURCES},
        preference=Rate(chosen[1], sum(chosen)),
        fooled={number: Rate(sum(calls), len(calls)) for number, calls in sorted(called_real.items())},
    )


# As a table


def as_csv(the_round: Round, votes: Iterable[Vote]) -> str:
    """One answer per line. Voters are numbered in the order of joining; column `voters` is "people" or "simulated"."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    start = (the_round.code, "simulated" if the_round.demo else "people", the_round.models.gan, the_round.models.vae)
    for v in votes:
        writer.writerow(
            (*start, v.voter, v.number, v.kind, v.source, v.answer, int(v.is_wrong) if v.kind == SINGLE else "")
        )
    return text.getvalue()


# In words


def sentences(result: Tally, nouns: Nouns = DIGITS) -> list[str]:
    """The result in two or three sentences, as plain text without markup."""
    found = [_misjudged(result, nouns), _who_fools_more(result, nouns.pictures), _preferred(result)]
    return [each for each in found if each]


def _misjudged(result: Tally, nouns: Nouns) -> str:
    parts = [
        f"{NAMES[s].format(pictures=nouns.pictures)} {rate.percent}\u00a0%"
        for s, rate in result.errors.items()
        if rate.total
    ]
    if not parts:
        return f"No single {nouns.picture} has been judged yet."
    return f"Misjudged: {', '.join(parts)}. 50\u00a0% is what guessing gives."


def _who_fools_more(result: Tally, pictures: str) -> str:
    gan, vae = result.errors["gan"], result.errors["vae"]
    if not (gan.total and vae.total):
        return ""
    if gan.interval[0] > vae.interval[1]:
        return f"The GAN's {pictures} were called real more often."
    if vae.interval[0] > gan.interval[1]:
        return f"The VAE's {pictures} were called real more often."
    return "Neither model clearly fools people more often: the intervals overlap."


def _preferred(result: Tally) -> str:
    rate = result.preference
    if not rate.total:
        return ""
    gan, vae = rate.total - rate.count, rate.count
    counted = f"GAN {gan} : {vae} VAE"
    if result.p_value >= ALPHA:
        return f"Preferred sets, {counted}: no significant difference ({p_words(result.p_value)})."
    better = "VAE" if vae > gan else "GAN"
    return f"Preferred sets, {counted}: a significant preference for the {better} ({p_words(result.p_value)})."


def p_words(p: float) -> str:
    """0.0312 -> "p = 0.031"."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"
