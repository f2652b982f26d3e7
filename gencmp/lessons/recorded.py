"""What was recorded of the lessons' full experiments over several seeds, in docs/lessons.json. Imports no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from gencmp.errors import ConfigError
from gencmp.evaluation.intervals import student
from gencmp.files import ROOT, write_whole
from gencmp.lessons.lesson import Lesson, Results

PLACE = ROOT / "docs" / "lessons.json"  # see pyproject.toml


@dataclass(frozen=True)
class RecordedRun:
    """One run of a lesson's experiment. date: when it ended. machine, versions: where and with what it was trained."""

    lesson: str
    variant: str
    seed: int
    config: Mapping[str, Any]
    figures: Mapping[str, float]
    seconds: float
    date: str
    machine: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Estimate:
    """A mean over seeds with its 95 % interval by Student's t; low and high are None for a single seed."""

    mean: float
    low: float | None
    high: float | None
    seeds: int


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of at least one value, with its interval.

    >>> found = estimate([1.0, 2.0, 3.0])
    >>> print(f"{found.mean:.1f}: {found.low:.2f} to {found.high:.2f}")
    2.0: -0.48 to 4.48
    """
    middle, count = mean(values), len(values)
    if count < 2:
        return Estimate(middle, None, None, count)
    half = student(count - 1) * stdev(values) / sqrt(count)
    return Estimate(middle, middle - half, middle + half, count)


@dataclass(frozen=True)
class Record:
    """The recorded runs of one lesson."""

    lesson: Lesson
    runs: Sequence[RecordedRun]

    @property
    def by_seed(self) -> dict[int, Results]:
        """The figures of each seed for which all variants are recorded."""
        found: dict[int, dict[str, Mapping[str, float]]] = {}
        for each in self.runs:
            found.setdefault(each.seed, {})[each.variant] = each.figures
        variants = [variant.key for variant in self.lesson.variants]
        whole = {seed: figures for seed, figures in sorted(found.items()) if set(figures) == set(variants)}
        return {seed: {key: figures[key] for key in variants} for seed, figures in whole.items()}

    @property
    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Of each variant by its key, its figures by name, over the seeds of `by_seed`."""
        seeds = list(self.by_seed.values())
        return {variant.key: self._of_variant(variant.key, seeds) for variant in self.lesson.variants if seeds}

    def _of_variant(self, variant: str, seeds: Sequence[Results]) -> dict[str, Estimate]:
        values = {
            name: [each[variant][name] for each in seeds if name in each[variant]] for name in self.lesson.figures
        }
        return {name: estimate(found) for name, found in values.items() if found}

    @property
    def holds(self) -> list[bool | None]:
        """For each seed, whether the paper's claim held; None where it was too close to tell."""
        found = [self.lesson.find(figures) for figures in self.by_seed.values()]
        return [None if each is None else each.holds for each in found]

    @property
    def made(self) -> str:
        """Where and when: "on AMD EPYC, 2 cores, Linux x86_64, 2026-11-26"."""
        machines = " and ".join(dict.fromkeys(each.machine for each in self.runs))
        dates = sorted({each.date for each in self.runs})
        return f"on {machines}, {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""


def read_records(path: Path = PLACE) -> list[RecordedRun]:
    """All recorded runs; none if there is no file. Raises ConfigError for a file that is not of this kind."""
    if not path.exists():
        return []
    try:
        return [RecordedRun(**each) for each in json.loads(path.read_text("utf-8"))["runs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "out", f"{path} does not hold recorded lessons ({error!r}). Choose another file, or delete this one."
        ) from None


def record_of(lesson: Lesson, path: Path = PLACE) -> Record:
    return Record(lesson, [each for each in read_records(path) if each.lesson == lesson.key])


def write_records(runs: Sequence[RecordedRun], lessons: Mapping[str, Lesson], path: Path = PLACE) -> None:
    """Write all recorded runs, and for readers of the file each lesson's estimates."""
    by_lesson = {key: Record(lesson, [each for each in runs if each.lesson == key]) for key, lesson in lessons.items()}
    estimates = {
        key: {
            variant: {name: asdict(each) for name, each in found.items()} for variant, found in record.estimates.items()
        }
        for key, record in by_lesson.items()
        if record.by_seed
    }
    content = {
        "interval": "95 %, Student's t over seeds",
        "estimates": estimates,
        "runs": [asdict(each) for each in runs],
    }
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
