"""Is the paper right? Compares two verdicts, criterion by criterion: which model is better, and is that significant? No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from gencmp.data.classes import DIGITS, Nouns
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.intervals import _chi_square
from gencmp.evaluation.measures import Z_95, Measure, lead
from gencmp.evaluation.verdicts import Verdict

SAYINGS = {
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
    "sharpness": "The sharpness of {better}'s strokes is closer to that of real ones.",
    "neighbour_pixels": "The distance of {better}'s {pictures} to training {pictures} is closer to that of unseen {pictures}.",
    "neighbour_features": "The same, measured in the judge's features.",
    "copies": "{better} copies fewer training {pictures}.",
    "parzen": (
        "By Parzen windows {better} is better, but they reward blur: blurred real {pictures} score higher than sharp ones."
        " Shown as a warning; it does not count."
    ),
}
SAYINGS_OF_OTHER_CLASSES = SAYINGS | {
    "recall": "{better} covers more of the variety of real pictures.",
    "digit_kl": "{better} draws the classes in proportions closer to the data's.",
    "sharpness": "The sharpness of {better}'s pictures is closer to that of real ones.",
}
# The criteria of quality and variety. The others detect copies, or show why a popular measure misleads.
DECISIVE = (
    "frechet", "kernel", "precision", "recall", "density", "coverage", "two_sample", "digit_kl", "confidence", "sharpness",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One criterion of both models.

    z_score: the GAN's lead in standard errors of the difference; negative when the VAE leads.
    nouns: what the pictures are called. all_ten: whether the models were trained on all ten digits.
    """

    name: str
    gan: Measure
    vae: Measure
    floor: Measure | None
    z_score: float
    nouns: Nouns = DIGITS
    all_ten: bool = True

    @property
    def better(self) -> str:
        """ "GAN", "VAE", or "" when the difference is not significant."""
        return "" if abs(self.z_score) < Z_95 else "GAN" if self.z_score > 0 else "VAE"

    @property
    def lead_words(self) -> str:
        """The size of the difference: "by 12 standard errors"; in other words where neither figure has an error."""
        return (
            f"by {abs(self.z_score):.0f} standard errors" if math.isfinite(self.z_score) else "with no sampling error"
        )

    @property
    def saying(self) -> str:
        """The result in a sentence."""
        if not self.better:
            return "No difference." if self.gan.value == self.vae.value else "The difference is not significant."
        sayings = SAYINGS if self.nouns == DIGITS else SAYINGS_OF_OTHER_CLASSES
        ten = "ten " if self.all_ten else ""
        words = sayings[self.name].format(better=f"the {self.better}", ten=ten, **vars(self.nouns))
        return words[0].upper() + words[1:]


def compare(gan: Verdict, vae: Verdict, floor: Verdict) -> list[Row]:
    """A row for each criterion that both have, in the order of CRITERIA."""
    rows = []
    all_ten = len(gan.classes) == 10 and len(gan.asked) in (0, 10)
    for name in CRITERIA:
        if name in gan and name in vae:
            real = floor[name] if name in floor else None
            rows.append(Row(name, gan[name], vae[name], real, lead(gan[name], vae[name], real), gan.nouns, all_ten))
    return rows


def sentence(rows: Sequence[Row]) -> str:
    """The answer in one sentence, by the decisive criteria."""
    decisive = [row for row in rows if row.name in DECISIVE]
    won = {who: sum(row.better == who for row in decisive) for who in ("GAN", "VAE", "")}
    total = len(decisive)
    ties = f"; {won['']} {'is' if won[''] == 1 else 'are'} not significant" if won[""] else ""
    if won["GAN"] == won["VAE"]:
        return f"Undecided: {won['GAN']} of {total} measures favour each model{ties}."
    first, second = ("VAE", "GAN") if won["VAE"] > won["GAN"] else ("GAN", "VAE")
    pictures = rows[0].nouns.pictures if rows else DIGITS.pictures
    opening = "The paper is right" if first == "VAE" else "Not by these measures"
    return (
        f"{opening}: by {won[first]} of {total} the {first}'s {pictures} are closer to real ones,"
        f" by {won[second]} the {second}'s{ties}."
    )


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

    def words(self, model: str) -> str:
        low, high, share = min(self.values), max(self.values), self.deviation / abs(mean(self.values) or 1)
        differ = "differ significantly" if self.is_significant else "do not differ significantly"
        ratio = (
            f"{self.deviation / self.error:.1f} standard errors of a single seed" if self.error else "no sampling error"
        )
        return (
            f"{model} seeds {differ}: {low:.3g} to {high:.3g} over {len(self.values)} seeds"
            f" (standard deviation {100 * share:.1f}\u00a0% of the mean, {ratio})."
        )


def spread(measures: Sequence[Measure]) -> Spread:
    """Of one criterion: a measure for each seed, two or more."""
    errors = [(each.high - each.low) / 2 / Z_95 for each in measures]
    return Spread(tuple(each.value for each in measures), math.sqrt(mean(error**2 for error in errors)))
