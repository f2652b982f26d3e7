"""The tally against oracles: published Wilson intervals, scipy's tests, and votes counted by hand."""

from __future__ import annotations

from typing import Any

import pytest
from scipy.stats import binomtest

from gencmp.evaluation.intervals import sign_test, wilson
from gencmp.voting.store import Vote
from gencmp.voting.tally import Rate, p_words, sentences, tally

COUNTS = [(0, 1), (1, 1), (0, 12), (5, 10), (81, 263), (1, 29), (15, 148), (599, 600), (360, 720)]


def single(source: str, answer: str, number: int = 1, voter: int = 1) -> Vote:
    return Vote(voter, number, "single", source, answer)


def pair(answer: str) -> Vote:
    return Vote(1, 9, "pair", "", answer)


@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(count: int, total: int, low: float, high: float) -> None:
    """Newcombe 1998, table I, method 3."""
    assert wilson(count, total) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("count", "total"), COUNTS)
def test_wilson_and_the_sign_test_agree_with_scipy(count: Any, total: Any) -> None:
    theirs = binomtest(count, total, 0.5)
    interval = theirs.proportion_ci(method="wilson")
    assert wilson(count, total) == pytest.approx((interval.low, interval.high), abs=1e-12)
    assert sign_test(count, total) == pytest.approx(theirs.pvalue, rel=1e-9)


def test_nobody_asked_is_nothing_known() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert sign_test(0, 0) == 1.0
    assert Rate(0, 0).share is None


@pytest.mark.parametrize(("count", "total"), [(-1, 3), (4, 3)])
def test_a_count_that_cannot_be_is_an_error(count: int, total: int) -> None:
    with pytest.raises(ValueError, match=f"A count of {count} in {total} is not possible"):
        wilson(count, total)


def test_errors_of_each_source_and_the_preference_are_counted() -> None:
    votes = [
        single("real", "generated", 1), single("real", "real", 1), single("real", "real", 2),
        single("gan", "real", 3), single("gan", "generated", 3), single("vae", "generated", 4),
        pair("vae"), pair("vae"), pair("gan"),
    ]  # fmt: skip
    result = tally(votes)
    assert result.errors == {"real": Rate(1, 3), "gan": Rate(1, 2), "vae": Rate(0, 1)}
    assert result.preference == Rate(2, 3)
    assert result.fooled == {1: Rate(1, 2), 2: Rate(1, 1), 3: Rate(1, 2), 4: Rate(0, 1)}
    assert result.p_value == pytest.approx(1.0)


def test_a_difference_is_only_told_beyond_its_interval() -> None:
    few = tally([single("gan", "real"), single("vae", "generated"), pair("vae")])
    assert "Neither model clearly fools people more often" in sentences(few)[1]
    assert "no significant difference (p = 1.00)" in sentences(few)[2]
    many = [single("gan", "real")] * 40 + [single("vae", "generated")] * 40 + [pair("vae")] * 20
    told = sentences(tally(many))
    assert (
        told[0]
        == "Misjudged: the GAN's digits 100\u00a0%, the VAE's digits 0\u00a0%. 50\u00a0% is what guessing gives."
    )
    assert told[1] == "The GAN's digits were called real more often."
    assert told[2] == "Preferred sets, GAN 0 : 20 VAE: a significant preference for the VAE (p < 0.001)."


def test_a_half_percent_is_told_as_the_chart_tells_it() -> None:
    votes = [single("gan", "real")] + [single("gan", "generated")] * 7
    assert sentences(tally(votes))[0].startswith(f"Misjudged: the GAN's digits {Rate(1, 8).percent}\u00a0%")
    assert Rate(1, 8).percent == 13  # 12.5


def test_an_empty_round_says_so() -> None:
    assert sentences(tally([])) == ["No single digit has been judged yet."]


@pytest.mark.parametrize(
    ("p", "words"), [(0.0004, "p < 0.001"), (0.0312, "p = 0.031"), (0.5, "p = 0.50"), (1.0, "p = 1.00")]
)
def test_a_p_value_in_words(p: float, words: str) -> None:
    assert p_words(p) == words
