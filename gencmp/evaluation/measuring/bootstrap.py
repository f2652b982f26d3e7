"""Bootstrap intervals of a measure."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gencmp.evaluation.measures import Z_95


def bootstrap(
    measure: Callable[..., float | Tensor], *sets: Tensor, rng: torch.Generator, repeats: int = 100
) -> Tensor:
    """The measure on `repeats` resamples, [repeats]; each set is resampled with replacement to its own size (Efron 1979)."""

    def resampled(values: Tensor) -> Tensor:
        return values[torch.randint(len(values), (len(values),), generator=rng)]

    return torch.tensor([float(measure(*map(resampled, sets))) for _ in range(repeats)])


def interval(value: float, replicates: Tensor) -> tuple[float, float]:
    """95 % interval around the value, from the standard deviation of its bootstrap replicates.

    Not from their quantiles: a resample contains duplicates, which biases a distance upwards but hardly changes its spread.
    """
    half = Z_95 * float(replicates.double().std())
    return value - half, value + half
