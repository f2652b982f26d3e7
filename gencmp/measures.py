"""What a verdict is made of: criteria, measured figures with their intervals, and where they are kept. Imports no torch."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gencmp.config import DATASETS, SHIPPED_DATA, Config
from gencmp.data.fingerprint import recent_fingerprint
from gencmp.files import SHIPPED, home, write_whole

FORMAT = 2  # of kept verdicts: a new way of measuring makes the old ones void
Told = Callable[[float, str], None]  # progress: a share from 0 to 1, and words
COUNT = 10_000  # pictures of each model: as many as MNIST tests with
RESAMPLED = "Bootstrap over pictures, 100 times, 95 %."
PER_IMAGE = "Bootstrap over test pictures, 100 times, 95 %."
BY_WILSON = "Wilson's interval, 95 %."
SURE = 1.96  # errors: 95 %
BLOCKS = "Spread over 20 disjoint blocks, Student's t, 95 %."


@dataclass(frozen=True)
class Criterion:
    """One thing to measure. better: "lower", "higher", or "nearer floor", as near as can be to the value of real digits."""

    name: str
    label: str
    unit: str
    better: str
    how: str
    source: str


CRITERIA = {each.name: each for each in (
    Criterion(
        "frechet", "Fréchet distance", "", "lower",
        f"Between Gaussians fitted to the judge's 64 features of the pictures and of the test digits. {RESAMPLED}", "Heusel et al. 2017",
    ),
    Criterion(
        "kernel", "Kernel distance (KID)", "", "lower",
        f"Unbiased squared MMD, cubic kernel, judge's features; may fall below 0. {BLOCKS}", "Bińkowski et al. 2018",
    ),
    Criterion(
        "precision", "Precision", "share", "higher",
        f"Pictures that lie among test digits: within the distance of one of these to its 5th neighbour. {BY_WILSON}",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "recall", "Recall", "share", "higher",
        f"Test digits that lie among the pictures, by the same rule. {BY_WILSON} It tells of other test digits, not of other pictures:"
        " a single one far off the rest can reach half of the few digits counted here, and the next draw may have none such.",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "density", "Density", "", "higher",
        f"In how many test digits' neighbourhoods a picture lies, over 5; may pass 1. {RESAMPLED}", "Naeem et al. 2020",
    ),
    Criterion(
        "coverage", "Coverage", "share", "higher", f"Test digits with a picture in their neighbourhood. {BY_WILSON}", "Naeem et al. 2020"
    ),
    Criterion(
        "two_sample", "Told apart by nearest neighbour", "share", "nearer floor",
        f"Pictures and test digits whose nearest other is of their own kind: 0.5 if they cannot be told apart, 1 if always. {BY_WILSON}",
        "Lopez-Paz & Oquab 2017",
    ),
    Criterion(
        "digit_kl", "Digit histogram, KL to the data's", "nats", "lower",
        f"From how often the judge sees each digit in the pictures to how often in the test digits. {RESAMPLED}", "ours",
    ),
    Criterion(
        "missing", "Missing digits", "digits", "lower",
        f"Drawn less than a tenth as often as in the data; the interval counts those of which this is sure, and possible. {BY_WILSON}", "ours",
    ),
    Criterion(
        "confidence", "Judge's confidence", "share", "nearer floor",
        f"Mean probability of the digit that the judge names: low between two digits; of what is no digit it says nothing. {RESAMPLED}",
        "after Salimans et al. 2016",
    ),
    Criterion(
        "sharpness", "Sharpness", "1/pixel", "nearer floor",
        f"Length of the grey gradient over ink: blur lowers it, speckle raises it. {RESAMPLED}", "ours",
    ),
    Criterion(
        "neighbour_pixels", "Nearest training digit, in pixels", "grey levels", "nearer floor",
        f"Mean Euclidean distance over 784 pixels in [0, 1], 2,000 pictures; test digits as the floor. Near 0: copied. {RESAMPLED}", "ours",
    ),
    Criterion(
        "neighbour_features", "Nearest training digit, in features", "", "nearer floor",
        f"Mean Euclidean distance in the judge's features, 2,000 pictures; test digits as the floor. {RESAMPLED}", "ours",
    ),
    Criterion(
        "copies", "Copies of training digits", "share", "lower",
        f"Less than half as far, in pixels, from the nearest training digit as from the next 49 on average; 2,000 pictures. {BY_WILSON}",
        "after Carlini et al. 2023",
    ),
    Criterion(
        "parzen", "Parzen-window log likelihood", "nats", "higher",
        "Of test digits under a Gaussian around each picture, its width chosen on other digits. A lesson, not a judgement: it"
        f" rewards blur, and real digits, blurred, score above sharp ones. {PER_IMAGE}",
        "Goodfellow et al. 2014; Theis et al. 2016",
    ),
    Criterion(
        "elbo", "ELBO (IWAE bound, k = 1)", "nats", "higher", f"Of 500 test digits, 1,000 draws each. {PER_IMAGE}", "Kingma & Welling 2014"
    ),
    Criterion("iwae_10", "IWAE bound, k = 10", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_100", "IWAE bound, k = 100", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_1000", "IWAE bound, k = 1000", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("log_p", "log p(x)", "nats", "higher", f"Of the same digits, by quadrature over the latent plane. {PER_IMAGE}", "ours"),
    Criterion(
        "bound_gap", "What the ELBO misses", "nats", "lower", f"log p(x) less the ELBO, digit by digit. {PER_IMAGE}", "ours"
    ),
)}  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """A criterion with its value and 95 % interval from `low` to `high`."""

    name: str
    label: str
    unit: str
    value: float
    low: float
    high: float
    better: str
    how: str
    source: str


def measure(name: str, value: float, low: float, high: float) -> Measure:
    """The figure of a known criterion."""
    known = CRITERIA[name]
    return Measure(name, known.label, known.unit, value, low, high, known.better, known.how, known.source)


@dataclass(frozen=True)
class Verdict:
    """Everything measured of one set of pictures; kind "real" is the floor: training digits in a model's place."""

    model: str
    kind: str
    epoch: int
    key: str  # hash of the weights; empty for real digits
    dataset: str
    count: int
    seed: int
    judge: str  # hash of its weights
    seconds: float
    measures: tuple[Measure, ...]
    digits: tuple[float, ...]  # how often the judge sees each of the ten
    missing: tuple[int, ...]

    def __getitem__(self, name: str) -> Measure:
        return next(each for each in self.measures if each.name == name)

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.measures)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` wrote."""
        lists = {name: tuple(values[name]) for name in ("digits", "missing")}
        return cls(**{**values, **lists, "measures": tuple(Measure(**each) for each in values["measures"])})


def lead(a: Measure, b: Measure, floor: Measure | None = None) -> float:
    """By how many errors of their difference `a` is better than `b`: past 1.96 to one side the difference is no chance
    (95 %), between that nobody can tell. Negative when b is better; infinite when neither has an error.

    floor: the same criterion of real digits, for those that want to be nearer to it; its own error counts too.
    """
    gain = _badness(b, floor) - _badness(a, floor)
    error = math.hypot(_error(a), _error(b), _floor_error(a, b, floor))
    return 0.0 if gain == 0 else gain / error if error else math.copysign(math.inf, gain)


def _error(each: Measure) -> float:
    return (each.high - each.low) / 2 / SURE


def _floor_error(a: Measure, b: Measure, floor: Measure | None) -> float:
    """What the floor's error does to the difference of two distances to it: nothing where both lie surely on one side
    of it, for it moves both alike; else twice itself, for it moves one up as it moves the other down."""
    if floor is None or a.better != "nearer floor":
        return 0.0
    reaches = [SURE * math.hypot(_error(each), _error(floor)) for each in (a, b)]
    above = all(each.value - floor.value > reach for each, reach in zip((a, b), reaches, strict=True))
    below = all(floor.value - each.value > reach for each, reach in zip((a, b), reaches, strict=True))
    return 0.0 if above or below else 2 * _error(floor)


def _badness(each: Measure, floor: Measure | None) -> float:
    if each.better == "nearer floor":
        if floor is None:
            raise ValueError(f"{each.name} is compared with real digits: pass their measure as floor")
        return abs(each.value - floor.value)
    return -each.value if each.better == "higher" else each.value


def untold(share: float, words: str) -> None:
    """Progress that nobody follows."""


# Where they are kept


def file_key(path: Path) -> str:
    """A hash of a file's content, 16 hex digits; empty when there is no file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def judge_folder(dataset: str) -> Path:
    """Where the judge of a data set is: with the shipped models for MNIST, else under the user's home."""
    if dataset == SHIPPED_DATA:
        return SHIPPED / "judge"
    if dataset in DATASETS:
        return home() / "judges" / dataset
    named = hashlib.sha256(f"{dataset}{recent_fingerprint(dataset)}".encode()).hexdigest()[:8]
    return home() / "judges" / f"{Path(dataset).name}-{named}"


def judge_key(dataset: str) -> str:
    """Names the judge's weights; empty when the data set has no judge yet."""
    return file_key(judge_folder(dataset) / "weights.safetensors")


def kept_verdict(key: str, dataset: str, count: int = COUNT, seed: int = 0) -> Verdict | None:
    """The verdict on the weights with this `file_key`, if the same judge has given it before; a damaged one is none."""
    for folder in (home() / "verdicts", SHIPPED / "verdicts"):
        try:
            return Verdict.from_dict(
                json.loads((folder / _name(key, judge_key(dataset), count, seed)).read_text("utf-8"))
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def kept_judgement(
    key: str, config: Config, count: int = COUNT, seed: int = 0
) -> tuple[Verdict | None, Verdict | None]:
    """The verdict on the weights of this hash, and the floor of their data, where they are known already."""
    return kept_verdict(key, config.dataset, count, seed), kept_verdict(floor_key(config), config.dataset, count)


def floor_key(config: Config) -> str:
    """Names the data a floor belongs to, whatever the limit on training."""
    data = (config.dataset, config.classes, *filter(None, [recent_fingerprint(config.dataset)]))
    return f"real-{hashlib.sha256(repr(data).encode()).hexdigest()[:16]}"


def keep_verdict(verdict: Verdict, key: str, asked: int) -> None:
    """key: what to find it by. asked: the count that was asked for, of which a small data set may give less."""
    write_whole(
        home() / "verdicts" / _name(key, verdict.judge, asked, verdict.seed), json.dumps(verdict.to_dict()).encode()
    )


def _name(key: str, judge: str, count: int, seed: int) -> str:
    return f"{FORMAT}-{key}-{judge}-{count}-{seed}.json"
