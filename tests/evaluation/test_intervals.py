"""Intervals of means: against scipy."""

from __future__ import annotations

import pytest
from scipy import stats

from gencmp.evaluation.intervals import mean_difference, student


@pytest.mark.parametrize("freedom", [1, 2.4, 4, 19, 300])
def test_students_quantile_is_scipys(freedom: float) -> None:
    assert student(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-4)


def test_the_interval_of_a_difference_is_scipys() -> None:
    a, b = [138.3, 138.2, 138.5], [138.1, 137.6, 137.9, 137.2]
    wanted = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert mean_difference(a, b)[1:] == pytest.approx(tuple(wanted), rel=1e-4)


def test_equal_values_differ_by_exactly_that() -> None:
    assert mean_difference([2.0, 2.0], [1.0, 1.0]) == (1.0, 1.0, 1.0)
