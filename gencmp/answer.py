"""Is the paper right? Two verdicts and the floor -> criterion by criterion, who is better and how surely, in words. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gencmp.measures import CRITERIA, Measure, Verdict, lead

SURE = 1.96  # errors of the difference: 95 %
SAYINGS = {
    "frechet": "As a set, {better}'s digits are nearer to real ones.",
    "kernel": "The same without assuming Gaussians: {better}'s are nearer.",
    "precision": "One digit of {better}'s more often looks like a real one.",
    "recall": "{better} covers more of the ways in which people write.",
    "density": "{better}'s digits lie where real ones are dense.",
    "coverage": "More real digits have a neighbour among {better}'s.",
    "two_sample": "{better}'s digits are harder to tell from real ones.",
    "digit_kl": "{better} draws the ten digits more nearly as often as people do.",
    "missing": "{better} leaves fewer digits out.",
    "confidence": "The judge's certainty about {better}'s digits is nearer to that about real ones.",
    "sharpness": "The sharpness of {better}'s strokes is nearer to that of real ones.",
    "neighbour_pixels": "Their distance to training digits is nearer to that of new digits.",
    "neighbour_features": "The same in the judge's eyes.",
    "copies": "{better} copies fewer training digits.",
    "parzen": "By Parzen windows {better} is better; but they rank blur above real digits, so this is a lesson, not a judgement.",
}
# Those that say whether pictures are good and varied; the others say whether they are copied, or teach a lesson.
DECISIVE = (
    "frechet", "kernel", "precision", "recall", "density", "coverage", "two_sample", "digit_kl", "confidence", "sharpness",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One criterion. errors: by how many standard errors of the difference the GAN leads; negative when the VAE does."""

    name: str
    gan: Measure
    vae: Measure
    floor: Measure | None
    errors: float

    @property
    def better(self) -> str:
        """ "GAN", "VAE", or "" when the difference may be chance."""
        return "" if abs(self.errors) < SURE else "GAN" if self.errors > 0 else "VAE"

    @property
    def saying(self) -> str:
        """The answer in words."""
        if not self.better:
            return (
                "No difference."
                if self.gan.value == self.vae.value
                else "Cannot tell: the difference is within its error."
            )
        words = SAYINGS[self.name].format(better=f"the {self.better}")
        return words[0].upper() + words[1:]


def compare(gan: Verdict, vae: Verdict, floor: Verdict) -> list[Row]:
    """A row for each criterion that both have, in the order of CRITERIA."""
    rows = []
    for name in CRITERIA:
        if name in gan and name in vae:
            real = floor[name] if name in floor else None
            rows.append(Row(name, gan[name], vae[name], real, lead(gan[name], vae[name], real)))
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
    opening = "The paper is right" if first == "VAE" else "Not by these measures"
    return f"{opening}: by {won[first]} of {total} the {first}'s digits are nearer to real ones, by {won[second]} the {second}'s{ties}."


def shown(measure: Measure) -> str:
    """A value with half of its interval's width: "6.83 ± 0.33"."""
    half = (measure.high - measure.low) / 2
    digits = 0 if measure.unit == "digits" else 3 if abs(measure.value) < 1 else 2 if abs(measure.value) < 10 else 1
    value = round(measure.value, digits) + 0.0  # never "-0.000"
    return f"{value:.{digits}f} ± {half:.{digits}f}" if half else f"{value:.{digits}f}"
