"""What was recorded of the lessons, in docs/lessons.json: their full experiments over several seeds, and how long each takes.

Imports no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from math import ceil, sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from gencmp.errors import ConfigError
from gencmp.evaluation.intervals import student
from gencmp.files import ROOT, write_whole
from gencmp.lessons.lesson import Lesson, Results
from gencmp.settings.stored import complete_settings

PLACE = ROOT / "docs" / "lessons.json"  # see pyproject.toml
SEEDS = 5  # of a full record


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
class Timed:
    """How many seconds a lesson took from press to reveal. date: when. machine, versions: where and with what."""

    seconds: float
    date: str
    machine: str
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def minutes(self) -> float:
        """In halves, rounded up.

        >>> Timed(91.0, "", "").minutes
        2.0
        """
        return max(1, ceil(self.seconds / 30)) / 2


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
    def count(self) -> str:
        """Its seeds in a few words: "2 of 5" while some are missing."""
        found = len(self.by_seed)
        return f"{found} of {SEEDS}" if found < SEEDS else str(found)

    @property
    def holds(self) -> list[bool | None]:
        """For each seed, whether the paper's claim held; None where it was too close to tell."""
        found = [self.lesson.find(figures) for figures in self.by_seed.values()]
        return [None if each is None else each.holds for each in found]

    @property
    def size(self) -> str:
        """How long each run was, with its terms in brackets: "20 [epochs|epoch] of all digits"; "" where that is not known."""
        config = self.runs[0].config if self.runs else {}
        if not {"epochs", "limit"} <= set(config):
            return ""
        digits = f"{config['limit']:,}" if config["limit"] else "all"
        return f"{config['epochs']} [epochs|epoch] of {digits} digits"

    @property
    def made(self) -> str:
        """Where and when: "on AMD EPYC, 2 cores, Linux x86_64, 2026-11-26"."""
        machines = " and ".join(dict.fromkeys(each.machine for each in self.runs))
        dates = sorted({each.date for each in self.runs})
        return f"on {machines}, {' to '.join(dict.fromkeys((dates[0], dates[-1])))}" if dates else ""


def read_records(path: Path = PLACE) -> list[RecordedRun]:
    """All recorded runs, with settings that were added since; none if there is no file. Raises ConfigError for a file that is not of this kind."""
    return _read(path)[0]


def read_times(path: Path = PLACE) -> dict[str, Timed]:
    """How long each lesson that was timed took, by its key. Raises ConfigError as `read_records` does."""
    return _read(path)[1]


def minutes_of(lesson: Lesson, path: Path = PLACE) -> float:
    """From press to reveal: as it was timed, else as it is expected."""
    timed = read_times(path).get(lesson.key)
    return timed.minutes if timed else lesson.minutes


def _read(path: Path) -> tuple[list[RecordedRun], dict[str, Timed]]:
    if not path.exists():
        return [], {}
    try:
        facts = path.stat()
        return _parsed(path, (facts.st_mtime_ns, facts.st_size))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            "out", f"{path} does not hold recorded lessons ({error!r}). Choose another file, or delete this one."
        ) from None


@lru_cache(maxsize=4)
def _parsed(path: Path, state: tuple[int, int]) -> tuple[list[RecordedRun], dict[str, Timed]]:
    content = json.loads(path.read_text("utf-8"))
    times = {key: Timed(**each) for key, each in content.get("times", {}).items()}
    runs = [RecordedRun(**each) for each in content["runs"]]
    return [replace(run, config=complete_settings(run.config.get("kind", ""), run.config)) for run in runs], times


def record_of(lesson: Lesson, path: Path = PLACE) -> Record:
    return Record(lesson, [each for each in read_records(path) if each.lesson == lesson.key])


def write_time(key: str, timed: Timed, lessons: Mapping[str, Lesson], path: Path = PLACE) -> None:
    """Write how long a lesson took, in place of what was known before."""
    runs, times = _read(path)
    _write(runs, times | {key: timed}, lessons, path)


def write_records(runs: Sequence[RecordedRun], lessons: Mapping[str, Lesson], path: Path = PLACE) -> None:
    """Write all recorded runs, and for readers of the file each lesson's estimates; its times stay."""
    _write(runs, read_times(path), lessons, path)


def _write(runs: Sequence[RecordedRun], times: Mapping[str, Timed], lessons: Mapping[str, Lesson], path: Path) -> None:
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
        "times": {key: asdict(times[key]) for key in lessons if key in times},
        "runs": [asdict(each) for each in runs],
    }
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
