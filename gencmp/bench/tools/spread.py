"""Summaries of many numbers: the median and the 95th percentile."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

DIGITS = 4  # decimals of seconds, that is tenths of a millisecond


def middle(values: Sequence[float]) -> float:
    """The median; 0 for no values."""
    return round(median(values), DIGITS) if values else 0.0


def percentile(values: Sequence[float], share: float = 0.95) -> float:
    """The smallest value that at least `share` of all values do not exceed, by default the 95th percentile; 0 for no values."""
    ordered = sorted(values)
    return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)], DIGITS) if ordered else 0.0
