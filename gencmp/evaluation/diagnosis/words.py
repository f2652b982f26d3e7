"""A finding in words: what it is, what it means, what to try, and the changes of settings that do it. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.data.arrays import SIDE
from gencmp.data.classes import Nouns
from gencmp.evaluation.diagnosis.rules import ILLNESSES, Finding

PIXELS = SIDE * SIDE
LOWER = 10  # the usual factor by which to lower a learning rate


@dataclass(frozen=True)
class Diagnosis:
    """A finding for people. Terms of the glossary stand in brackets, as in ui/glossary/explain.py.

    level: "ill", "note" or "well". since: its first epoch.
    changes: settings that may cure it, by name; empty where there is nothing to change.
    """

    name: str
    level: str
    since: int
    sentence: str
    meaning: str
    advice: str
    changes: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The whole in plain words, without marks."""
        whole = f"{self.sentence} {self.meaning} {self.advice}"
        return "".join(part.split("|")[0] for part in whole.replace("[", "\0").replace("]", "\0").split("\0")).strip()


def in_words(finding: Finding, config: Mapping[str, Any], nouns: Nouns) -> Diagnosis:
    """config: the run's settings at present."""
    level = "ill" if finding.name in ILLNESSES else "well" if finding.name == "healthy" else "note"
    sentence, meaning, advice = (text.format(**_filled(finding, nouns)) for text in WORDS[finding.name])
    cure = CURES.get(finding.name)
    changes = cure(config) if cure else {}
    changed = {name: value for name, value in changes.items() if config.get(name) != value}
    return Diagnosis(finding.name, level, finding.since, sentence, meaning, advice, changed)


def _filled(finding: Finding, nouns: Nouns) -> dict[str, Any]:
    figures = {name: f"{value:.2f}" for name, value in finding.figures.items()}
    counts = {name: f"{finding.figures[name]:.0f}" for name in COUNTS if name in finding.figures}
    recognised = {"recognised": f"{finding.figures['recognised']:.0%}"} if "recognised" in finding.figures else {}
    alike = (
        f", and samples differ {finding.figures['variety']:.0%} as much as real ones" if "variety" in figures else ""
    )
    return vars(nouns) | figures | counts | recognised | {"since": finding.since, "alike": alike}


COUNTS = ("missing", "unused", "size", "epochs")

WORDS: dict[str, tuple[str, str, str]] = {
    "healthy": ("Healthy:", "no known trouble shows in its losses, samples and checkups.", ""),
    "diverged": (
        "Diverged since epoch {since}.",
        "The steps are too large: each one overshoots, and the loss grows instead of falling.",
        "Go on from an earlier epoch with a lower learning rate.",
    ),
    "discriminator_won": (
        "The [discriminator|D] has won since epoch {since}: [D(x)] {d_real}, [D(G(z))] {d_fake}.",
        "It is almost never wrong, so its [gradient] tells the [generator|G] little about what to change.",
        "Slow D down: one step for each of G's, and a learning rate no higher than G's.",
    ),
    "discriminator_asleep": (
        "The [discriminator|D] is asleep since epoch {since}: [D(x)] {d_real}, [D(G(z))] {d_fake}, and {recognised} of the samples"
        " are recognised.",
        "It cannot tell real {pictures} from noise, so the [generator|G] learns nothing from it.",
        "Let D learn as fast as G.",
    ),
    "mode_collapse": (
        "[Mode collapse] since epoch {since}: {missing} {classes} missing{alike}.",
        "G has found a few pictures that fool D, and draws little else.",
        "Lower G's learning rate, or give D more steps for each of G's.",
    ),
    "discriminator_memorises": (
        "The [discriminator|D] has learnt its training {pictures} by heart since epoch {since}: [D(x)] is {d_train} for them, and"
        " {d_test} for test {pictures}.",
        "It recognises single {pictures} instead of what makes them real, and G is pushed to copy.",
        "Train on more {pictures}, or use more [dropout] in D.",
    ),
    "posterior_collapse": (
        "[Posterior collapse|collapsed] since epoch {since}: the [KL] is {kl} [nats].",
        "The latent numbers tell the decoder nothing, so it draws the mean of all {pictures}.",
        "Give the KL less weight: a lower [β].",
    ),
    "vae_memorises": (
        "It has learnt its training {pictures} by heart since epoch {since}: their [negative ELBO] is {trained} [nats], that of test"
        " {pictures} {tested}.",
        "It stores single {pictures} instead of what they have in common.",
        "Train on more {pictures}, or stop at an earlier epoch.",
    ),
    "unused_latents": (
        "{unused} of {size} latent numbers carry no information since epoch {since}.",
        "The decoder does without them: the [KL] costs more there than it gains in [reconstruction].",
        "A smaller latent size would do as well.",
    ),
    "plateau": (
        "Little is gained since epoch {since}: {gain} [nats] in {epochs} epochs.",
        "The test loss has nearly reached what these networks can do.",
        "Stop here, or compare with wider networks or more latent numbers.",
    ),
}  # fmt: skip


def _slow_discriminator(config: Mapping[str, Any]) -> dict[str, Any]:
    rate = min(config["discriminator_learning_rate"], config["generator_learning_rate"])
    return {"discriminator_steps": 1, "discriminator_learning_rate": rate}


def _lower_rates(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float(f"{value / LOWER:.3g}") for name, value in config.items() if name.endswith("learning_rate")}


def _less_beta(config: Mapping[str, Any]) -> dict[str, Any]:
    """The weight that makes the two terms of equal rank: 1, or 1 by the number of pixels where the reconstruction is averaged
    over them; a tenth of the present one if that is lower."""
    fair = 1 / PIXELS if config["reduction"] == "pixel_mean" else 1.0
    return {"beta": float(f"{fair if config['beta'] > fair else config['beta'] / LOWER:.3g}")}


CURES: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "diverged": _lower_rates,
    "discriminator_won": _slow_discriminator,
    "discriminator_asleep": lambda config: {"discriminator_learning_rate": config["generator_learning_rate"]},
    "mode_collapse": lambda config: {
        "generator_learning_rate": float(f"{config['generator_learning_rate'] / LOWER:.3g}")
    },
    "discriminator_memorises": lambda config: {"discriminator_dropout": max(0.3, config["discriminator_dropout"])},
    "posterior_collapse": _less_beta,
}
