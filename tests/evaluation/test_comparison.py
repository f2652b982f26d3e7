"""The answer: which model is better, is that significant, and do the words fit the figures?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scipy import stats

from gencmp.evaluation.comparison import SAYINGS, SAYINGS_OF_OTHER_CLASSES, Row, compare, shown, spread
from gencmp.evaluation.intervals import _chi_square, rank_test
from gencmp.evaluation.measures import CRITERIA, Reading, measure
from gencmp.evaluation.verdicts import Verdict


def verdict(kind: str, **values: float) -> Verdict:
    """Every criterion at 1, but for those named; intervals of 0.1 to each side."""
    measures = tuple(
        measure(name, v := values.get(name, 1.0), v - 0.1, v + 0.1) for name in CRITERIA if name in SAYINGS
    )
    return Verdict(kind, kind, 1, "", "mnist", 100, 0, "", 0.0, measures, (0.1,) * 10, ())


def test_a_lower_distance_is_better_and_a_higher_precision() -> None:
    rows = {
        row.name: row
        for row in compare(verdict("gan", frechet=2, precision=2), verdict("vae", frechet=5), verdict("real"))
    }
    assert rows["frechet"].leader == "GAN"
    assert rows["precision"].leader == "GAN"
    assert rows["frechet"].saying == "As a set, the GAN's digits are closer to real ones."


def test_nearer_to_real_digits_is_better_from_both_sides() -> None:
    rows = compare(verdict("gan", sharpness=3.0), verdict("vae", sharpness=0.2), verdict("real", sharpness=1.0))
    assert next(row for row in rows if row.name == "sharpness").leader == "VAE"


def test_a_difference_within_its_error_is_not_significant() -> None:
    [row] = [
        row for row in compare(verdict("gan", frechet=1.05), verdict("vae"), verdict("real")) if row.name == "frechet"
    ]
    assert row.leader == ""
    assert row.saying == "The difference is not significant."


def test_of_the_models_own_likelihood_alone_nothing_is_said() -> None:
    """All other criteria have a sentence, for digits and for other classes."""
    of_the_vae = {"elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p", "bound_gap"}
    assert set(SAYINGS) == set(SAYINGS_OF_OTHER_CLASSES) == set(CRITERIA) - of_the_vae


def row(z_scores: dict[str, float]) -> Row:
    one = measure("precision", 0.5, 0.4, 0.6)
    return Row("precision", one, one, one, z_scores)


def test_each_judge_has_its_own_winner() -> None:
    found = row({"convnet-0": 5.0, "lenet-0": -3.0, "hog": 1.0})
    assert found.winners == {"convnet-0": "GAN", "lenet-0": "VAE", "hog": ""}
    assert found.is_disputed and not found.leader and not found.is_unanimous
    assert found.saying == (
        "It depends on the judge: the GAN by Convnet 0; the VAE by LeNet 0; no significant difference by gradients (HOG)."
    )


def test_who_leads_wherever_a_difference_is_seen_leads() -> None:
    found = row({"convnet-0": 5.0, "lenet-0": 1.0, "pixels": 3.0})
    assert (found.leader, found.is_disputed, found.is_unanimous) == ("GAN", False, False)
    assert row({"convnet-0": 5.0, "lenet-0": 2.0}).is_unanimous


def test_a_space_without_a_network_against_all_judges_dissents() -> None:
    found = row({"convnet-0": -5.0, "lenet-0": -4.0, "pixels": 9.0})
    assert (found.leader, found.dissenting, found.is_disputed) == ("VAE", ("pixels",), False)
    assert found.saying.endswith("Only by pixels it is the other way.")
    assert row({"convnet-0": -5.0, "lenet-0": 0.0, "pixels": 9.0}).is_disputed, "one judge does not say so"


def test_spaces_that_only_one_model_was_measured_in_are_left_out() -> None:
    gan, vae, real = (verdict(kind) for kind in ("gan", "vae", "real"))
    both = replace(gan["frechet"], space="convnet-0", others=(Reading("pixels", 5.0, 4.9, 5.1),))
    one = replace(both, others=())
    rows = compare(*(replace(each, measures=(found,)) for each, found in ((gan, both), (vae, one), (real, both))))
    assert list(rows[0].z_scores) == ["convnet-0"]


def test_figures_are_shown_with_half_their_interval() -> None:
    assert shown(measure("frechet", 6.834, 6.5, 7.16)) == "6.83 ± 0.33"
    assert shown(measure("kernel", -0.0001, -0.004, 0.004)) == "0.000 ± 0.004"
    assert shown(measure("missing", 0, 0, 0)) == "0"
    assert shown(measure("missing", 2, 1, 3)) == "2 ± 1"


def test_an_error_is_never_written_as_nothing() -> None:
    assert shown(measure("confidence", 0.99783, 0.99742, 0.99824)) == "0.9978 ± 0.0004"
    assert shown(measure("missing", 2, 1.6, 2.4)) == "2.0 ± 0.4"


def test_at_the_end_of_its_interval_a_figure_is_shown_with_the_other() -> None:
    assert shown(measure("copies", 0.0, 0.0, 0.00192)) == "0 (at most 0.002)"
    assert shown(measure("precision", 1.0, 0.99962, 1.0)) == "1 (at least 0.9996)"


# Seeds


def of_seeds(*values: float, error: float) -> Any:
    return spread([measure("frechet", value, value - 1.96 * error, value + 1.96 * error) for value in values])


def test_seeds_farther_apart_than_their_errors_differ_significantly() -> None:
    wide, near = of_seeds(8, 10, 12, error=0.5), of_seeds(8, 10, 12, error=2.0)
    assert (wide.deviation, wide.error) == pytest.approx((2.0, 0.5))
    assert wide.is_significant and not near.is_significant


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]),
        ([1, 2, 9], [3, 4, 5, 6]),
        ([5.5, 1.25], [2.5, 3.5, 0.1]),
        ([1, 4, 7], [2, 3, 9]),
    ],
)
def test_the_rank_test_is_scipys(a: list[float], b: list[float]) -> None:
    assert rank_test(a, b) == pytest.approx(stats.mannwhitneyu(a, b, method="exact").pvalue)


@pytest.mark.parametrize("freedom", [1, 2, 4, 9, 30])
def test_the_quantile_is_scipys(freedom: int) -> None:
    assert _chi_square(freedom) == pytest.approx(stats.chi2.ppf(0.95, freedom), rel=0.03)


def test_seeds_that_agree_to_the_last_digit_do_not_differ() -> None:
    same = of_seeds(3, 3, 3, error=0.0)
    assert not same.is_significant
