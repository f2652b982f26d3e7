"""Models beside each other: columns of pictures, ways to order them, how they came about, and where they differ.

A column is named "MODEL", "MODEL@EPOCH" or "real". The page, the command line and the panels all take their columns
and orders from here, so that they show the same. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gencmp import looks
from gencmp.config import CONFIGS, SHIPPED_DATA
from gencmp.errors import GencmpError, RunNotFound
from gencmp.measures import Measure, file_key, kept_verdict
from gencmp.mnist import shipped_digits
from gencmp.names import REAL
from gencmp.own_folder import name_of
from gencmp.run import EpochRow
from gencmp.setting import settings_of
from gencmp.shelf import Record, Shelf

MOST = 4
PICTURES = 64
ORDERS = {
    "seed": "by seed",
    "digit": "by the digit that the judge sees, surest first",
    "confidence": "by the judge's confidence, surest first",
    "d": "by D, most real first",
}
VIEWS = ("grid", "evolution", "swipe")
EVOLUTION = 10  # epochs, at most
ACROSS = 8  # pictures of each
DEEP = 10  # pictures of one digit that are shown; the count below tells of the others
SHOWN = ("frechet", "precision", "recall", "confidence", "sharpness")  # of a verdict


class CompareError(GencmpError):
    """What was asked for cannot be put side by side."""


@dataclass(frozen=True)
class Column:
    """Pictures uint8 [n, 28, 28] of one model after one epoch, or of real digits (epoch 0, no record)."""

    name: str  # for addresses: a run's id, a shipped model's name, or "real"
    title: str
    kind: str
    epoch: int
    images: np.ndarray
    record: Record | None = None

    @property
    def address(self) -> str:
        return f"{self.name}@{self.epoch}" if self.record else self.name

    @property
    def data(self) -> tuple[str, tuple[int, ...], int]:
        """The data set, the classes and the limit that it learnt from."""
        config = self.record.run.config if self.record else {}
        return config.get("dataset", SHIPPED_DATA), tuple(config.get("classes", ())), config.get("limit", 0)


def columns_of(shelf: Shelf, names: Sequence[str]) -> list[Column]:
    """Raises CompareError for too few or too many, RunNotFound for a model or epoch that is not there."""
    if not 1 <= len(names) <= MOST:
        raise CompareError(f"Found {len(names)} columns, wanted 1 to {MOST}: models, or real.")
    return [column_of(shelf, name) for name in names]


def column_of(shelf: Shelf, name: str) -> Column:
    """Raises RunNotFound."""
    if name == REAL:
        return Column(REAL, "MNIST test digits", "real", 0, shipped_digits("test")[0][:PICTURES])
    model, wanted = column_address(name)
    record = shelf.find(model)
    pictured = record.folder.pictured()
    if not pictured:
        raise RunNotFound(
            f"{record.run.name} has not finished an epoch yet, so it has no pictures. Train it further first."
        )
    if wanted is not None and wanted not in pictured:
        raise RunNotFound(f"{record.run.name} has no pictures of epoch {wanted}. It has: {spans(pictured)}.")
    epoch_shown = pictured[-1] if wanted is None else wanted
    run = record.run
    return Column(run.id, run.name, run.kind, epoch_shown, record.folder.read_arrays(epoch_shown)["samples"], record)


def column_address(name: str) -> tuple[str, int | None]:
    """ "MODEL@EPOCH" -> the model and the epoch; None without one, for the newest."""
    model, at, epoch = name.rpartition("@")
    return (model, int(epoch)) if at and epoch.isdecimal() else (name, None)


def spans(numbers: Sequence[int]) -> str:
    """[1, 2, 3, 7] -> "1 to 3, 7"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(p[0]) if len(p) == 1 else f"{p[0]} to {p[-1]}" for p in parts)


def nearest(epochs: Sequence[int], wanted: float) -> int:
    """The one of `epochs` that is nearest to `wanted`; the earlier of two."""
    return min(epochs, key=lambda each: abs(each - wanted))


# Orders


@dataclass(frozen=True)
class Looks:
    """What is known of a column's pictures: digits and confidence by the judge, D's opinion; None where nobody can tell."""

    digits: np.ndarray | None
    confidence: np.ndarray | None
    d: np.ndarray | None

    def order(self, how: str, count: int) -> list[list[int]]:
        """Places of pictures. By digit: ten columns, the surest first; otherwise one row to be broken at will."""
        if how == "digit" and self.digits is not None:
            sure = np.argsort(-np.asarray(self.confidence), kind="stable")
            return [[int(i) for i in sure if self.digits[i] == digit] for digit in range(10)]
        by = {"confidence": self.confidence, "d": self.d}.get(how)
        return [list(range(count)) if by is None else np.argsort(-by, kind="stable").tolist()]


@dataclass(frozen=True)
class Critic:
    """The discriminator that all columns are shown to."""

    name: str
    epoch: int
    path: Path


