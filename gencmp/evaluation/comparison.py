"""Is the paper right? Two verdicts and the floor -> criterion by criterion, who is better and how surely, in words. No torch."""

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
    "frechet": "As a set, {better}'s {pictures} are nearer to real ones.",
    "kernel": "The same without assuming Gaussians: {better}'s are nearer.",
    "precision": "One {picture} of {better}'s more often looks like a real one.",
    "recall": "{better} covers more of the ways in which people write.",
    "density": "{better}'s {pictures} lie where real ones are dense.",
    "coverage": "More real {pictures} have a neighbour among {better}'s.",
    "two_sample": "{better}'s {pictures} are harder to tell from real ones.",
    "digit_kl": "{better} draws the {ten}digits more nearly as often as people do.",
    "missing": "{better} leaves fewer {classes} out.",
    "confidence": "The judge's certainty about {better}'s {pictures} is nearer to that about real ones.",
    "sharpness": "The sharpness of {better}'s strokes is nearer to that of real ones.",
    "neighbour_pixels": "Their distance to training {pictures} is nearer to that of new {pictures}.",
    "neighbour_features": "The same in the judge's eyes.",
    "copies": "{better} copies fewer training {pictures}.",
    "parzen": (
        "By Parzen windows {better} is better; but they reward blur (real {pictures}, blurred, score above sharp ones):"
        " a lesson, no judgement."
    ),
}
OF_NO_DIGITS = SAYINGS | {
    "recall": "{better} covers more of the variety of real pictures.",
    "digit_kl": "{better} draws the classes more nearly as often as they occur.",
    "sharpness": "The sharpness of {better}'s pictures is nearer to that of real ones.",
}
# Those that say whether pictures are good and varied; the others say whether they are copied, or teach a lesson.
DECISIVE = (
    "frechet", "kernel", "precision", "recall", "density", "coverage", "two_sample", "digit_kl", "confidence", "sharpness",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One criterion. errors: by how many standard errors of the difference the GAN leads; negative when the VAE does.

    nouns: what the pictures are called. all_ten: whether every digit was asked for.
    """

    name: str
    gan: Measure
    vae: Measure
    floor: Measure | None
    errors: float
    nouns: Nouns = DIGITS
    all_ten: bool = True

    @property
    def better(self) -> str:
        """ "GAN", "VAE", or "" when the difference may be chance."""
        return "" if abs(self.errors) < Z_95 else "GAN" if self.errors > 0 else "VAE"

    @property
    def how_sure(self) -> str:
        """The difference in words: "12 errors"."""
        return f"{abs(self.errors):.0f} errors" if math.isfinite(self.errors) else "beyond doubt"

    @property
    def saying(self) -> str:
        """The answer in words."""
        if not self.better:
            return (
                "No difference."
                if self.gan.value == self.vae.value
                else "Cannot tell: the difference is within its error."
            )
        sayings = SAYINGS if self.nouns == DIGITS else OF_NO_DIGITS
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
    ties = f"; {won['']} cannot tell" if won[""] else ""
    if won["GAN"] == won["VAE"]:
        return f"Neither way: {won['GAN']} of {total} measures favour each{ties}."
    first, second = ("VAE", "GAN") if won["VAE"] > won["GAN"] else ("GAN", "VAE")
    pictures = rows[0].nouns.pictures if rows else DIGITS.pictures
    opening = "The paper is right" if first == "VAE" else "Not by these measures"
    return f"{opening}: by {won[first]} of {total} the {first}'s {pictures} are nearer to real ones, by {won[second]} the {second}'s{ties}."


def shown(measure: Measure) -> str:
    """A value with half of its interval's width: "6.83 ± 0.33"; one at an end of it with the other end: "0 (at most 0.002)"."""
    half = (measure.high - measure.low) / 2
    digits = _digits(measure, half)
    if half and measure.value == measure.low:
        return f"{measure.value:g} (at most {measure.high:.{digits}f})"
    if half and measure.value == measure.high:
        return f"{measure.value:g} (at least {measure.low:.{digits}f})"
    value = round(measure.value, digits) + 0.0  # never "-0.000"
    return f"{value:.{digits}f} ± {half:.{digits}f}" if half else f"{value:.{digits}f}"


def _digits(measure: Measure, half: float) -> int:
    """After the point: as many as suit the value, and more where its error would be written as 0."""
    size = abs(measure.value)
    fewest = 0 if measure.name == "missing" else 3 if size < 1 else 2 if size < 10 else 1
    return next((digits for digits in range(fewest, 9) if round(half, digits)), fewest)


# Seeds


@dataclass(frozen=True)
class Spread:
    """One criterion of one model trained from several seeds. error: the standard error of one seed's figure, from its
    interval: what other pictures of the very same model would change."""

    values: tuple[float, ...]
    error: float

    @property
    def deviation(self) -> float:
        return stdev(self.values)

    @property
    def fans_out(self) -> bool:
        """The seeds lie farther apart than their errors alone would put them (χ² test, 95 %)."""
        return (len(self.values) - 1) * self.deviation**2 > _chi_square(len(self.values) - 1) * self.error**2

    def words(self, model: str) -> str:
        """A sentence."""
        low, high, share = min(self.values), max(self.values), self.deviation / abs(mean(self.values) or 1)
        first = f"{model} seeds {'fan out' if self.fans_out else 'coincide'}: {low:.3g} to {high:.3g}"
        error = f"{self.deviation / self.error:.1f} times the error of a single seed" if self.error else "without error"
        chance = "" if self.fans_out else ", no more than chance gives"
        return f"{first} over {len(self.values)} seeds, a standard deviation of {100 * share:.1f}\u00a0% of their mean, {error}{chance}."


def spread(measures: Sequence[Measure]) -> Spread:
    """Of the same criterion, one measure a seed, two or more."""
    errors = [(each.high - each.low) / 2 / Z_95 for each in measures]
    return Spread(tuple(each.value for each in measures), math.sqrt(mean(error**2 for error in errors)))
