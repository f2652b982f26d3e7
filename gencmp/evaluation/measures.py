"""The figures of a verdict: values with their intervals, and the lead of one model over another. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gencmp.data.classes import DIGITS, Nouns
from gencmp.evaluation.criteria import CRITERIA as CRITERIA
from gencmp.evaluation.criteria import OF_MANY, Criterion, Used, criteria
from gencmp.evaluation.judges.panel import SPACES
from gencmp.files import home, trouble_writing

Z_95 = 1.96  # a normal variable lies within this many standard deviations of its mean in 95 % of cases


@dataclass(frozen=True)
class Reading:
    """A criterion's value and 95 % interval in one space: by one judge, or in pixels or HOG (see judges/panel.py)."""

    space: str
    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Measure:
    """A criterion's value and 95 % interval from `low` to `high`.

    space:  of the value, the first judge; "" where neither a judge nor a space is needed, such as for edges.
    others: the same by the other judges and in the spaces without a network.
    nouns, used: fill in the wording of its criterion; the defaults fit digits and a large data set.
    """

    name: str
    value: float
    low: float
    high: float
    nouns: Nouns = DIGITS
    used: Used = OF_MANY
    space: str = ""
    others: tuple[Reading, ...] = ()

    @property
    def readings(self) -> dict[str, Reading]:
        """The value in every space by its name, the first judge's first."""
        first = Reading(self.space, self.value, self.low, self.high)
        return {each.space: each for each in (first, *self.others)}

    def read_in(self, space: str) -> Measure:
        """The measure with the value of this space only. Raises KeyError."""
        found = self.readings[space]
        return replace(self, value=found.value, low=found.low, high=found.high, space=space, others=())

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest value by any judge; spaces without a network have other scales."""
        values = [each.value for each in self.readings.values() if each.space not in SPACES]
        return min(values), max(values)

    @property
    def criterion(self) -> Criterion:
        return criteria(self.nouns, self.used)[self.name]

    @property
    def label(self) -> str:
        return self.criterion.label

    @property
    def unit(self) -> str:
        return self.criterion.unit

    @property
    def better(self) -> str:
        return self.criterion.better

    @property
    def how(self) -> str:
        return self.criterion.how

    @property
    def source(self) -> str:
        return self.criterion.source

    def to_dict(self) -> dict[str, Any]:
        """The figures alone."""
        others = [each.to_dict() for each in self.others]
        return {name: getattr(self, name) for name in FIGURES} | {"space": self.space, "others": others}


READING = ("space", "value", "low", "high")
FIGURES = ("name", "value", "low", "high")


def measure(name: str, value: float, low: float, high: float) -> Measure:
    """A Measure worded for digits and a large data set. Raises KeyError for an unknown criterion."""
    return Measure(CRITERIA[name].name, value, low, high)


def measure_from(values: Mapping[str, Any], nouns: Nouns = DIGITS, used: Used = OF_MANY) -> Measure:
    """The Measure that `to_dict` wrote. Those of early versions contain sentences as well, which are ignored, and no other
    readings. Raises KeyError."""
    name, value, low, high = (values[each] for each in FIGURES)
    others = tuple(Reading(*(each[name] for name in READING)) for each in values.get("others", ()))
    return Measure(CRITERIA[name].name, value, low, high, nouns, used, values.get("space", ""), others)


def lead(a: Measure, b: Measure, floor: Measure | None = None) -> float:
    """z-score of a's lead over b; beyond ±1.96 the difference is significant at 95 %.

    Negative when b is better; infinite when they differ and neither has an error.
    floor: the same criterion of real pictures, for criteria where closer to it is better; its error counts, too.
    """
    gain = _badness(b, floor) - _badness(a, floor)
    error = math.hypot(_error(a), _error(b), _floor_error(a, b, floor))
    return 0.0 if gain == 0 else gain / error if error else math.copysign(math.inf, gain)


def _error(each: Measure) -> float:
    return (each.high - each.low) / 2 / Z_95


def _floor_error(a: Measure, b: Measure, floor: Measure | None) -> float:
    """The contribution of the floor's error to the difference of two distances to it.

    Zero where both values lie significantly on the same side of the floor, because moving it changes both distances
    alike. Otherwise twice the floor's error, because moving it lengthens one distance as it shortens the other.
    """
    if floor is None or a.better != "nearer floor":
        return 0.0
    reaches = [Z_95 * math.hypot(_error(each), _error(floor)) for each in (a, b)]
    above = all(each.value - floor.value > reach for each, reach in zip((a, b), reaches, strict=True))
    below = all(floor.value - each.value > reach for each, reach in zip((a, b), reaches, strict=True))
    return 0.0 if above or below else 2 * _error(floor)


def _badness(each: Measure, floor: Measure | None) -> float:
    if each.better == "nearer floor":
        if floor is None:
            raise ValueError(f"{each.name} is compared with real digits: pass their measure as `floor`.")
        return abs(each.value - floor.value)
    return -each.value if each.better == "higher" else each.value


# Saving


def why_not_kept() -> str:
    """A sentence if measurements cannot be saved in the user's home; empty if they can."""
    if trouble := trouble_writing(home() / "verdicts"):
        return f"Results cannot be saved in {home()}: {trouble}. Set GENCMP_HOME to a folder that you can write to."
    return ""
