"""What benchmarks say of many numbers: the middle, and what 95 in 100 stay below."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

DIGITS = 4  # of seconds: tenths of a millisecond


def middle(values: Sequence[float]) -> float:
    """The median; 0 of nothing."""
    return round(median(values), DIGITS) if values else 0.0


def most(values: Sequence[float], share: float = 0.95) -> float:
    """The smallest value that at least `share` of all do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)], DIGITS) if ordered else 0.0
