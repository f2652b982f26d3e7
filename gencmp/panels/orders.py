"""Orders for the pictures of all columns: by seed, by the judge's class or confidence, by D's output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.classes import TEN_DIGITS, Nouns
from gencmp.latent.networks import Weights, chance_real, read_weights
from gencmp.panels.columns import Column, nearest
from gencmp.runs.catalog import Catalog, ModelRecord

ORDERS = {
    "seed": "by seed",
    "digit": "by the {class_} that the judge sees, most confident first",
    "confidence": "by the judge's confidence, highest first",
    "d": "by D, most real first",
}
DEEP = 10  # rows of a sheet ordered by class
BROAD = 10  # maximum number of classes side by side


@dataclass(frozen=True)
class Opinions:
    """What is known of a column's pictures: the judge's classes and confidence, D's output; None where unknown.

    names: of the judge's classes. shown: labels of those that get a column when ordered by class.
    """

    digits: np.ndarray | None
    confidence: np.ndarray | None
    d: np.ndarray | None
    names: tuple[str, ...] = TEN_DIGITS
    shown: tuple[int, ...] = tuple(range(10))

    def order(self, how: str, count: int) -> list[list[int]]:
        """Indices of pictures in order: one list per class, most confident first; for other orders a single list."""
        if how == "digit" and self.digits is not None:
            by_confidence = np.argsort(-np.asarray(self.confidence), kind="stable")
            return [[int(i) for i in by_confidence if self.digits[i] == label] for label in self.shown]
        by = {"confidence": self.confidence, "d": self.d}.get(how)
        return [list(range(count)) if by is None else np.argsort(-by, kind="stable").tolist()]


@dataclass(frozen=True)
class Critic:
    """The discriminator that rates the pictures of all columns."""

    record: ModelRecord
    epoch: int

    @property
    def name(self) -> str:
        return self.record.run.name


def critic_of(columns: Sequence[Column], catalog: Catalog) -> Critic | None:
    """The D of the first GAN among the columns, else of the first shipped GAN, at the saved epoch nearest to the one shown."""
    shown = [(c.record, c.epoch) for c in columns if c.record and c.kind == "gan"]
    shipped = [(record, record.run.epoch) for record in catalog.shipped() if record.run.kind == "gan"]
    for record, epoch in shown + shipped:
        if kept := record.folder.kept():
            at = nearest(kept, epoch)
            return Critic(record, at)
    return None


def usable(seen: Sequence[Opinions], how: str) -> str:
    """The order, or "seed" if one of the columns cannot be ordered this way, as the columns must stay comparable."""
    known = [{"digit": each.digits, "confidence": each.confidence, "d": each.d}.get(how) for each in seen]
    classes_differ = how == "digit" and len({each.names for each in seen}) > 1
    return "seed" if classes_differ or any(each is None for each in known) else how


def opinions_on(columns: Sequence[Column], critic: Critic | None) -> tuple[Opinions, ...]:
    """What is known of each column's pictures. Raises SnapshotError when the critic cannot be read."""
    seen = [_opinions_on(column, critic) for column in columns]
    shown = shown_classes(columns, [each.digits for each in seen if each.digits is not None])
    return tuple(replace(each, shown=shown) for each in seen)


def _opinions_on(column: Column, critic: Critic | None) -> Opinions:
    d = _opinion(column, critic) if critic else None
    if column.judge is None:
        return Opinions(None, None, d, column.classes)
    return Opinions(column.judge.classes, column.judge.confidence, d, column.classes)


def _opinion(column: Column, critic: Critic) -> np.ndarray:
    """D's output: saved with the pictures of its own run and epoch; for other pictures it is computed here with numpy."""
    is_own = column.record is not None and (column.record.run.id, column.epoch) == (critic.record.run.id, critic.epoch)
    if is_own and column.d is not None:
        return column.d
    path = critic.record.folder.weights(critic.epoch)
    return chance_real(_weights(path, path.stat().st_mtime_ns), column.images)


@lru_cache(maxsize=8)
def _weights(path: Path, changed: int) -> Weights:
    return read_weights(path)


def shown_classes(columns: Sequence[Column], seen: Sequence[np.ndarray]) -> tuple[int, ...]:
    """The classes of the columns' data and those that the judge sees; if there are more than ten, the most frequent ten."""
    labels = np.concatenate(seen) if seen else np.zeros(0, int)
    asked = {label for column in columns for label in column.data[1] or range(len(column.classes))}
    by_frequency = sorted(asked | set(labels.tolist()), key=lambda label: (-int((labels == label).sum()), label))
    return tuple(sorted(by_frequency[:BROAD]))


def block_of(classes: int) -> int:
    """Pictures per row of a class: several for few classes, so that a sheet is as wide as with ten."""
    return max(1, BROAD // classes)


def order_words(how: str, nouns: Nouns) -> str:
    """One of ORDERS for a caption."""
    return ORDERS[how].format(**vars(nouns))
