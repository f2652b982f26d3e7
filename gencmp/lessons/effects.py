"""The effect that each lesson with runs shows, how small its runs may be, and how large and long they are in full. Imports no torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from gencmp.lessons.lesson import Results
from gencmp.settings.configs import Config, GanConfig


@dataclass(frozen=True)
class Effect:
    """words: what is asserted. figures: names in history.FIGURES, which is_seen needs.

    smallest: changed settings with which a run still shows it. full: those of an experiment without haste.
    """

    words: str
    figures: tuple[str, ...]
    is_seen: Callable[[Results], bool]
    smallest: Mapping[str, Any]
    full: Mapping[str, Any]


ALL = {"limit": 0, "epochs": 20}  # every digit of MNIST
TINY = {"limit": 6000, "epochs": 6}


def _rise(results: Results, figure: str, *keys: str) -> bool:
    """Whether a figure rises from each variant to the next."""
    values = [results[key][figure] for key in keys]
    return all(low < high for low, high in pairwise(values))


EFFECTS = {
    "balance": Effect(
        "Digits are worse where D only guesses, and where it is far too strong, than between the two.",
        ("apart", "frechet"),
        lambda r: (
            _rise(r, "apart", "lenient", "equal", "strong")
            and min(r[key]["frechet"] for key in ("lenient", "too_strong")) > r["strong"]["frechet"]
        ),
        TINY,
        ALL,
    ),
    "positions": Effect(
        "Both models learn that digits may stand anywhere: theirs have more than half of the spread of real ones.",
        ("share",),
        lambda r: min(each["share"] for each in r.values()) > 0.5,
        {"limit": 10_000, "epochs": 8},
        ALL,
    ),
    "layers": Effect(
        "The best of four sizes has a clearly smaller Fréchet distance than the worst.",
        ("frechet",),
        lambda r: max(each["frechet"] for each in r.values()) > 1.1 * min(each["frechet"] for each in r.values()),
        TINY,
        ALL,
    ),
    "activations": Effect(
        "The activation matters: the best of four has a clearly smaller Fréchet distance than the worst.",
        ("frechet",),
        lambda r: max(each["frechet"] for each in r.values()) > 1.1 * min(each["frechet"] for each in r.values()),
        TINY,
        ALL,
    ),
    "rates": Effect(
        "A D ten times slower tells less, and equal rates draw better digits than either.",
        ("apart", "frechet"),
        lambda r: (
            r["slow"]["apart"] < min(r[key]["apart"] for key in ("equal", "fast"))
            and r["equal"]["frechet"] < min(r[key]["frechet"] for key in ("slow", "fast"))
        ),
        TINY,
        ALL,
    ),
    "dropout": Effect(
        "D knows its training digits by heart most without dropout.",
        ("by_heart",),
        lambda r: r["none"]["by_heart"] > max(r[key]["by_heart"] for key in ("paper", "more")),
        {"limit": 100, "batch_size": 5, "epochs": 40},
        {"epochs": 200},
    ),
    "latent": Effect(
        "Reconstructions get better with each size from 1 number to 8.",
        ("reconstruction",),
        lambda r: _rise(r, "reconstruction", "eight", "two", "one"),
        TINY,
        ALL,
    ),
    "bound": Effect(
        "The VAE's loss and the distance of its digits fall together.",
        ("tracks",),
        lambda r: r["vae"]["tracks"] >= 0.7,
        TINY,
        ALL,
    ),
}


IMAGES, TESTS = 60_000, 10_000  # of MNIST
CHECKUP = 0.5  # seconds


def expected_seconds(config: Config, milliseconds: Mapping[str, float]) -> float:
    """How long such a run takes, roughly: other networks than the paper's are taken to be as fast as those.

    milliseconds: that a step of each kind takes, as `gencmp bench train` measures them.
    """
    turns = (config.discriminator_steps + config.generator_steps) / 2 if isinstance(config, GanConfig) else 1
    steps = math.ceil(min(config.limit or IMAGES, IMAGES) / config.batch_size) * turns
    tested = TESTS / 64 / 3  # the test set after every epoch: only forward, a third of a step's arithmetic
    return config.epochs * (
        (steps + tested) * milliseconds[config.kind] / 1000 + CHECKUP / 5
    )  # one in five epochs at least
