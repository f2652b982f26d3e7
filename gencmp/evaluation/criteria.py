"""What is measured of a model: each criterion and its method, in words that fit the data. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from gencmp.data.classes import DIGITS, Nouns

RESAMPLED = "95 % bootstrap interval: pictures resampled 100 times."
LEFT_OUT = "95 % interval over both sets: each of 20 blocks of either left out once (jackknife)."
HALVED = "95 % interval over both sets, from {halves} random halves of them, widened by a fifth for outliers."
HALVES = 100  # their standard deviation is itself sure to 7 %
PER_IMAGE = "95 % bootstrap interval: test pictures resampled 100 times."
BY_WILSON = "95 % Wilson interval."
IN_BLOCKS = "95 % Student's t interval over {blocks} disjoint blocks."
NEIGHBOUR_PICTURES = 2000  # nearest training pictures are searched for this many: 94 billion multiplications
NEIGHBOURS = 50  # Carlini et al. 2023, section 5.1
BLOCKS = 20  # of the kernel distance
LIKELIHOOD_IMAGES = 500
POOL = 10_000


@dataclass(frozen=True)
class Criterion:
    """One thing to measure. better: "lower", "higher", or "nearer floor": the closer to the value of real pictures, the better."""

    name: str
    label: str
    unit: str
    better: str
    how: str
    source: str


@dataclass(frozen=True)
class Used:
    """How many pictures or blocks a verdict used; a small data set allows fewer than these defaults."""

    near: int = NEIGHBOUR_PICTURES  # pictures whose nearest training pictures are searched
    others: int = NEIGHBOURS - 1  # next neighbours that the nearest one is compared with
    blocks: int = BLOCKS
    bounded: int = LIKELIHOOD_IMAGES  # test pictures whose likelihood is bounded
    pool: int = POOL  # training pictures among which other judges than the first seek the nearest


OF_MANY = Used()


def used_of(count: int, training: int, bounded: int = LIKELIHOOD_IMAGES) -> Used:
    """The counts for `count` pictures against as many test pictures and `training` training pictures; bounded: an upper limit."""
    return Used(
        near=min(NEIGHBOUR_PICTURES, count), others=min(NEIGHBOURS, training) - 1,
        blocks=min(BLOCKS, count // block_of(count)), bounded=min(bounded, count), pool=min(POOL, training),
    )  # fmt: skip


def block_of(count: int) -> int:
    """Pictures in one block of the kernel distance. That makes 20 blocks; 10 to 19 where there are fewer than 40 pictures."""
    return max(2, count // BLOCKS)


_TEMPLATES = (
    Criterion(
        "legible", "Legible {pictures}", "share", "higher",
        "Pictures in which two judges of different architectures see the same {class_}, each with a confidence above 0.9, and which"
        f" are no farther from a test {{picture}} than 999 of 1,000 of these from one another: judges are sure of noise, too."
        f" {BY_WILSON}", "ours",
    ),
    Criterion(
        "unrecognised", "{Pictures} not recognised", "share", "lower",
        f"Pictures of which neither of these two judges is more than 0.9 sure, or which are farther away than that. {BY_WILSON}", "ours",
    ),
    Criterion(
        "confidence", "Judge's confidence", "share", "nearer floor",
        f"Mean probability of the {{class_}} that the judge names: low between two {{classes}}. It means nothing for a picture that is {{no_class}}."
        f" {RESAMPLED}",
        "after Salimans et al. 2016",
    ),
    Criterion(
        "precision", "Precision", "share", "higher",
        f"Generated pictures within the neighbourhood of a test {{picture}}: closer to it than its 5th nearest test {{picture}}. {HALVED}",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "density", "Density", "", "higher",
        f"Number of test {{pictures}} whose neighbourhood contains a generated picture, divided by 5; can exceed 1. {HALVED}", "Naeem et al. 2020",
    ),
    Criterion(
        "edges", "Sharp edges", "", "nearer floor",
        "How much the grey changes across the edge of the largest piece, from the pixel on one side to that on the other; 1 is from"
        f" background to full ink. Specks do not count. {RESAMPLED}", "ours",
    ),
    Criterion(
        "blur", "Grey share of ink", "share", "nearer floor",
        f"Of the pixels with more than a tenth of ink, those with less than nine tenths. {RESAMPLED}", "ours",
    ),
    Criterion(
        "specks", "{Pictures} with specks", "share", "nearer floor",
        f"Pictures with a piece of 1 to 4 pixels that stands out from all around it; blur makes none. {BY_WILSON}", "ours",
    ),
    Criterion(
        "pieces", "Connected pieces", "", "nearer floor",
        f"Mean number of connected pieces of ink, faint ones too. {RESAMPLED}", "ours",
    ),
    Criterion(
        "recall", "Recall", "share", "higher",
        "Test {pictures} within the neighbourhood of a generated picture: closer to it than its 5th nearest generated picture."
        f" {HALVED}",
        "Kynkäänniemi et al. 2019",
    ),
    Criterion(
        "coverage", "Coverage", "share", "higher", f"Test {{pictures}} with a generated picture in their neighbourhood. {HALVED}",
        "Naeem et al. 2020",
    ),
    Criterion(
        "digit_kl", "{Class} histogram, KL from the data's", "nats", "lower",
        f"KL(generated || test) of how often the judge sees each {{class_}}. {RESAMPLED}", "ours",
    ),
    Criterion(
        "missing", "Missing {classes}", "{classes}", "lower",
        "Drawn less than a tenth as often as in the data. The interval runs from those that are certainly missing to those that may be."
        f" {BY_WILSON}", "ours",
    ),
    Criterion(
        "copies", "Copies of training {pictures}", "share", "lower",
        "Less than half as far, in pixels, from the nearest training {picture} as from the next {others} on average; {near:,} pictures."
        f" {BY_WILSON}",
        "after Carlini et al. 2023",
    ),
    Criterion(
        "frechet", "Fréchet distance", "", "lower",
        "Between Gaussians fitted to the judge's 64 features of the generated pictures and of the test {pictures}; in pixels and"
        f" gradients, to their 64 leading principal components. {LEFT_OUT}",
        "Heusel et al. 2017",
    ),
    Criterion(
        "kernel", "Kernel distance (KID)", "", "lower",
        f"Unbiased squared MMD with a cubic kernel on the judge's features; can be negative. {IN_BLOCKS}", "Bińkowski et al. 2018",
    ),
    Criterion(
        "two_sample", "1-nearest-neighbour two-sample test", "share", "nearer floor",
        "Generated pictures and test {pictures} whose nearest neighbour is of the same set: 0.5 if the sets are indistinguishable,"
        f" 1 if they are separate. {HALVED}",
        "Lopez-Paz & Oquab 2017",
    ),
    Criterion(
        "sharpness", "Sharpness", "1/pixel", "nearer floor",
        "Summed length of the grey gradient, divided by the ink. Shown as a warning: specks count as edges, so that blurred"
        f" {{pictures}} with specks pass for sharp ones; see sharp edges. {RESAMPLED}", "ours",
    ),
    Criterion(
        "neighbour_pixels", "Nearest training {picture}, in pixels", "grey levels", "nearer floor",
        "Mean Euclidean distance over 784 pixels in [0, 1], {near:,} pictures; the floor is measured on test {pictures}. Near 0: copied."
        f" {RESAMPLED}",
        "ours",
    ),
    Criterion(
        "neighbour_features", "Nearest training {picture}, in features", "", "nearer floor",
        f"Mean Euclidean distance in the judge's features, {{near:,}} pictures; the floor is measured on test {{pictures}}. The other"
        f" judges and spaces seek among {{pool:,}} training {{pictures}} only. {RESAMPLED}", "ours",
    ),
    Criterion(
        "parzen", "Parzen-window log likelihood", "nats", "higher",
        "Of test {pictures} under a Gaussian around each generated picture; the width is chosen on held-out {pictures}. Shown as a warning:"
        f" it rewards blur (Theis et al. 2016). {PER_IMAGE}",
        "Goodfellow et al. 2014; Theis et al. 2016",
    ),
    Criterion(
        "elbo", "ELBO (IWAE bound, k = 1)", "nats", "higher", f"Of {{bounded:,}} test {{pictures}}, 1,000 samples each. {PER_IMAGE}",
        "Kingma & Welling 2014",
    ),
    Criterion("iwae_10", "IWAE bound, k = 10", "nats", "higher", f"From the same samples. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_100", "IWAE bound, k = 100", "nats", "higher", f"From the same samples. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("iwae_1000", "IWAE bound, k = 1000", "nats", "higher", f"From the same samples. {PER_IMAGE}", "Burda et al. 2016"),
    Criterion("log_p", "log p(x)", "nats", "higher", f"Of the same {{pictures}}, by quadrature over the latent plane. {PER_IMAGE}", "ours"),
    Criterion(
        "bound_gap", "Gap between ELBO and log p(x)", "nats", "lower", f"log p(x) minus the ELBO of each {{picture}}, averaged. {PER_IMAGE}", "ours"
    ),
)  # fmt: skip


@lru_cache(maxsize=64)
def criteria(nouns: Nouns = DIGITS, used: Used = OF_MANY) -> dict[str, Criterion]:
    """All criteria by name, worded for these data and counts."""
    words = vars(nouns) | vars(used) | {
        "Class": nouns.class_.capitalize(), "Pictures": nouns.pictures.capitalize(), "halves": HALVES,
    }  # fmt: skip

    def worded(each: Criterion) -> Criterion:
        return replace(each, **{part: getattr(each, part).format(**words) for part in ("label", "unit", "how")})

    return {each.name: worded(each) for each in _TEMPLATES}


CRITERIA = criteria()