def critic_of(columns: Sequence[Column], shelf: Shelf) -> Critic | None:
    """The D of the first GAN among the columns, else of the first that ships: at the kept epoch nearest to the one shown."""
    shown = [(c.record, c.epoch) for c in columns if c.record and c.kind == "gan"]
    shipped = [(record, record.run.epoch) for record in shelf.shipped() if record.run.kind == "gan"]
    for record, epoch in shown + shipped:
        if kept := record.folder.kept():
            at = nearest(kept, epoch)
            return Critic(record.run.name, at, record.folder.weights(at))
    return None


def usable(seen: Sequence[Looks], how: str) -> str:
    """The order, or "seed" where one of the columns cannot be ordered so: else they could not be compared."""
    known = [{"digit": each.digits, "confidence": each.confidence, "d": each.d}.get(how) for each in seen]
    return "seed" if any(each is None for each in known) else how


def look(column: Column, critic: Critic | None) -> Looks:
    """Raises SnapshotError when the judge or the critic cannot be read."""
    chances = looks.judged(column.images, column.data[0])
    opinion = looks.opinion(critic.path, column.images) if critic else None
    if chances is None:
        return Looks(None, None, opinion)
    return Looks(chances.argmax(1), chances.max(1), opinion)


# How it came about


def evolution(column: Column) -> list[tuple[int, np.ndarray]]:
    """Epochs at even ratios up to the column's, each with the same few samples uint8 [8, 28, 28]; of real digits, rows."""
    if column.record is None:
        return [(0, column.images[i : i + ACROSS]) for i in range(0, len(column.images), ACROSS)]
    folder = column.record.folder
    return [(epoch, folder.read_arrays(epoch)["samples"][:ACROSS]) for epoch in evolution_epochs(column)]


def evolution_epochs(column: Column) -> list[int]:
    pictured = [epoch for epoch in column.record.folder.pictured() if epoch <= column.epoch] if column.record else []
    if not pictured:
        return []
    wanted = np.geomspace(pictured[0], pictured[-1], EVOLUTION)
    return sorted({nearest(pictured, each) for each in wanted})


# Where they differ, and their figures


def differences(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Settings of which the models among the columns have not the same value: label, unit, a value for each, or None
    where a model has no such setting. Those that all have come first."""
    models = [column for column in columns if column.record]
    configs = [dict(column.record.run.config) for column in models if column.record]
    known: dict[str, Any] = {}
    for config in configs:
        known = settings_of(CONFIGS[config["kind"]]) | known
    rows = []
    for name, facts in known.items():
        values = [config.get(name) for config in configs]
        if any(value != values[0] for value in values):
            shown = [name_of(str(value)) for value in values] if name == "dataset" else values
            rows.append({"name": name, "label": facts.label, "unit": facts.unit, "values": shown})
    return sorted(rows, key=lambda row: None in row["values"])


def epoch_row(column: Column) -> EpochRow | None:
    rows = column.record.epochs(after=column.epoch - 1, points=1) if column.record else []
    return rows[0] if rows and rows[0].epoch == column.epoch else None


def figures(column: Column) -> list[Measure]:
    """What has been measured of a column's weights by the judge, with intervals; empty when nothing has."""
    if column.record is None:
        return []
    path = column.record.folder.weights(column.epoch)
    verdict = kept_verdict(file_key(path), column.data[0]) if path.is_file() else None
    return [verdict[name] for name in SHOWN if verdict and name in verdict]


def unmeasured(column: Column) -> str:
    """Why a model's column has no `figures`, and what to do; empty where there are some, and for real digits."""
    if column.record is None or figures(column):
        return ""
    kept = column.record.folder.kept()
    if column.epoch not in kept:
        return f"The judge cannot measure epoch {column.epoch}, whose weights were not kept. It can: {spans(kept) or 'none'}."
    return f"Not measured by the judge yet: python -m gencmp evaluate {column.name} --epoch {column.epoch}"


def as_words(value: Any, name: str = "") -> str:
    """A setting's value for a table."""
    if name == "limit" and value == 0:
        return "all"
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) or "all" if isinstance(value, (list, tuple)) else str(value).replace("_", " ")


def facts(columns: Sequence[Column], shelf: Shelf) -> Mapping[str, Any]:
    """All that the page shows of columns, except pictures and curves; plain JSON."""
    critic = critic_of(columns, shelf)
    seen = [look(column, critic) for column in columns]
    orders = {how: usable(seen, how) for how in ORDERS}
    told = []
    for column, each in zip(columns, seen, strict=True):
        told.append(
            {
                "name": column.name, "title": column.title, "kind": column.kind, "epoch": column.epoch,
                "count": len(column.images), "pictured": column.record.folder.pictured() if column.record else [],
                "evolution": evolution_epochs(column),
                "orders": {how: each.order(orders[how], len(column.images)) for how in ORDERS},
                "digits": _rounded(each.digits), "confidence": _rounded(each.confidence), "d": _rounded(each.d),
            }
        )  # fmt: skip
    table = [
        row | {"values": [as_words(value, row["name"]) for value in row["values"]]} for row in differences(columns)
    ]
    return {
        "columns": told, "differences": table, "critic": f"{critic.name}, epoch {critic.epoch}" if critic else None,
        "unordered": [how for how in ORDERS if orders[how] != how],
    }  # fmt: skip


def _rounded(values: np.ndarray | None) -> list[float] | None:
    return None if values is None else [round(float(value), 4) for value in values]
