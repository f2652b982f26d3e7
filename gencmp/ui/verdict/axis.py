"""Where the figures of a criterion lie on its axis: 0 at the value of real pictures, 1 at the worse of the two models.

Every space has a scale of its own: a Fréchet distance in pixels and one in a judge's features have no common unit, but how
much farther one model is from real pictures than the other can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gencmp.evaluation.comparison import Row
from gencmp.evaluation.measures import Measure

MODELS = ("gan", "vae")
# an axis has at least so many half intervals of real pictures: two models as good as real ones lie close to them
NOISE = 6


@dataclass(frozen=True)
class Spot:
    """A value on the axis, and the ends of its 95 % interval. Below 0 it is better than that of real pictures."""

    place: float
    low: float
    high: float


@dataclass(frozen=True)
class Axis:
    """One row of the picture. real: how far the interval of real pictures reaches. others: each model's places in other spaces."""

    spots: Mapping[str, Spot]
    real: float
    others: Mapping[str, Mapping[str, float]]


def axis(row: Row) -> Axis | None:
    """None without a value of real pictures."""
    if row.floor is None:
        return None
    first, *others = row.z_scores
    spots, real = _placed(row, first)
    found = {space: _placed(row, space)[0] for space in others}
    return Axis(spots, real, {kind: {space: found[space][kind].place for space in others} for kind in MODELS})


def _placed(row: Row, space: str) -> tuple[dict[str, Spot], float]:
    """Both models in one space, and how far the interval of real pictures reaches there."""
    assert row.floor is not None
    real = row.floor.read_in(space)
    models = {kind: getattr(row, kind).read_in(space) for kind in MODELS}
    distances = [distance(each, real) for each in models.values()]
    scale = max(*distances, *map(_half, models.values()), NOISE * _half(real)) or 1.0  # where nothing differs or errs
    return {kind: _spot(each, real, scale) for kind, each in models.items()}, _half(real) / scale


def distance(each: Measure, real: Measure) -> float:
    """How much worse than real pictures; negative where it is better."""
    return _worse(each.value, each.better, real.value)


def _worse(value: float, better: str, real: float) -> float:
    if better == "nearer floor":
        return abs(value - real)
    return real - value if better == "higher" else value - real


def _spot(each: Measure, real: Measure, scale: float) -> Spot:
    ends = [_worse(end, each.better, real.value) / scale for end in (each.low, each.high)]
    if each.better == "nearer floor" and each.low < real.value < each.high:
        ends.append(0.0)  # the interval holds the value of real pictures, where the distance is smallest
    return Spot(distance(each, real) / scale, min(ends), max(ends))


def _half(each: Measure) -> float:
    return (each.high - each.low) / 2
