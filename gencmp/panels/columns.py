"""Columns of pictures to compare: of a model after an epoch, or real ones, and their evolution over the epochs.

A column is named "MODEL", "MODEL@EPOCH" or "real". The page, the command line and the panels all take their columns from
here and their orders from orders.py, so they show the same. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gencmp.data.classes import TEN_DIGITS, Nouns, nouns_of, real_title
from gencmp.data.pictures import digits_to_test
from gencmp.errors import GencmpError, RunNotFound
from gencmp.evaluation.kept_opinions import D, JudgeOpinion, kept_judge_opinion, kept_real_opinion
from gencmp.runs.catalog import Catalog, ModelRecord, without_pictures
from gencmp.runs.folder import samples_in
from gencmp.runs.names import REAL
from gencmp.runs.run import class_names
from gencmp.settings.configs import SHIPPED_DATA

MAX_COLUMNS = 4
PICTURES = 64
VIEWS = ("grid", "evolution", "swipe")
EVOLUTION = 10  # maximum number of epochs
ACROSS = 8  # pictures per epoch


class CompareError(GencmpError):
    """The request for a comparison is invalid."""


@dataclass(frozen=True)
class Column:
    """Pictures uint8 [n, 28, 28] of one model after one epoch, or real ones (epoch 0, no record)."""

    name: str  # for addresses: a run's id, a shipped model's name, or "real"
    title: str
    kind: str
    epoch: int
    images: np.ndarray
    record: ModelRecord | None = None
    of: ModelRecord | None = None  # real pictures: the model whose data they come from; None: all of MNIST
    total: int = 0  # real pictures: size of the test set, of which these are the first
    judge: JudgeOpinion | None = None  # of these pictures, where it was stored
    d: np.ndarray | None = None  # the model's own D on them, float32 [n], where that was stored

    @property
    def address(self) -> str:
        return f"{self.name}@{self.epoch}" if self.record else self.name

    @property
    def data(self) -> tuple[str, tuple[int, ...], int]:
        """The data set, classes and limit that the model was trained on."""
        source = self.record or self.of
        config = source.run.config if source else {}
        return config.get("dataset", SHIPPED_DATA), tuple(config.get("classes", ())), config.get("limit", 0)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names of the data, by label."""
        source = self.record or self.of
        return class_names(source.run) if source else TEN_DIGITS

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)


def columns_of(catalog: Catalog, names: Sequence[str]) -> list[Column]:
    """The columns of these names. Real pictures come from the data of the first model.

    Raises CompareError for too few or too many names, RunNotFound for an unknown model or epoch, DataError if its data
    can no longer be read.
    """
    if not 1 <= len(names) <= MAX_COLUMNS:
        raise CompareError(f"Found {len(names)} columns, wanted 1 to {MAX_COLUMNS}. A column is a model or 'real'.")
    models = {name: column_of(catalog, name) for name in names if name != REAL}
    of = next((column.record for column in models.values()), None)
    return [models.get(name) or real_column(of) for name in names]


def real_column(of: ModelRecord | None = None) -> Column:
    """Test pictures of a model's data. Raises DataError if the data can no longer be read."""
    dataset, classes = (of.run.config["dataset"], tuple(of.run.config["classes"])) if of else (SHIPPED_DATA, ())
    if (dataset, classes) == (SHIPPED_DATA, ()):
        of = None  # one column for all models trained on all of MNIST
    images, labels = digits_to_test(dataset, classes)
    judge = kept_real_opinion(dataset, classes, labels, PICTURES)
    nouns = nouns_of(class_names(of.run) if of else TEN_DIGITS)
    return Column(
        REAL, real_title(dataset, nouns), "real", 0, images[:PICTURES].reshape(-1, 28, 28), None, of, len(images), judge
    )


def column_of(catalog: Catalog, name: str) -> Column:
    """Raises RunNotFound."""
    if name == REAL:
        return real_column()
    model, wanted = column_address(name)
    record = catalog.find(model)
    pictured = record.folder.pictured()
    if not pictured:
        raise RunNotFound(without_pictures(record))
    if wanted is not None and wanted not in pictured:
        raise RunNotFound(f"{record.run.name} has no pictures of epoch {wanted}. It has: {spans(pictured)}.")
    epoch_shown = pictured[-1] if wanted is None else wanted
    run, arrays = record.run, record.folder.read_arrays(epoch_shown)
    judge = kept_judge_opinion(arrays, run.config["dataset"])
    samples = samples_in(arrays, f"{run.name}, epoch {epoch_shown}")
    return Column(run.id, run.name, run.kind, epoch_shown, samples, record, judge=judge, d=arrays.get(D))


def column_address(name: str) -> tuple[str, int | None]:
    """ "MODEL@EPOCH" -> the model and the epoch; the epoch is None (the newest) if not given."""
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
    """The epoch nearest to `wanted`; the earlier one in a tie."""
    return min(epochs, key=lambda each: abs(each - wanted))


# Evolution


def evolution(column: Column) -> list[tuple[int, np.ndarray]]:
    """Geometrically spaced epochs up to the column's, each with the same samples, uint8 [8, 28, 28]. A real column is split into rows."""
    if column.record is None:
        return [(0, column.images[i : i + ACROSS]) for i in range(0, len(column.images), ACROSS)]
    folder = column.record.folder
    return [(epoch, folder.samples(epoch)[:ACROSS]) for epoch in evolution_epochs(column)]


def evolution_epochs(column: Column) -> list[int]:
    pictured = [epoch for epoch in column.record.folder.pictured() if epoch <= column.epoch] if column.record else []
    if not pictured:
        return []
    wanted = np.geomspace(pictured[0], pictured[-1], EVOLUTION)
    return sorted({nearest(pictured, each) for each in wanted})
