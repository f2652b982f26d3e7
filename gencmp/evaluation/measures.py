"""What a verdict is made of: measured figures with their intervals, in words where they are shown. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.data.classes import DIGITS, Nouns
from gencmp.evaluation.criteria import CRITERIA as CRITERIA
from gencmp.evaluation.criteria import OF_MANY, Criterion, Used, criteria
from gencmp.files import home, trouble_writing

Z_95 = 1.96  # errors: 95 %


@dataclass(frozen=True)
class Measure:
    """A criterion's value and 95 % interval from `low` to `high`.

    nouns, used: what its words speak of; by themselves those for digits and a large data set.
    """

    name: str
    value: float
    low: float
    high: float
    nouns: Nouns = DIGITS
    used: Used = OF_MANY

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
        return {name: getattr(self, name) for name in FIGURES}


FIGURES = ("name", "value", "low", "high")


def measure(name: str, value: float, low: float, high: float) -> Measure:
    """In the words for digits and a large data set. Raises KeyError for a criterion that is not known."""
    return Measure(CRITERIA[name].name, value, low, high)


def measure_from(values: Mapping[str, Any], nouns: Nouns = DIGITS, used: Used = OF_MANY) -> Measure:
    """The figure that `to_dict` wrote, or an early version, whose sentences are left aside. Raises KeyError."""
    name, value, low, high = (values[each] for each in FIGURES)
    return Measure(CRITERIA[name].name, value, low, high, nouns, used)


def lead(a: Measure, b: Measure, floor: Measure | None = None) -> float:
    """By how many errors of their difference `a` is better than `b`: past 1.96 to one side the difference is no chance
    (95 %), between that nobody can tell. Negative when b is better; infinite when neither has an error.

    floor: the same criterion of real pictures, for those that want to be nearer to it; its own error counts too.
    """
    gain = _badness(b, floor) - _badness(a, floor)
    error = math.hypot(_error(a), _error(b), _floor_error(a, b, floor))
    return 0.0 if gain == 0 else gain / error if error else math.copysign(math.inf, gain)


def _error(each: Measure) -> float:
    return (each.high - each.low) / 2 / Z_95


def _floor_error(a: Measure, b: Measure, floor: Measure | None) -> float:
    """What the floor's error does to the difference of two distances to it: nothing where both lie surely on one side
    of it, for it moves both alike; else twice itself, for it moves one up as it moves the other down."""
    if floor is None or a.better != "nearer floor":
        return 0.0
    reaches = [Z_95 * math.hypot(_error(each), _error(floor)) for each in (a, b)]
    above = all(each.value - floor.value > reach for each, reach in zip((a, b), reaches, strict=True))
    below = all(floor.value - each.value > reach for each, reach in zip((a, b), reaches, strict=True))
    return 0.0 if above or below else 2 * _error(floor)


def _badness(each: Measure, floor: Measure | None) -> float:
    if each.better == "nearer floor":
        if floor is None:
            raise ValueError(f"{each.name} is compared with real digits: pass their measure as floor")
        return abs(each.value - floor.value)
    return -each.value if each.better == "higher" else each.value


# Where they are kept


def why_not_kept() -> str:
    """A sentence where nothing that is measured can be kept in the user's home; empty where it can."""
    if trouble := trouble_writing(home() / "verdicts"):
        return f"{home()} cannot keep what is measured: {trouble}. Set GENCMP_HOME to a folder that you may write to."
    return ""
