"""A lesson's runs in the store: one of each variant, all with the same seed, found by their settings. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.lessons.lesson import Lesson
from gencmp.runs.queries import RunQueries
from gencmp.runs.run import Run

LARGEST_SEED = 2**31 - 1
RECENT = 300  # runs among which they are looked for
ASIDE = ("seed", "device", "precision", "threads", "keep_per_decade")  # what does not make it another experiment


@dataclass(frozen=True)
class RunSet:
    """runs: by variant, in the lesson's order; those that there are."""

    seed: int
    runs: Mapping[str, Run]

    def is_whole(self, lesson: Lesson) -> bool:
        return len(self.runs) == len(lesson.variants)

    @property
    def is_open(self) -> bool:
        """Whether any waits or trains."""
        return any(run.is_open for run in self.runs.values())


def newest_set(lesson: Lesson, queries: RunQueries) -> RunSet:
    """The runs with the seed that was used last; an empty set of seed 0 if there are none."""
    found = _runs_of(lesson, queries.newest(RECENT))
    seed = next((_seed(run) for _, run in found), 0)
    return _of_seed(lesson, found, seed)


def set_of_seed(lesson: Lesson, queries: RunQueries, seed: int) -> RunSet:
    """The newest run of each variant with this seed."""
    return _of_seed(lesson, _runs_of(lesson, queries.newest(RECENT)), seed)


def _of_seed(lesson: Lesson, found: Iterable[tuple[str, Run]], seed: int) -> RunSet:
    of_seed: dict[str, Run] = {}
    for key, run in found:
        if _seed(run) == seed:
            of_seed.setdefault(key, run)
    return RunSet(seed, {each.key: of_seed[each.key] for each in lesson.variants if each.key in of_seed})


def _runs_of(lesson: Lesson, runs: Iterable[Run]) -> list[tuple[str, Run]]:
    """(variant, run) of those with a variant's settings."""
    wanted = [(_settings(each.config.to_dict()), each.key) for each in lesson.variants]
    return [(key, run) for run in runs for settings, key in wanted if settings == _settings(run.config)]


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in config.items() if name not in ASIDE}


def _seed(run: Run) -> int:
    return int(run.config["seed"])
