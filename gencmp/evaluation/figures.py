"""All figures of one set of pictures, each with its interval and in every space that it needs."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from gencmp.evaluation.criteria import BLOCKS, CRITERIA, NEIGHBOUR_PICTURES, NEIGHBOURS, block_of
from gencmp.evaluation.intervals import exact, wilson
from gencmp.evaluation.judges.judge import Judged
from gencmp.evaluation.measures import Z_95, Measure, Reading, measure
from gencmp.evaluation.measuring.bootstrap import bootstrap, interval
from gencmp.evaluation.measuring.distances import (
    MISSING,
    divergence,
    frechet,
    frechet_error,
    kernel_distances,
    missing,
    parzen,
    parzen_width,
    shares,
    sharpness,
)
from gencmp.evaluation.measuring.neighbours import OVERLAPS, copies, nearest, overlap_with_errors
from gencmp.evaluation.measuring.strokes import strokes
from gencmp.evaluation.real_digits import Real
from gencmp.evaluation.side_by_side import side_by_side
from gencmp.evaluation.spaces import Space, View, are_near
from gencmp.progress import Progress, no_progress, within

PARZEN_WIDTHS = torch.logspace(-1, 0, 46)  # Goodfellow's own script tries ten of these, too coarse for our models
FEW = 10  # hits or misses: up to here the interval of a share is the exact one, which is slower
SURE = 0.9  # a judge recognises a picture when it is surer than this
# Where a few real outliers hold many pictures, an error is itself unsure, and too small where the set lacks them: in fresh
# draws of both sides the spread of the VAE's precision was 1.2 times the mean error (`gencmp bench intervals`)
WIDER = 1.2
# two judges of different architectures, who must both recognise a picture
BOTH = (("convnet-0", "lenet-0"), ("convnet-1", "lenet-1"), ("convnet-2", "lenet-0"))
# 97.5 % quantiles of Student's t for means of 10, 11, ... 20 values: half-width of a 95 % interval in standard errors
STUDENT = (2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093)

Views = Mapping[str, View]
Draws = Callable[[str], torch.Generator]


def draws_of(seed: int) -> Draws:
    """A separate generator for each figure, by its name, so that adding or changing one figure does not affect others."""

    def draws(name: str) -> torch.Generator:
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    return draws


def views_of(images: Tensor, real: Real, progress: Progress = no_progress) -> dict[str, View]:
    """Pictures, uint8 [n, 784], in every space."""
    size = 1 / len(real.spaces)
    return {
        space.name: space.view(images, within(progress, place * size, (place + 1) * size))
        for place, space in enumerate(real.spaces)
    }


def figures(images: Tensor, views: Views, real: Real, draws: Draws, progress: Progress = no_progress) -> list[Measure]:
    """All measures of pictures, uint8 [n, 784], but those that need the training pictures or the model."""
    tasks: dict[str, Callable[[], list[Any]]] = {
        space.name: partial(list, _in_space(space, views[space.name], real, draws))
        for space in reversed(real.spaces)  # the spaces without a network, which take longest, first
    }
    tasks |= {"parzen": lambda: [_parzen(images, real, draws)], "strokes": partial(list, _of_strokes(images, draws))}
    words = f"distances in {len(real.spaces)} spaces, strokes and Parzen window"
    progress(0.0, words)
    results = side_by_side(tasks, lambda count: progress(count / len(tasks), words))
    readings: dict[str, list[Reading]] = {}
    for space in real.spaces:
        for name, reading in results[space.name]:
            readings.setdefault(name, []).append(reading)
    readings |= _recognised(views, real, draws)
    found = {name: of_readings(name, some) for name, some in readings.items()}
    found |= {each.name: each for each in (*results["strokes"], *results["parzen"])}
    return [found[name] for name in CRITERIA if name in found]


def of_readings(name: str, readings: list[Reading]) -> Measure:
    """The measure whose own value is the first reading."""
    first, *others = readings
    return Measure(name, first.value, first.low, first.high, space=first.space, others=tuple(others))


def _in_space(space: Space, view: View, real: Real, draws: Draws) -> Iterator[tuple[str, Reading]]:
    """(name, reading) of each figure of this space."""

    def rng(name: str) -> torch.Generator:
        return draws(name if space == real.spaces[0] else f"{name} in {space.name}")

    fake = space.moments_of(view.features)
    value, error = frechet(fake.whole, space.moments.whole), frechet_error(fake, space.moments)
    yield "frechet", _around(space.name, value, STUDENT[-1] * error, least=0.0)
    yield "kernel", _kernel(space.name, space.real.features, view.features, rng("kernel"))
    whole, errors = overlap_with_errors(space.real.features, view.features, rng("halves"), space.lists)
    for name in OVERLAPS:
        yield name, _overlap(space.name, name, getattr(whole, name), getattr(errors, name), len(view.features))
    if view.judged and space.real.judged:
        for each in _of_judge(view.judged, space.real.judged, real, rng):
            yield each.name, Reading(space.name, each.value, each.low, each.high)


def _overlap(space: str, name: str, value: float, error: float, count: int) -> Reading:
    """Never narrower than the interval of a share of `count` pictures, which at 0 and 1 has a width where no half differs."""
    half = WIDER * Z_95 * error
    low, high = value - half, value + half
    if name != "density":
        least, most = wilson(round(value * count), count)
        low, high = max(0.0, min(low, least)), min(1.0, max(high, most))
    return Reading(space, value, max(0.0, low), high)


def _around(space: str, value: float, half: float, least: float = -math.inf) -> Reading:
    return Reading(space, value, max(least, value - half), value + half)


def _kernel(space: str, real: Tensor, fake: Tensor, rng: torch.Generator) -> Reading:
    """The blocks are disjoint in both sets, so that their spread is that of both."""
    found = kernel_distances(real, fake, rng, block=block_of(len(fake)))[:BLOCKS]
    quantile = STUDENT[len(found) - BLOCKS - 1]  # counted from the end
    return _around(space, float(found.mean()), quantile * float(found.std()) / math.sqrt(len(found)))


# What judges say


def _of_judge(judged: Judged, on_real: Judged, real: Real, rng: Draws) -> Iterator[Measure]:
    classes = judged.probabilities.shape[1]

    def kl(seen: Tensor, wanted: Tensor) -> float:
        return divergence(shares(seen, classes), smoothed(wanted, classes))

    yield resampled("digit_kl", kl, judged.digits, on_real.digits, rng=rng("digit_kl"))
    yield missing_classes(judged.digits, real.asked_of(on_real.shares))
    yield mean_of("confidence", judged.confidence, rng("confidence"))


def smoothed(labels: Tensor, classes: int) -> Tensor:
    """The shares with half a picture added to each class, so that a class without test pictures is unlikely, not impossible."""
    return (shares(labels, classes) * len(labels) + 0.5) / (len(labels) + 0.5 * classes)


def _recognised(views: Views, real: Real, draws: Draws) -> dict[str, list[Reading]]:
    """How many pictures two judges of different architectures recognise, and how many neither does."""
    spaces = {space.name: space for space in real.spaces}
    pairs: list[tuple[str, ...]] = [pair for pair in BOTH if all(name in views for name in pair)] or [
        (next(iter(views)),)
    ]
    readings: dict[str, list[Reading]] = {"legible": [], "unrecognised": []}
    for pair in pairs:
        name, space, judged = "+".join(pair), spaces[pair[0]], [each for name in pair if (each := views[name].judged)]
        away = space.away(views[pair[0]].features)
        for figure, seen in (("legible", legible(judged)), ("unrecognised", ~unrecognised(judged))):
            value, low, high = _share_near(seen, away, space.apart, draws(f"{figure} {name}"))
            ends = (value, low, high) if figure == "legible" else (1 - value, 1 - high, 1 - low)
            readings[figure].append(Reading(name, *ends))
    return readings


def _share_near(seen: Tensor, away: Tensor, apart: Tensor, rng: torch.Generator) -> tuple[float, float, float]:
    """The share of pictures that are seen and near to real ones, and its interval over both sets: which pictures are near
    depends on the most solitary real ones. seen: bool [n].   away, apart: see `spaces.Space`."""

    def share(pictures: Tensor, apart: Tensor) -> float:
        return float((pictures[:, 0].bool() & are_near(pictures[:, 1], apart)).double().mean())

    value, least, most = _of_count(int((seen & are_near(away, apart)).sum()), len(seen))
    low, high = interval(value, bootstrap(share, torch.stack((seen, away), 1), apart, rng=rng))
    low, high = value - WIDER * (value - low), value + WIDER * (high - value)
    return value, max(0.0, min(low, least)), min(1.0, max(high, most))


def legible(judged: list[Judged]) -> Tensor:
    """Where all judges are sure and name the same class, bool [n]."""
    sure = torch.stack([each.confidence > SURE for each in judged]).all(0)
    return sure & torch.stack([each.digits == judged[0].digits for each in judged]).all(0)


def unrecognised(judged: list[Judged]) -> Tensor:
    """Where no judge is sure, bool [n]."""
    return torch.stack([each.confidence <= SURE for each in judged]).all(0)


def missing_classes(digits: Tensor, wanted: Tensor) -> Measure:
    """The number of missing classes; the interval runs from those certainly missing to those possibly missing."""
    classes = len(wanted)
    ends = [wilson(int(n), len(digits)) for n in torch.bincount(digits, minlength=classes)]
    low, high = (sum(end[side] < MISSING * w for end, w in zip(ends, wanted.tolist(), strict=True)) for side in (1, 0))
    return measure("missing", float(len(missing(shares(digits, classes), wanted))), float(low), float(high))


# What needs no judge


def _of_strokes(images: Tensor, draws: Draws) -> Iterator[Measure]:
    found = strokes(images)
    for name in ("edges", "blur"):
        yield mean_of(name, getattr(found, name), draws(name))
    yield _pieces(found.pieces, draws("pieces"))
    yield share_of("specks", (found.specks > 0).float())
    yield mean_of("sharpness", sharpness(images), draws("sharpness"))


def _pieces(pieces: Tensor, rng: torch.Generator) -> Measure:
    """At least as wide as the interval of the share of pictures that are not in one piece: where hardly any is, resampling
    finds none, and no width."""
    found = mean_of("pieces", pieces, rng)
    share, least, most = _of_count(int((pieces != 1).sum()), len(pieces))
    low, high = min(found.low, found.value - (share - least)), max(found.high, found.value + (most - share))
    return measure("pieces", found.value, max(0.0, low), high)


def _parzen(images: Tensor, real: Real, draws: Draws) -> Measure:
    width = parzen_width(grey(real.held_out), grey(images), PARZEN_WIDTHS)
    return mean_of("parzen", parzen(grey(real.test), grey(images), width), draws("parzen"), least=-math.inf)


def neighbours(
    images: Tensor, views: Views, real: Real, draws: Draws, progress: Progress = no_progress, limit: int = 0
) -> Iterator[Measure]:
    """Distances to the nearest training pictures. limit: the model was trained on the first `limit` only (0: all)."""
    seen, some = slice(limit or None), slice(NEIGHBOUR_PICTURES)

    def searched(share: float) -> None:
        progress(0.4 * share, f"nearest training {real.nouns.pictures}, in pixels")

    searched(0.0)
    train = grey(real.train[seen])
    pixels = nearest(grey(images[some]), train, min(NEIGHBOURS, len(train)), searched)[0]
    yield mean_of("neighbour_pixels", pixels[:, 0], draws("neighbour_pixels"))
    readings = []
    marks = [0.4 + 0.6 * place / len(real.spaces) for place in range(len(real.spaces) + 1)]
    for space, start, end in zip(real.spaces, marks, marks[1:], strict=False):
        if space.name != "pixels":
            pool = space.pool(within(progress, start, end))[seen]
            progress(end, f"nearest training {real.nouns.pictures}, in features ({space.label})")
            away = nearest(views[space.name].features[some], pool)[0][:, 0]
            found = mean_of("neighbour_features", away, draws(f"neighbour_features {space.name}"))
            readings.append(Reading(space.name, found.value, found.low, found.high))
    yield of_readings("neighbour_features", readings)
    yield share_of("copies", copies(pixels))


def grey(images: Tensor) -> Tensor:
    """uint8 -> float32 in [0, 1]."""
    return images.to(torch.float32).div_(255)


# Figures with their intervals


def mean_of(name: str, values: Tensor, rng: torch.Generator, least: float = 0.0) -> Measure:
    return resampled(name, lambda some: float(some.mean()), values.double(), rng=rng, least=least)


def resampled(
    name: str, figure: Callable[..., float], *sets: Tensor, rng: torch.Generator, least: float = 0.0
) -> Measure:
    """least: lower bound of the figure's range."""
    value, greatest = figure(*sets), 1.0 if CRITERIA[name].unit == "share" else math.inf
    low, high = interval(value, bootstrap(figure, *sets, rng=rng))
    return measure(name, value, max(low, least), min(high, greatest))


def share_of(name: str, hits: Tensor) -> Measure:
    """The mean of zeros and ones, with the interval of a count: the bootstrap's of a count of 0 would have no width."""
    return measure(name, *_of_count(int(hits.sum()), len(hits)))


def _of_count(count: int, total: int) -> tuple[float, float, float]:
    few = min(count, total - count) <= FEW
    return (count / total, *(exact if few else wilson)(count, total))
