"""Compares two verdicts, criterion by criterion: which model is better, is that significant, and do all judges agree? No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from gencmp.data.classes import DIGITS, Nouns
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.intervals import _chi_square
from gencmp.evaluation.judges.panel import SPACES, label_of
from gencmp.evaluation.measures import Z_95, Measure, lead
from gencmp.evaluation.verdicts import Verdict

SAYINGS = {
    "legible": "More of {better}'s {pictures} are legible.",
    "unrecognised": "Fewer of {better}'s {pictures} go unrecognised.",
    "edges": "The edges of {better}'s strokes are closer to real ones in sharpness.",
    "blur": "How much of {better}'s ink is grey is closer to real {pictures}.",
    "specks": "How often {better}'s {pictures} have specks is closer to real ones.",
    "pieces": "{better}'s {pictures} are in about as many pieces as real ones.",
    "frechet": "As a set, {better}'s {pictures} are closer to real ones.",
    "kernel": "The same without assuming Gaussians: {better}'s are closer.",
    "precision": "More of {better}'s {pictures} look like real ones.",
    "recall": "{better} covers more of the variety of handwriting.",
    "density": "{better}'s {pictures} lie more often where real ones are dense.",
    "coverage": "More real {pictures} have a neighbour among {better}'s.",
    "two_sample": "{better}'s {pictures} are harder to distinguish from real ones.",
    "digit_kl": "{better} draws the {ten}digits in proportions closer to the data's.",
    "missing": "{better} leaves out fewer {classes}.",
    "confidence": "The judge's confidence in {better}'s {pictures} is closer to its confidence in real ones.",
    "sharpness": "By this measure {better} is closer to real ones, but specks count as sharp edges. Shown as a warning.",
    "neighbour_pixels": "The distance of {better}'s {pictures} to training {pictures} is closer to that of unseen {pictures}.",
    "neighbour_features": "The same, measured in the judge's features.",
    "copies": "{better} copies fewer training {pictures}.",
    "parzen": ("By Parzen windows {better} is better, but they reward blur. Shown as a warning."),
}
SAYINGS_OF_OTHER_CLASSES = SAYINGS | {
    "recall": "{better} covers more of the variety of real pictures.",
    "digit_kl": "{better} draws the classes in proportions closer to the data's.",
    "edges": "The edges of {better}'s main shapes are closer to real ones in sharpness.",
}


@dataclass(frozen=True)
class Row:
    """One criterion of both models.

    z_scores: the GAN's lead in standard errors of the difference, in each space that both were measured in, the first
    judge's first; negative when the VAE leads.
    nouns: what the pictures are called. all_ten: whether the models were trained on all ten digits.
    """

    name: str
    gan: Measure
    vae: Measure
    floor: Measure | None
    z_scores: Mapping[str, float]
    nouns: Nouns = DIGITS
    all_ten: bool = True

    @property
    def winners(self) -> dict[str, str]:
        """In each space "GAN", "VAE", or "" where the difference is not significant."""
        return {space: _winner(z_score) for space, z_score in self.z_scores.items()}

    @property
    def better(self) -> str:
        """ "GAN" or "VAE" where no judge and no space prefers the other one; else "", also where none sees a difference."""
        found = set(self.winners.values()) - {""}
        return found.pop() if len(found) == 1 else ""

    @property
    def leader(self) -> str:
        """ "GAN" or "VAE" where it is `better`, or where every judge sees it ahead and only a space without a network does not."""
        by_judges = {winner for space, winner in self.winners.items() if space not in SPACES}
        return self.better or (by_judges.pop() if len(by_judges) == 1 else "")

    @property
    def is_disputed(self) -> bool:
        """Whether the answer depends on the judge: some prefer the one model, some the other."""
        return not self.leader and set(self.winners.values()) >= {"GAN", "VAE"}

    @property
    def dissenting(self) -> tuple[str, ...]:
        """The spaces without a network that prefer the other model than all judges do."""
        other = {"GAN": "VAE", "VAE": "GAN"}.get(self.leader, "")
        return self.spaces_for(other) if other else ()

    @property
    def is_unanimous(self) -> bool:
        """Whether all judges and spaces that were asked see the same model ahead."""
        return set(self.winners.values()) in ({"GAN"}, {"VAE"})

    def spaces_for(self, winner: str) -> tuple[str, ...]:
        """The spaces in which this model leads; with "", those in which the difference is not significant."""
        return tuple(space for space, found in self.winners.items() if found == winner)

    @property
    def saying(self) -> str:
        """The result in a sentence."""
        if self.is_disputed:
            return f"It depends on the judge: {self.sides}."
        if not self.leader:
            return "No difference." if self.gan.value == self.vae.value else "The difference is not significant."
        sayings = SAYINGS if self.nouns == DIGITS else SAYINGS_OF_OTHER_CLASSES
        ten = "ten " if self.all_ten else ""
        words = sayings[self.name].format(better=f"the {self.leader}", ten=ten, **vars(self.nouns))
        words = words[0].upper() + words[1:]
        return (
            f"{words} Only by {listed(list(map(label_of, self.dissenting)))} it is the other way."
            if self.dissenting
            else words
        )

    @property
    def sides(self) -> str:
        """Who sees which model ahead: "the GAN by Convnet, seed 0; the VAE by LeNet, seed 0 and Pixels; ..."."""
        parts = {"GAN": "the GAN by", "VAE": "the VAE by", "": "no significant difference by"}
        return "; ".join(
            f"{words} {listed(list(map(label_of, spaces)))}"
            for side, words in parts.items()
            if (spaces := self.spaces_for(side))
        )


def _winner(z_score: float) -> str:
    return "" if abs(z_score) < Z_95 else "GAN" if z_score > 0 else "VAE"


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["precision", "recall", "density"])
    'precision, recall and density'
    """
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def compare(gan: Verdict, vae: Verdict, floor: Verdict) -> list[Row]:
    """A row for each criterion that both have, in the order of CRITERIA."""
    rows = []
    all_ten = len(gan.classes) == 10 and gan.asks_for_all
    for name in CRITERIA:
        if name in gan and name in vae:
            real = floor[name] if name in floor else None
            rows.append(Row(name, gan[name], vae[name], real, _leads(gan[name], vae[name], real), gan.nouns, all_ten))
    return rows


