"""Models beside each other: columns of pictures, ways to order them, how they came about, and where they differ.

A column is named "MODEL", "MODEL@EPOCH" or "real". The page, the command line and the panels all take their columns
and orders from here, so that they show the same. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gencmp import looks
from gencmp.classes import TEN_DIGITS, Nouns, chosen_names, class_names, nouns_of, real_title
from gencmp.config import CONFIGS, SHIPPED_DATA
from gencmp.errors import GencmpError, RunNotFound
from gencmp.looks import digits_to_test
from gencmp.measures import Measure, file_key, kept_verdict
from gencmp.names import REAL
from gencmp.own_folder import name_of
from gencmp.run import EpochRow, machine_differences
from gencmp.setting import settings_of
from gencmp.shelf import Record, Shelf

MOST = 4
PICTURES = 64
ORDERS = {
    "seed": "by seed",
    "digit": "by the {class_} that the judge sees, surest first",
    "confidence": "by the judge's confidence, surest first",
    "d": "by D, most real first",
}
VIEWS = ("grid", "evolution", "swipe")
EVOLUTION = 10  # epochs, at most
ACROSS = 8  # pictures of each
DEEP = 10  # rows of a sheet that is ordered by class; the counts below tell of the pictures that are not shown
BROAD = 10  # classes beside each other, at most
SHOWN = ("frechet", "precision", "recall", "confidence", "sharpness")  # of a verdict


class CompareError(GencmpError):
    """What was asked for cannot be put side by side."""


@dataclass(frozen=True)
class Column:
    """Pictures uint8 [n, 28, 28] of one model after one epoch, or real ones (epoch 0, no record)."""

    name: str  # for addresses: a run's id, a shipped model's name, or "real"
    title: str
    kind: str
    epoch: int
    images: np.ndarray
    record: Record | None = None
    of: Record | None = None  # a model on whose data real pictures are; None: on all of MNIST
    total: int = 0  # how many real ones there are, of which these are the first

    @property
    def address(self) -> str:
        return f"{self.name}@{self.epoch}" if self.record else self.name

    @property
    def data(self) -> tuple[str, tuple[int, ...], int]:
        """The data set, the classes and the limit that it learnt from."""
        source = self.record or self.of
        config = source.run.config if source else {}
        return config.get("dataset", SHIPPED_DATA), tuple(config.get("classes", ())), config.get("limit", 0)

    @property
    def classes(self) -> tuple[str, ...]:
        """The name of each label of these data."""
        source = self.record or self.of
        return class_names(source.run) if source else TEN_DIGITS

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)


def columns_of(shelf: Shelf, names: Sequence[str]) -> list[Column]:
    """Real pictures are of the data that the first model among the columns learnt from.

    Raises CompareError for too few or too many, RunNotFound for a model or epoch that is not there, DataError when its
    data cannot be read any more.
    """
    if not 1 <= len(names) <= MOST:
        raise CompareError(f"Found {len(names)} columns, wanted 1 to {MOST}: models, or real.")
    models = {name: column_of(shelf, name) for name in names if name != REAL}
    of = next((column.record for column in models.values()), None)
    return [models.get(name) or real_column(of) for name in names]


def real_column(of: Record | None = None) -> Column:
    """Test pictures of a model's data. Raises DataError when these cannot be read any more."""
    dataset, classes = (of.run.config["dataset"], tuple(of.run.config["classes"])) if of else (SHIPPED_DATA, ())
    if (dataset, classes) == (SHIPPED_DATA, ()):
        of = None  # the same for all models that learnt from all of MNIST
    images = digits_to_test(dataset, classes)[0].reshape(-1, 28, 28)
    nouns = nouns_of(class_names(of.run) if of else TEN_DIGITS)
    return Column(REAL, real_title(dataset, nouns), "real", 0, images[:PICTURES], None, of, len(images))


def column_of(shelf: Shelf, name: str) -> Column:
    """Raises RunNotFound."""
    if name == REAL:
        return real_column()
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
    """What is known of a column's pictures: classes and confidence by the judge, D's opinion; None where nobody can tell.

    names: of the judge's classes. shown: the numbers of those that have a column when ordered by class.
    """

    digits: np.ndarray | None
    confidence: np.ndarray | None
    d: np.ndarray | None
    names: tuple[str, ...] = TEN_DIGITS
    shown: tuple[int, ...] = tuple(range(10))

    def order(self, how: str, count: int) -> list[list[int]]:
        """Places of pictures. By class: a column each, the surest first; otherwise one row to be broken at will."""
        if how == "digit" and self.digits is not None:
            sure = np.argsort(-np.asarray(self.confidence), kind="stable")
            return [[int(i) for i in sure if self.digits[i] == label] for label in self.shown]
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
    apart = how == "digit" and len({each.names for each in seen}) > 1
    return "seed" if apart or any(each is None for each in known) else how


