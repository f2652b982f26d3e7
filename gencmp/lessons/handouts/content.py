"""What a lesson's hand-out holds: the claim, what the class expected, what was compared, the finding. Imports no torch, no Matplotlib."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gencmp.errors import RunStateError
from gencmp.graphics.words import unexplained
from gencmp.lessons.history import FIGURES, History, figures_of, history_of, loss_of
from gencmp.lessons.lesson import Chart, Finding, Lesson
from gencmp.lessons.recorded import record_of
from gencmp.lessons.ruling import ruling
from gencmp.lessons.sets import RunSet, newest_set
from gencmp.lessons.shipped import LABELS, samples, shipped_finding
from gencmp.runs.catalog import Catalog, StoredRun

Dash = Literal["solid", "dashed", "dotted", "dashdot"]
DASHES: tuple[tuple[str, Dash], ...] = (
    ("", "solid"),
    ("2", "dashed"),
    ("", "dotted"),
    ("2", "dashdot"),
)  # as in the lesson's charts
PICTURED = ("images", "shapes")  # lessons that look at the shipped models' digits


@dataclass(frozen=True)
class Split:
    """How a class predicted. counts: by prediction."""

    counts: Mapping[str, int]
    members: int


@dataclass(frozen=True)
class Compared:
    """A run or a model. tone: a colour of the palette. images: uint8 [n, 28, 28]; None if it has none. figures: in words."""

    label: str
    tone: str
    dash: Dash
    images: np.ndarray | None
    figures: Mapping[str, str]
    history: History


@dataclass(frozen=True)
class Handout:
    """about: where the figures come from. split: None without a class. All sentences are without the marks of terms."""

    lesson: Lesson
    compared: Sequence[Compared]
    finding: str
    came: str
    ruled: str
    about: str
    split: Split | None = None

    @property
    def columns(self) -> list[str]:
        """The names of its figures."""
        return [unexplained(FIGURES[name].label) for name in self.lesson.figures]


def of_runs(lesson: Lesson, found: RunSet, catalog: Catalog, split: Split | None = None) -> Handout:
    """Raises RunStateError while its runs are missing or have not ended."""
    if not found.is_whole(lesson) or found.is_open:
        state = "have not ended" if found.is_open else f"are {len(found.runs)} of {len(lesson.variants)}"
        raise RunStateError(
            f"The runs of lesson {lesson.number} with seed {found.seed} {state}. Run them on the Learn page, and try again."
        )
    compared, results, seen = [], {}, dict.fromkeys(("gan", "vae"), 0)
    for variant in lesson.variants:
        run = found.runs[variant.key]
        record = StoredRun(catalog.store, run)
        history = history_of(record)
        results[variant.key] = figures_of(history, lesson.figures)
        shade, dash = DASHES[seen[run.kind]]
        seen[run.kind] += 1
        shown = {name: FIGURES[name].shown(value) for name, value in results[variant.key].items()}
        pictured = record.folder.pictured()
        images = record.folder.samples(pictured[-1]) if pictured else None
        compared.append(Compared(variant.label, run.kind + shade, dash, images, shown, history))
    finding = lesson.find(results)
    return Handout(
        lesson,
        compared,
        unexplained(finding.sentence) if finding else "Too little: not every run has come far enough to be measured.",
        finding.prediction if finding else "",
        unexplained(ruling(record_of(lesson), finding)),
        f"Runs with seed {found.seed}; samples after the last epoch of each.",
        split,
    )


def of_shipped(lesson: Lesson, catalog: Catalog, split: Split | None = None) -> Handout:
    """Of a lesson without runs of its own."""
    pair = catalog.shipped_pair()
    pictures = samples(pair) if pair and lesson.key in PICTURED else {}
    compared = [
        Compared(LABELS[key], key, "solid", images, {}, History([], [])) for key, (images, _) in pictures.items()
    ]
    finding: Finding | None = shipped_finding(lesson, catalog)
    words = unexplained(finding.sentence) if finding else "Nothing is recorded of this yet."
    about = "The models that come with gencmp, and real digits that they have not seen." if pictures else ""
    return Handout(lesson, compared, words, finding.prediction if finding else "", "", about, split)


def newest_handout(lesson: Lesson, catalog: Catalog, split: Split | None = None) -> Handout:
    """Of the runs that were made last, if it is a lesson with runs. Raises RunStateError."""
    if not lesson.variants:
        return of_shipped(lesson, catalog, split)
    return of_runs(lesson, newest_set(lesson, catalog.store.queries), catalog, split)


# Curves


def course(chart: Chart, history: History) -> tuple[list[float], list[float | None]]:
    """What a chart of the lesson shows of one run: epochs and values, as static/learn/lesson.js draws them."""
    if chart.measure in ("frechet", "by_heart"):
        is_distance = chart.measure == "frechet"
        values = [each.frechet if is_distance else _minus(each.d_train, each.d_test) for each in history.checkups]
        return [each.epoch for each in history.checkups], values
    rows = history.epochs
    epochs: list[float] = [row.epoch for row in rows]
    if chart.measure == "apart":
        return epochs, [_minus(row.measures.get("d_real"), row.measures.get("d_fake")) for row in rows]
    if chart.measure in ("reconstruction", "spread") or chart.measure.startswith("silent_"):
        return epochs, [row.test.get(chart.measure) for row in rows]
    losses = [loss_of(row) for row in rows]
    first = next(iter(losses), None)
    return epochs, [loss / first if loss is not None and first else None for loss in losses]


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b
