"""The answer: who is better, how surely, and in words that fit the figures."""

from __future__ import annotations

import pytest

from gencmp.answer import DECISIVE, SAYINGS, compare, sentence, shown
from gencmp.measures import CRITERIA, Verdict, measure


def verdict(kind: str, **values: float) -> Verdict:
    """Every criterion at 1, but for those named; intervals of 0.1 to each side."""
    measures = tuple(
        measure(name, v := values.get(name, 1.0), v - 0.1, v + 0.1) for name in CRITERIA if name in SAYINGS
    )
    return Verdict(kind, kind, 1, "", "mnist", 100, 0, "", 0.0, measures, (0.1,) * 10, ())


def test_a_lower_distance_is_better_and_a_higher_precision():
    rows = {
        row.name: row
        for row in compare(verdict("gan", frechet=2, precision=2), verdict("vae", frechet=5), verdict("real"))
    }
    assert rows["frechet"].better == "GAN"
    assert rows["precision"].better == "GAN"
    assert rows["frechet"].saying == "As a set, the GAN's digits are nearer to real ones."


def test_nearer_to_real_digits_is_better_from_both_sides():
    rows = compare(verdict("gan", sharpness=3.0), verdict("vae", sharpness=0.2), verdict("real", sharpness=1.0))
    assert next(row for row in rows if row.name == "sharpness").better == "VAE"


def test_within_the_error_nobody_can_tell():
    [row] = [
        row for row in compare(verdict("gan", frechet=1.05), verdict("vae"), verdict("real")) if row.name == "frechet"
    ]
    assert row.better == ""
    assert row.saying.startswith("Cannot tell")


@pytest.mark.parametrize(("better", "words"), [("gan", "Not by these measures"), ("vae", "The paper is right")])
def test_the_sentence_counts_the_decisive_measures(better, words):
    best = dict.fromkeys(("frechet", "kernel"), 0.0)
    gan, vae = (verdict(kind, **(best if kind == better else {})) for kind in ("gan", "vae"))
    said = sentence(compare(gan, vae, verdict("real")))
    assert said.startswith(words)
    assert f"by 2 of {len(DECISIVE)} the {better.upper()}'s" in said
    assert "8 cannot tell" in said


def test_equal_models_decide_nothing():
    assert sentence(compare(verdict("gan"), verdict("vae"), verdict("real"))).startswith("Neither way")


def test_figures_are_shown_with_half_their_interval():
    assert shown(measure("frechet", 6.834, 6.5, 7.16)) == "6.83 ± 0.33"
    assert shown(measure("kernel", -0.0001, -0.004, 0.004)) == "0.000 ± 0.004"
    assert shown(measure("missing", 0, 0, 0)) == "0"
