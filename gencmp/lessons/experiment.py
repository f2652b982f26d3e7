"""Trains the runs of lessons without a store: the smallest that show each effect, and the full ones over several seeds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Protocol

import torch

from gencmp.data.load import load
from gencmp.evaluation.checkups import with_checkups
from gencmp.events import Checkpoint, Checkup, Epoch, Event
from gencmp.graphics.positions import centres
from gencmp.latent.networks import weights_from
from gencmp.lessons.effects import EFFECTS
from gencmp.lessons.history import History, figures_of
from gencmp.lessons.lesson import Lesson, Results
from gencmp.lessons.places import Place, centres_of_real, drawn_by, place_of
from gencmp.lessons.recorded import PLACE, RecordedRun, read_records, write_records
from gencmp.lessons.twelve import LESSONS
from gencmp.progress import Progress, no_progress
from gencmp.runs.run import EpochRow
from gencmp.settings.configs import Config
from gencmp.training.loop import train
from gencmp.training.processor import flush_denormals
from gencmp.version import machine, versions


def checked(
    lessons: Sequence[Lesson], seed: int = 0, progress: Progress = no_progress
) -> dict[str, tuple[bool, Results]]:
    """Train each lesson's smallest runs. Returns by its key whether the effect was seen, and the figures."""
    flush_denormals()
    jobs = [(lesson, variant.key) for lesson in lessons for variant in lesson.variants]
    figures: dict[str, dict[str, dict[str, float]]] = {lesson.key: {} for lesson in lessons}
    for place, (lesson, key) in enumerate(jobs):
        report = partial(_report, progress, place, len(jobs), f"{lesson.key}, {key}")
        config = smallest(lesson)[key].replace(seed=seed)
        figures[lesson.key][key], _ = trained(config, EFFECTS[lesson.key].figures, report)
    progress(1.0, "Done")
    return {lesson.key: (EFFECTS[lesson.key].is_seen(figures[lesson.key]), figures[lesson.key]) for lesson in lessons}


def smallest(lesson: Lesson) -> dict[str, Config]:
    """The config of each variant at the smallest size that still shows the lesson's effect."""
    return {each.key: each.config.replace(**EFFECTS[lesson.key].smallest) for each in lesson.variants}


def full(lesson: Lesson) -> dict[str, Config]:
    """The config of each variant at its full size."""
    return {each.key: each.config.replace(**EFFECTS[lesson.key].full) for each in lesson.variants}


class Trainer(Protocol):
    """Who trains the runs of a record."""

    def begin(self, configs: Sequence[Config]) -> None:
        """What will be asked for, in order."""

    def figures(
        self, config: Config, names: Sequence[str], report: Callable[[int, int], None]
    ) -> tuple[dict[str, float], float, str]:
        """The figures of a run by these names, its seconds of training, and the machine. report: see `trained`. Raises GencmpError."""


def record(
    lessons: Sequence[Lesson],
    seeds: int,
    out: Path = PLACE,
    progress: Progress = no_progress,
    size: Callable[[Lesson], dict[str, Config]] = full,
    trainer: Trainer | None = None,
) -> list[RecordedRun]:
    """Train each lesson's runs from seeds 0, 1, ... and write their figures to `out` after each one; those that it holds
    already are skipped, those of other settings dropped. trainer: by default, one after the other in this process.

    Raises ConfigError when `out` is another file.
    """
    flush_denormals()
    runs = _kept(read_records(out), lessons, size)
    wanted = missing(lessons, seeds, out, size)
    trainer = trainer or _Here()
    trainer.begin([config for _, _, config in wanted])
    for place, (lesson, key, config) in enumerate(wanted):
        report = partial(_report, progress, place, len(wanted), f"{lesson.key}, {key}, seed {config.seed}")
        found = trainer.figures(config, lesson.figures, report)
        # read again: another command may have recorded other lessons meanwhile
        runs = [*_kept(read_records(out), lessons, size), _recorded(lesson, key, config, *found)]
        write_records(runs, LESSONS, out)
    progress(1.0, "Done")
    return runs


class _Here:
    """A Trainer in this process."""

    def begin(self, configs: Sequence[Config]) -> None:
        """Nothing: each is trained when it is asked for."""

    def figures(
        self, config: Config, names: Sequence[str], report: Callable[[int, int], None]
    ) -> tuple[dict[str, float], float, str]:
        return *trained(config, names, report), machine()


def missing(
    lessons: Sequence[Lesson], seeds: int, out: Path = PLACE, size: Callable[[Lesson], dict[str, Config]] = full
) -> list[tuple[Lesson, str, Config]]:
    """The runs of `record` that `out` does not hold yet, seed by seed: lesson, key of the variant, config with the seed."""
    held = {(run.lesson, run.variant, run.seed) for run in _kept(read_records(out), lessons, size)}
    return [
        (lesson, key, config.replace(seed=seed))
        for seed in range(seeds)
        for lesson in lessons
        for key, config in size(lesson).items()
        if (lesson.key, key, seed) not in held
    ]


def _kept(
    runs: Sequence[RecordedRun], lessons: Sequence[Lesson], size: Callable[[Lesson], dict[str, Config]]
) -> list[RecordedRun]:
    """Runs of these lessons with other settings than now would be mixed with those of today."""
    now = {(lesson.key, key): config for lesson in lessons for key, config in size(lesson).items()}
    of_these = {lesson.key for lesson in lessons}

    def is_current(run: RecordedRun) -> bool:
        config = now.get((run.lesson, run.variant))
        return run.lesson not in of_these or (
            config is not None and config.replace(seed=run.seed).to_dict() == run.config
        )

    return [run for run in runs if is_current(run)]


def _recorded(
    lesson: Lesson, key: str, config: Config, figures: dict[str, float], seconds: float, where: str
) -> RecordedRun:
    return RecordedRun(
        lesson.key, key, config.seed, config.to_dict(), figures, round(seconds, 1), time.strftime("%Y-%m-%d"), where,
        versions(torch=torch.__version__),
    )  # fmt: skip


def trained(config: Config, names: Sequence[str], report: Callable[[int, int], None]) -> tuple[dict[str, float], float]:
    """The figures of a run by these names, and its seconds of training. report: called with epochs done and in all."""
    report(0, config.epochs)
    epochs: list[EpochRow] = []
    checkups: list[Checkup] = []
    weights = b""
    for event in with_checkups(train(config, load(config)), config):
        _keep(event, epochs, checkups)
        if isinstance(event, Checkpoint) and event.weights:
            weights = event.weights
        if isinstance(event, Epoch):
            report(event.epoch, config.epochs)
    place = cache(partial(_place, weights, config))
    return figures_of(History(epochs, checkups, place), names), sum(row.seconds for row in epochs)


def _place(weights: bytes, config: Config) -> Place | None:
    found = weights_from(weights, "the run's last weights")
    return place_of(centres(drawn_by(found)), centres_of_real(config.dataset, config.classes))


def _keep(event: Event, epochs: list[EpochRow], checkups: list[Checkup]) -> None:
    match event:
        case Epoch():
            facts = (event.epoch, event.step, event.seconds, event.images_per_second)
            epochs.append(EpochRow(*facts, event.measures, event.last, event.test))
        case Checkup():
            checkups.append(event)


def _report(progress: Progress, place: int, count: int, name: str, done: int, epochs: int) -> None:
    progress((place + done / epochs) / count, f"{name}: epoch {done} of {epochs}")
