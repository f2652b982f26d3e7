"""Ways to order the pictures of columns alike: by seed, by what the judge sees and how sure he is, by what D thinks."""

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
    "digit": "by the {class_} that the judge sees, surest first",
    "confidence": "by the judge's confidence, surest first",
    "d": "by D, most real first",
}
DEEP = 10  # rows of a sheet that is ordered by class; the counts below tell of the pictures that are not shown
BROAD = 10  # classes beside each other, at most


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

    record: ModelRecord
    epoch: int

    @property
    def name(self) -> str:
        return self.record.run.name


def critic_of(columns: Sequence[Column], catalog: Catalog) -> Critic | None:
    """The D of the first GAN among the columns, else of the first that ships: at the kept epoch nearest to the one shown."""
    shown = [(c.record, c.epoch) for c in columns if c.record and c.kind == "gan"]
    shipped = [(record, record.run.epoch) for record in catalog.shipped() if record.run.kind == "gan"]
    for record, epoch in shown + shipped:
        if kept := record.folder.kept():
            at = nearest(kept, epoch)
            return Critic(record, at)
    return None


def usable(seen: Sequence[Looks], how: str) -> str:
    """The order, or "seed" where one of the columns cannot be ordered so: else they could not be compared."""
    known = [{"digit": each.digits, "confidence": each.confidence, "d": each.d}.get(how) for each in seen]
    apart = how == "digit" and len({each.names for each in seen}) > 1
    return "seed" if apart or any(each is None for each in known) else how


def look(columns: Sequence[Column], critic: Critic | None) -> tuple[Looks, ...]:
    """At each column. Raises SnapshotError when the critic cannot be read."""
    seen = [_look(column, critic) for column in columns]
    shown = shown_classes(columns, [each.digits for each in seen if each.digits is not None])
    return tuple(replace(each, shown=shown) for each in seen)


def _look(column: Column, critic: Critic | None) -> Looks:
    d = _opinion(column, critic) if critic else None
    if column.judge is None:
        return Looks(None, None, d, column.classes)
    return Looks(column.judge.classes, column.judge.confidence, d, column.classes)


def _opinion(column: Column, critic: Critic) -> np.ndarray:
    """Of its own pictures it was kept when they were made; of others' it is asked here, for which numpy does."""
    is_own = column.record is not None and (column.record.run.id, column.epoch) == (critic.record.run.id, critic.epoch)
    if is_own and column.d is not None:
        return column.d
    path = critic.record.folder.weights(critic.epoch)
    return chance_real(_weights(path, path.stat().st_mtime_ns), column.images)


@lru_cache(maxsize=8)
def _weights(path: Path, changed: int) -> Weights:
    return read_weights(path)


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
