"""What is measured of a model: each criterion with how it is found, in the words for the data at hand. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from gencmp.data.classes import DIGITS, Nouns

RESAMPLED = "Bootstrap over pictures, 100 times, 95 %."
PER_IMAGE = "Bootstrap over test pictures, 100 times, 95 %."
BY_WILSON = "Wilson's interval, 95 %."
IN_BLOCKS = "Spread over {blocks} disjoint blocks, Student's t, 95 %."
NEIGHBOUR_PICTURES = 2000  # whose nearest training pictures are looked up: 94 billion multiplications
NEIGHBOURS = 50  # Carlini et al. 2023, section 5.1
BLOCKS = 20  # of the kernel distance
LIKELIHOOD_IMAGES = 500


@dataclass(frozen=True)
class Criterion:
    """One thing to measure. better: "lower", "higher", or "nearer floor", as near as can be to the value of real pictures."""

    name: str
    label: str
    unit: str
    better: str
    how: str
    source: str


@dataclass(frozen=True)
class Used:
    """How many were looked at: less than these of a small data set."""

    near: int = NEIGHBOUR_PICTURES  # pictures whose nearest training pictures are looked up
    others: int = NEIGHBOURS - 1  # that the nearest one is compared with
    blocks: int = BLOCKS
    bounded: int = LIKELIHOOD_IMAGES


OF_MANY = Used()


def used_of(count: int, training: int, bounded: int = LIKELIHOOD_IMAGES) -> Used:
    """Of `count` pictures against as many, and so many training pictures; bounded: the most whose likelihood is bounded."""
    return Used(
        near=min(NEIGHBOUR_PICTURES, count), others=min(NEIGHBOURS, training) - 1,
        blocks=min(BLOCKS, count // block_of(count)), bounded=min(bounded, count),
    )  # fmt: skip


def block_of(count: int) -> int:
    """Pictures in a block of the kernel distance, so that there are 20 blocks; of fewer than 40 pictures there are 10 or more."""
    return max(2, count // BLOCKS)


_TEMPLATES = (
    Criterion(
        "frechet", "Fréchet distance", "", "lower",
        f"Between Gaussians fitted to the judge's 64 features of the pictures and of the test {{pictures}}. {RESAMPLED}", "Heusel et al. 2017",
    ),
    Criterion(
        "kernel", "Kernel distance (KID)", "", "lower",
        f"Unbiased squared MMD, cubic kernel, judge's features; may fall below 0. {IN_BLOCKS}", "Bińkowski et al. 2018",
    ),
    Criterion(
        "precision", "Precision", "share", "higher",
        f"Pictures that lie among test {{pictures}}: within the distance of one of these to its 5th neighbour. {BY_WILSON}",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "recall", "Recall", "share", "higher",
        f"Test {{pictures}} that lie among the pictures, by the same rule. {BY_WILSON} It tells of other test {{pictures}}, not of other"
        " pictures: a single one far off the rest can reach half of the few {pictures} counted here, and the next draw may have none such.",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "density", "Density", "", "higher",
        f"In how many test {{pictures}}' neighbourhoods a picture lies, over 5; may pass 1. {RESAMPLED}", "Naeem et al. 2020",
    ),
    Criterion(
        "coverage", "Coverage", "share", "higher", f"Test {{pictures}} with a picture in their neighbourhood. {BY_WILSON}",
        "Naeem et al. 2020",
    ),
    Criterion(
        "two_sample", "Told apart by nearest neighbour", "share", "nearer floor",
        f"Pictures and test {{pictures}} whose nearest other is of their own kind: 0.5 if they cannot be told apart, 1 if always. {BY_WILSON}",
        "Lopez-Paz & Oquab 2017",
    ),
    Criterion(
        "digit_kl", "{Class} histogram, KL to the data's", "nats", "lower",
        f"From how often the judge sees each {{class_}} in the pictures to how often in the test {{pictures}}. {RESAMPLED}", "ours",
    ),
    Criterion(
        "missing", "Missing {classes}", "{classes}", "lower",
        f"Drawn less than a tenth as often as in the data; the interval counts those of which this is sure, and possible. {BY_WILSON}", "ours",
    ),
    Criterion(
        "confidence", "Judge's confidence", "share", "nearer floor",
        f"Mean probability of the {{class_}} that the judge names: low between two {{classes}}; of what is {{no_class}} it says nothing."
        f" {RESAMPLED}",
        "after Salimans et al. 2016",
    ),
    Criterion(
        "sharpness", "Sharpness", "1/pixel", "nearer floor",
        f"Length of the grey gradient over ink: blur lowers it, speckle raises it. {RESAMPLED}", "ours",
    ),
    Criterion(
        "neighbour_pixels", "Nearest training {picture}, in pixels", "grey levels", "nearer floor",
        f"Mean Euclidean distance over 784 pixels in [0, 1], {{near:,}} pictures; test {{pictures}} as the floor. Near 0: copied. {RESAMPLED}",
        "ours",
    ),
    Criterion(
        "neighbour_features", "Nearest training {picture}, in features", "", "nearer floor",
        f"Mean Euclidean distance in the judge's features, {{near:,}} pictures; test {{pictures}} as the floor. {RESAMPLED}", "ours",
    ),
    Criterion(
        "copies", "Copies of training {pictures}", "share", "lower",
        "Less than half as far, in pixels, from the nearest training {picture} as from the next {others} on average; {near:,} pictures."
        f" {BY_WILSON}",
        "after Carlini et al. 2023",
    ),
    Criterion(
        "parzen", "Parzen-window log likelihood", "nats", "higher",
        "Of test {pictures} under a Gaussian around each picture, its width chosen on other {pictures}. A lesson, not a judgement: it"
        f" rewards blur, and real {{pictures}}, blurred, score above sharp ones. {PER_IMAGE}",
        "Goodfellow et al. 2014; Theis et al. 2016",
    ),
    Criterion(
        "elbo", "ELBO (IWAE bound, k = 1)", "nats", "higher", f"Of {{bounded:,}} test {{pictures}}, 1,000 draws each. {PER_IMAGE}",
        "Kingma & Welling 2014",
    ),
    Criterion("iwae_10", "IWAE bound, k = 10", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_100", "IWAE bound, k = 100", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_1000", "IWAE bound, k = 1000", "nats", "higher", f"From the same draws. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("log_p", "log p(x)", "nats", "higher", f"Of the same {{pictures}}, by quadrature over the latent plane. {PER_IMAGE}", "ours"),
    Criterion(
        "bound_gap", "What the ELBO misses", "nats", "lower", f"log p(x) less the ELBO, {{picture}} by {{picture}}. {PER_IMAGE}", "ours"
    ),
)  # fmt: skip


@lru_cache(maxsize=64)
def criteria(nouns: Nouns = DIGITS, used: Used = OF_MANY) -> dict[str, Criterion]:
    """All criteria by name, in the words for these data and with the counts that were used."""
    words = vars(nouns) | vars(used) | {"Class": nouns.class_.capitalize()}

    def told(each: Criterion) -> Criterion:
        return replace(each, **{part: getattr(each, part).format(**words) for part in ("label", "unit", "how")})

    return {each.name: told(each) for each in _TEMPLATES}


CRITERIA = criteria()
