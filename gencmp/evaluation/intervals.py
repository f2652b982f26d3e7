"""Confidence intervals and significance tests of counts and of small samples. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from math import comb, sqrt
from statistics import NormalDist, mean, variance


def wilson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of a share (Wilson 1927); (0, 1) when total is 0.

    >>> low, high = wilson(9, 10)
    >>> print(f"{low:.2f} to {high:.2f}")
    0.60 to 0.98

    Raises ValueError unless 0 <= count <= total.
    """
    if not 0 <= count <= total:
        raise ValueError(f"A count of {count} in {total} is not possible; wanted 0 to {total}.")
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = count / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / total + spread / (4 * total))
    return max(0.0, middle - half) if count else 0.0, min(1.0, middle + half) if count < total else 1.0


def exact(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Confidence interval of a share that holds it at least this often, however rare (Clopper & Pearson 1934); for few hits or
    few misses, of which Wilson's is too narrow. The time grows with the smaller of the two counts.

    >>> low, high = exact(1, 2000)
    >>> print(f"{low:.6f} to {high:.6f}")
    0.000013 to 0.002783
    """
    if count > total - count:
        low, high = exact(total - count, total, confidence)
        return 1 - high, 1 - low
    tail = (1 - confidence) / 2
    low = _share_where(count - 1, total, 1 - tail) if count else 0.0
    return low, _share_where(count, total, tail) if total else 1.0


def _share_where(most: int, total: int, wanted: float) -> float:
    """The share at which a count is at most `most` with this probability, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        seldom = sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(most + 1)) > wanted
        low, high = (share, high) if seldom else (low, share)
    return low


def sign_test(count: int, total: int) -> float:
    """Exact two-sided p-value of the sign test: a fair coin gives a split at least this uneven with this probability.

    >>> sign_test(9, 10)
    0.021484375
    """
    fewer = min(count, total - count)
    tail = sum(comb(total, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / (1 << total))  # exact integers up to here, so large counts lose no precision


def rank_test(a: Sequence[float], b: Sequence[float]) -> float:
    """Exact two-sided p-value of the rank-sum test (Wilcoxon 1945), by going through all ways to split the values; for few of them.

    >>> round(rank_test([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 4)
    0.0079
    """
    values = [*a, *b]
    ranks = [sum(other < each for other in values) + (values.count(each) + 1) / 2 for each in values]
    middle = len(a) * (len(values) + 1) / 2
    found = abs(sum(ranks[: len(a)]) - middle)
    splits = [abs(sum(chosen) - middle) >= found for chosen in combinations(ranks, len(a))]
    return sum(splits) / len(splits)


def _chi_square(freedom: int) -> float:
    """95 % quantile of the χ² distribution (Wilson & Hilferty 1931), within 3 % for all degrees of freedom."""
    ninth = 2 / (9 * freedom)
    return freedom * (1 - ninth + NormalDist().inv_cdf(0.95) * math.sqrt(ninth)) ** 3


def student(freedom: float, confidence: float = 0.95) -> float:
    """Half-width of a confidence interval in standard errors, by Student's t with this many degrees of freedom, at least 1.

    >>> print(f"{student(4):.3f} {student(2.4):.2f}")
    2.776 3.68
    """
    low, high = 0.0, 1e4
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (middle, high) if _inside(middle, freedom) < confidence else (low, middle)
    return high


def _inside(bound: float, freedom: float, steps: int = 2000) -> float:
    """The probability that |t| is below a bound, by Simpson's rule over the angle whose tangent is t over the root of the freedom."""
    end = math.atan(bound / math.sqrt(freedom))
    scale = 2 * math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    values = [math.cos(end * step / steps) ** (freedom - 1) for step in range(steps + 1)]
    total = values[0] + values[-1] + 4 * sum(values[1:-1:2]) + 2 * sum(values[2:-1:2])
    return float(scale * end / steps / 3 * total)


def mean_difference(a: Sequence[float], b: Sequence[float]) -> tuple[float, float, float]:
    """The difference of two means, a's minus b's, and its 95 % interval without assuming equal variances (Welch 1947).

    a, b: at least two values each.
    """
    parts = [variance(each) / len(each) for each in (a, b)]
    value = mean(a) - mean(b)
    if not sum(parts):
        return value, value, value
    freedom = sum(parts) ** 2 / sum(part**2 / (len(each) - 1) for part, each in zip(parts, (a, b), strict=True))
    half = student(freedom) * math.sqrt(sum(parts))
    return value, value - half, value + half
