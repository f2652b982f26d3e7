"""How sure a measure is: resampled, with an interval."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gencmp.evaluation.distances import CONFIDENCE


def bootstrap(
    measure: Callable[..., float | Tensor], *sets: Tensor, rng: torch.Generator, repeats: int = 100
) -> Tensor:
    """The measure of `repeats` resamplings, each set redrawn with replacement to its own size (Efron 1979). [repeats]."""

    def redrawn(values: Tensor) -> Tensor:
        return values[torch.randint(len(values), (len(values),), generator=rng)]

    return torch.tensor([float(measure(*map(redrawn, sets))) for _ in range(repeats)])


def interval(value: float, replicates: Tensor) -> tuple[float, float]:
    """95 % around the value, from the spread of its replicates alone: redrawing puts pictures in twice, which moves
    the middle of a distance upwards, but hardly its spread."""
    half = CONFIDENCE * float(replicates.double().std())
    return value - half, value + half
