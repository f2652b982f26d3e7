"""How sure a count is: intervals and tests. Imports no torch."""

from __future__ import annotations

import math
from math import comb, sqrt
from statistics import NormalDist


def wilson(count: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927): where the true share lies. (0, 1) when nobody was asked.

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


def sign_test(count: int, total: int) -> float:
    """The exact two-sided binomial p value of a fair coin: how often chance alone would be at least this uneven.

    >>> sign_test(9, 10)
    0.021484375
    """
    fewer = min(count, total - count)
    tail = sum(comb(total, k) for k in range(fewer + 1))
    return min(1.0, 2 * tail / (1 << total))  # whole numbers until here, so a full class loses no digits


def _chi_square(freedom: int) -> float:
    """Its 95 % quantile (Wilson & Hilferty 1931), within 3 % from one degree of freedom on."""
    ninth = 2 / (9 * freedom)
    return freedom * (1 - ninth + NormalDist().inv_cdf(0.95) * math.sqrt(ninth)) ** 3
