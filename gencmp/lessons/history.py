"""What was recorded of a run of a lesson, and the figures that its lesson reads from it. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from gencmp.errors import GencmpError
from gencmp.events import Checkup
from gencmp.lessons.places import Place, centres_of, centres_of_real, place_of
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import EpochRow


@dataclass(frozen=True)
class History:
    """epochs, checkups: of one run, in order. place: where its last digits stand; asked for only where a lesson wants to know."""

    epochs: Sequence[EpochRow]
    checkups: Sequence[Checkup]
    place: Callable[[], Place | None] = field(default=lambda: None)


@dataclass(frozen=True)
class Figure:
    """One number of a run. label: with its terms in brackets. better: "lower", "higher" or "" where neither is.

    read: None where the run has not come far enough. digits: decimal places.
    """

    key: str
    label: str
    unit: str
    better: str
    digits: int
    read: Callable[[History], float | None]

    def shown(self, value: float, half: float | None = None) -> str:
        """With its unit. half: of its interval.

        >>> FIGURES["recognised"].shown(0.5, half=0.02)
        '50 ± 2 %'
        """
        numbers = [value] if half is None else [value, half]
        factor = 100 if self.unit == "%" else 1
        words = " ± ".join(f"{factor * each + 0.0:.{self.digits}f}" for each in numbers)
        return f"{words} {self.unit}".rstrip()


def history_of(record: ModelRecord) -> History:
    """Of a stored run."""
    return History(record.epochs(), record.checkups(), partial(_place_of_stored, record))


def _place_of_stored(record: ModelRecord) -> Place | None:
    """None without weights or data."""
    kept, config = record.folder.kept(), record.run.config
    try:
        real = centres_of_real(config["dataset"], tuple(config["classes"]))
        return place_of(centres_of(record.folder.weights(kept[-1])), real) if kept else None
    except GencmpError:
        return None


def figures_of(history: History, keys: Sequence[str]) -> dict[str, float]:
    """Those of FIGURES by these names that the run has."""
    found = {key: FIGURES[key].read(history) for key in keys}
    return {key: value for key, value in found.items() if value is not None}


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Spearman's rank correlation, -1 to 1; None for fewer than three pairs, or where one side does not vary.

    >>> rank_correlation([1, 2, 3, 4], [10, 20, 40, 30])
    0.8
    """
    if len(a) < 3:
        return None
    x, y = _centred_ranks(a), _centred_ranks(b)
    size = (sum(v * v for v in x) * sum(v * v for v in y)) ** 0.5
    return sum(u * v for u, v in zip(x, y, strict=True)) / size if size else None


def _centred_ranks(values: Sequence[float]) -> list[float]:
    """Ranks around 0; equal values share their mean rank."""
    middle = (len(values) - 1) / 2
    return [sum(other < each for other in values) + (values.count(each) - 1) / 2 - middle for each in values]


def _of_last_epoch(name: str) -> Callable[[History], float | None]:
    return lambda history: history.epochs[-1].test.get(name) if history.epochs else None


def _of_last_checkup(read: Callable[[Checkup], float | None]) -> Callable[[History], float | None]:
    return lambda history: read(history.checkups[-1]) if history.checkups else None


def _of_place(name: str) -> Callable[[History], float | None]:
    def read(history: History) -> float | None:
        place = history.place()
        return getattr(place, name) if place else None

    return read


def _apart(history: History) -> float | None:
    """How far apart D's opinions of real and of generated pictures are, over the last epoch."""
    measures: Mapping[str, float] = history.epochs[-1].measures if history.epochs else {}
    return measures["d_real"] - measures["d_fake"] if "d_real" in measures else None


def _silent(history: History) -> float | None:
    """The mean over D's hidden layers of their shares of silent neurons."""
    test: Mapping[str, float] = history.epochs[-1].test if history.epochs else {}
    shares = [share for name, share in test.items() if name.startswith("silent_discriminator_")]
    return sum(shares) / len(shares) if shares else None


def _by_heart(history: History) -> float | None:
    """The mean over the second half of the checkups: D's opinions swing so much that a single one would be chance."""
    gaps = [
        each.d_train - each.d_test for each in history.checkups if each.d_train is not None and each.d_test is not None
    ]
    later = gaps[len(gaps) // 2 :]
    return sum(later) / len(later) if later else None


def _loss_against_distance(history: History) -> float | None:
    """Whether a run's loss falls when its pictures get better: their rank correlation over the epochs that were checked.

    The loss: of a VAE the test set's negative ELBO, of a GAN the generator's.
    """
    rows = {row.epoch: row for row in history.epochs}
    pairs = [(loss_of(rows[each.epoch]), each.frechet) for each in history.checkups if each.epoch in rows]
    known = [(loss, distance) for loss, distance in pairs if loss is not None]
    return rank_correlation([loss for loss, _ in known], [distance for _, distance in known])


def loss_of(row: EpochRow) -> float | None:
    return row.test.get("negative_elbo", row.measures.get("generator_loss"))


FIGURES = {
    figure.key: figure
    for figure in (
        Figure("apart", "[D(x)] − [D(G(z))]", "", "", 2, _apart),
        Figure(
            "frechet", "[Fréchet distance]", "", "lower", 1, _of_last_checkup(lambda checkup: float(checkup.frechet))
        ),
        Figure("recognised", "[Recognised|recognises]", "%", "higher", 0, _of_last_checkup(lambda c: c.recognised)),
        Figure("by_heart", "[By heart|over-fitting], later half", "", "lower", 3, _by_heart),
        Figure(
            "reconstruction", "[Reconstruction|reconstruction]", "nats", "lower", 1, _of_last_epoch("reconstruction")
        ),
        Figure("negative_elbo", "[Negative ELBO|negative ELBO]", "nats", "lower", 1, _of_last_epoch("negative_elbo")),
        Figure("off", "Mean place, off by", "pixels", "lower", 2, _of_place("off")),
        Figure("share", "[Spread|spread], of that of real digits", "%", "", 0, _of_place("share")),
        Figure("clouds", "[Distance|Fréchet distance] of the clouds", "pixels", "lower", 2, _of_place("apart")),
        Figure("silent", "[Silent in D|ReLU]", "%", "", 1, _silent),
        Figure("tracks", "[Rank correlation|rank correlation] of loss and distance", "", "", 2, _loss_against_distance),
    )
}