def _leads(gan: Measure, vae: Measure, floor: Measure | None) -> dict[str, float]:
    """The GAN's lead in each space that all were measured in."""
    spaces = [space for space in gan.readings if space in vae.readings and (floor is None or space in floor.readings)]
    return {
        space: lead(gan.read_in(space), vae.read_in(space), floor.read_in(space) if floor else None) for space in spaces
    }


def shown(measure: Measure) -> str:
    """A value with half the width of its interval: "6.83 ± 0.33"; a value at one end of it with the other end: "0 (at most 0.002)"."""
    half = (measure.high - measure.low) / 2
    digits = _digits(measure, half)
    if half and measure.value == measure.low:
        return f"{measure.value:g} (at most {measure.high:.{digits}f})"
    if half and measure.value == measure.high:
        return f"{measure.value:g} (at least {measure.low:.{digits}f})"
    value = round(measure.value, digits) + 0.0  # never "-0.000"
    return f"{value:.{digits}f} ± {half:.{digits}f}" if half else f"{value:.{digits}f}"


def _digits(measure: Measure, half: float) -> int:
    """Decimal places: as many as suit the value, or more where its error would be rounded to 0."""
    size = abs(measure.value)
    fewest = 0 if measure.name == "missing" else 3 if size < 1 else 2 if size < 10 else 1
    return next((digits for digits in range(fewest, 9) if round(half, digits)), fewest)


# Seeds


@dataclass(frozen=True)
class Spread:
    """One criterion of one model trained from several seeds.

    error: the standard error of one seed's figure, derived from its interval: the sampling error of the pictures drawn.
    """

    values: tuple[float, ...]
    error: float

    @property
    def deviation(self) -> float:
        return stdev(self.values)

    @property
    def is_significant(self) -> bool:
        """Whether the seeds differ by more than their standard errors explain (χ² test, 95 %)."""
        return (len(self.values) - 1) * self.deviation**2 > _chi_square(len(self.values) - 1) * self.error**2


def spread(measures: Sequence[Measure]) -> Spread:
    """Of one criterion: a measure for each seed, two or more."""
    errors = [(each.high - each.low) / 2 / Z_95 for each in measures]
    return Spread(tuple(each.value for each in measures), math.sqrt(mean(error**2 for error in errors)))