def look(columns: Sequence[Column], critic: Critic | None) -> tuple[Looks, ...]:
    """At each column. Raises SnapshotError when the judge or the critic cannot be read."""
    seen = [_look(column, critic) for column in columns]
    shown = shown_classes(columns, [each.digits for each in seen if each.digits is not None])
    return tuple(replace(each, shown=shown) for each in seen)


def _look(column: Column, critic: Critic | None) -> Looks:
    chances = looks.judged(column.images, column.data[0])
    opinion = looks.opinion(critic.path, column.images) if critic else None
    if chances is None:
        return Looks(None, None, opinion, column.classes)
    return Looks(chances.argmax(1), chances.max(1), opinion, column.classes)


def shown_classes(columns: Sequence[Column], seen: Sequence[np.ndarray]) -> tuple[int, ...]:
    """Those that the columns were to show and those that the judge sees in them; of many, the ten that he sees most."""
    labels = np.concatenate(seen) if seen else np.zeros(0, int)
    asked = {label for column in columns for label in column.data[1] or range(len(column.classes))}
    most = sorted(asked | set(labels.tolist()), key=lambda label: (-int((labels == label).sum()), label))
    return tuple(sorted(most[:BROAD]))


def block_of(classes: int) -> int:
    """How many pictures of a class stand beside each other: of few classes several, so that a sheet is as wide as with ten."""
    return max(1, BROAD // classes)


def order_words(how: str, nouns: Nouns) -> str:
    """One of ORDERS for a caption."""
    return ORDERS[how].format(**vars(nouns))


# How it came about


def evolution(column: Column) -> list[tuple[int, np.ndarray]]:
    """Epochs at even ratios up to the column's, each with the same few samples uint8 [8, 28, 28]; of real ones, rows."""
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
    where a model has no such setting. Those that all have come first; last, where their machines differ."""
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
    machines = machine_differences([column.record.run for column in models if column.record])
    told = [
        {"name": name, "label": name, "unit": "", "values": [value or "not recorded" for value in found]}
        for name, found in machines.items()
    ]
    return sorted(rows, key=lambda row: None in row["values"]) + told


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
    """Why a model's column has no `figures`, and what to do; empty where there are some, and for real ones."""
    if column.record is None or figures(column):
        return ""
    if not column.classes:
        return "The judge cannot measure it: its data have no labels, and he learns from labels."
    kept = column.record.folder.kept()
    if column.epoch not in kept:
        return f"The judge cannot measure epoch {column.epoch}, whose weights were not kept. It can: {spans(kept) or 'none'}."
    return f"Not measured by the judge yet: python -m gencmp evaluate {column.name} --epoch {column.epoch}"


def as_words(value: Any, name: str = "", classes: Sequence[str] = ()) -> str:
    """A setting's value for a table; chosen classes by their names."""
    if name == "classes" and value:
        return chosen_names(classes, value)
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
    seen = look(columns, critic)
    orders = {how: usable(seen, how) for how in ORDERS}
    told = []
    for column, each in zip(columns, seen, strict=True):
        told.append(
            {
                "name": column.name, "title": column.title, "kind": column.kind, "epoch": column.epoch,
                "count": len(column.images), "pictured": column.record.folder.pictured() if column.record else [],
                "evolution": evolution_epochs(column),
                "orders": {how: each.order(orders[how], len(column.images)) for how in ORDERS},
                "classes": column.classes, "of": column.of.run.id if column.of else "",
                "digits": _rounded(each.digits), "confidence": _rounded(each.confidence), "d": _rounded(each.d),
            }
        )  # fmt: skip
    names = [column.classes for column in columns if column.record]
    table = [
        row | {"values": [as_words(value, row["name"], each) for value, each in zip(row["values"], names, strict=True)]}
        for row in differences(columns)
    ]
    return {
        "columns": told, "differences": table, "critic": f"{critic.name}, epoch {critic.epoch}" if critic else None,
        "unordered": [how for how in ORDERS if orders[how] != how], "shown": seen[0].shown,
    }  # fmt: skip


def _rounded(values: np.ndarray | None) -> list[float] | None:
    return None if values is None else [round(float(value), 4) for value in values]
