"""Everything measured of a model: against test pictures, and beside it the floor, training pictures in the model's place."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gencmp.errors import DataError
from gencmp.evaluation.bootstrap import bootstrap, interval
from gencmp.evaluation.criteria import (
    BLOCKS,
    CRITERIA,
    LIKELIHOOD_IMAGES,
    NEIGHBOUR_PICTURES,
    NEIGHBOURS,
    block_of,
    used_of,
)
from gencmp.evaluation.distances import (
    MISSING,
    copies,
    divergence,
    frechet,
    kernel_distances,
    missing,
    moments,
    nearest,
    overlap,
    parzen,
    parzen_width,
    shares,
    sharpness,
)
from gencmp.evaluation.intervals import wilson
from gencmp.evaluation.judge import Judged
from gencmp.evaluation.likelihood import iwae, log_evidence, log_weights
from gencmp.evaluation.measures import Measure, measure, why_not_kept
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.verdicts import COUNT, Verdict, file_key, floor_key, judge_key, keep_verdict, kept_judgement
from gencmp.models.snapshot import Snapshot, read
from gencmp.models.vae import Vae
from gencmp.progress import Bar, Progress, no_progress, within
from gencmp.settings.configs import Config, VaeConfig
from gencmp.settings.own_folder import refuse_absent
from gencmp.training.build import load_model, sample

PARZEN_WIDTHS = torch.logspace(-1, 0, 10)  # Goodfellow's own script tries these ten
BOUNDS = {"elbo": 1, "iwae_10": 10, "iwae_100": 100, "iwae_1000": 1000}  # draws of each; the last is drawn
JUDGE, DIGITS, FLOOR, MODEL = 270.0, 5.0, 30.0, 30.0  # seconds each is likely to take on two cores: shares of the bar
# standard errors each side of a mean of 10, 11, ... 20: 95 %
STUDENT = (2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093)


@dataclass(frozen=True)
class Judgement:
    """A model's verdict beside the floor of its data set at the same count."""

    verdict: Verdict
    floor: Verdict


def evaluate(
    models: Sequence[tuple[str, Path]],
    count: int = COUNT,
    seed: int = 0,
    told: Progress = no_progress,
    datasets: Mapping[str, str | None] | None = None,
    warn: Callable[[str], None] = lambda words: None,
) -> list[Judgement]:
    """Judge models, each a name and a weights file, by `count` pictures drawn with `seed`. What is kept from before is not
    measured again.

    datasets: by name, the data sets of those whose weights tell only the name of their folder.
    warn: hears before anything is measured that it cannot be kept.
    Raises SnapshotError, DataError.
    """
    reals: dict[tuple[str, tuple[int, ...]], Real] = {}
    judgements = []
    found = [(name, _with_data(read(path), (datasets or {}).get(name)), file_key(path)) for name, path in models]
    likely = _likely_seconds([(snapshot.config, key) for _, snapshot, key in found], count, seed)
    if lost := why_not_kept() if sum(map(sum, likely)) else "":
        warn(f"{lost} The figures are printed, and measured again the next time.")
    bar = Bar(told, likely)
    for name, snapshot, key in found:
        config, (on_data, on_floor, on_model) = snapshot.config, bar.next(name)
        verdict, floor = kept_judgement(key, config, count, seed)
        if verdict is None or floor is None:
            data = (config.dataset, config.classes)
            real = reals[data] = reals.get(data) or real_digits(config, count, on_data)
            if floor is None:
                floor = judge_real(real, config, on_floor)
                _keep(floor, floor.key, count, lost)
            if verdict is None:
                verdict = judge_model(name, key, snapshot, real, seed, on_model)
                _keep(verdict, key, count, lost)
        judgements.append(Judgement(replace(verdict, model=name), floor))
    told(1.0, "Done")
    return judgements


def _keep(verdict: Verdict, key: str, count: int, lost: str) -> None:
    if not lost:
        keep_verdict(verdict, key, count)


def _with_data(snapshot: Snapshot, dataset: str | None) -> Snapshot:
    """The snapshot, told where its pictures are. Raises DataError when they are not here or cannot be told."""
    if unread := [name for name in ("dataset", "classes", "limit") if name in snapshot.ignored]:
        raise DataError(
            f"{snapshot.source} was trained on data that this version of gencmp cannot choose: it does not understand their"
            f" {unread[0]}. Update gencmp to measure it."
        )
    config = snapshot.config.replace(dataset=dataset or snapshot.config.dataset)
    refuse_absent(config.dataset)
    return replace(snapshot, config=config)


def _likely_seconds(models: Sequence[tuple[Config, str]], count: int, seed: int) -> list[tuple[float, float, float]]:
    """Of each model's data (and their judge, who may have to be trained first), floor and pictures; 0 for what is kept."""
    likely, met = [], set()
    for config, key in models:
        verdict, floor = kept_judgement(key, config, count, seed)
        judge, data = f"judge of {config.dataset}", floor_key(config)
        on_judge = 0.0 if judge_key(config.dataset) or judge in met else JUDGE
        on_data = 0.0 if (verdict and floor) or data in met else DIGITS + on_judge
        likely.append((on_data, 0.0 if floor or data in met else FLOOR, 0.0 if verdict else MODEL))
        met |= {judge, data}
    return likely


# One set of pictures


def judge_model(
    name: str, key: str, snapshot: Snapshot, real: Real, seed: int = 0, told: Progress = no_progress
) -> Verdict:
    """The verdict on a model by as many of its pictures as `real` has test digits. Raises SnapshotError."""
    began, config = time.monotonic(), snapshot.config
    draws = draws_of(seed)
    told(0.0, f"drawing {real.nouns.pictures}")
    images = torch.from_numpy(sample(snapshot, real.count, seed)).flatten(1)
    judged = real.judge(images, within(told, 0.0, 0.1))
    found = [
        *_figures(images, judged, real, draws, within(told, 0.1, 0.4)),
        *_neighbours(images, judged, real, draws, within(told, 0.4, 0.6), config.limit),
    ]
    if isinstance(config, VaeConfig):
        found += _bounds(snapshot, real.test[:LIKELIHOOD_IMAGES], draws, within(told, 0.6, 1.0))
    facts = {
        "model": name,
        "kind": config.kind,
        "epoch": snapshot.epoch,
        "key": key,
        "seed": seed,
        "dataset": config.dataset,
    }
    return _verdict(facts, judged, real, found, began, config.limit)


def judge_real(real: Real, config: Config, told: Progress = no_progress) -> Verdict:
    """The floor: the verdict on training pictures in a model's place. Only how near pictures come to training pictures is
    asked of the test pictures, for training pictures are their own neighbours."""
    began, draws = time.monotonic(), draws_of(0)
    judged = real.judge(real.stand_in, within(told, 0.0, 0.1))
    found = [
        *_figures(real.stand_in, judged, real, draws, within(told, 0.1, 0.5)),
        *_neighbours(real.test, real.judged, real, draws, within(told, 0.5, 1.0)),
    ]
    facts = {
        "model": f"real {real.nouns.pictures}",
        "kind": "real",
        "epoch": 0,
        "key": floor_key(config),
        "seed": 0,
        "dataset": config.dataset,
    }
    return _verdict(facts, judged, real, found, began)


def _verdict(
    facts: dict[str, Any], judged: Judged, real: Real, found: list[Measure], began: float, limit: int = 0
) -> Verdict:
    seen, used = judged.shares, used_of(real.count, min(limit or len(real.train), len(real.train)), LIKELIHOOD_IMAGES)
    return Verdict(
        **facts, count=real.count, judge=real.judge.key, seconds=time.monotonic() - began,
        measures=tuple(replace(each, nouns=real.nouns, used=used) for each in found), digits=tuple(seen.tolist()),
        missing=missing(seen, real.wanted), classes=real.classes, asked=real.asked, used=used,
    )  # fmt: skip


def _figures(images: Tensor, judged: Judged, real: Real, draws: Draws, told: Progress) -> Iterator[Measure]:
    """All that asks only for pictures, uint8 [n, 784], and what the judge says of them."""
    told(0.0, "Fréchet and kernel distance")
    features = judged.features, real.judged.features
    yield _resampled("frechet", lambda a, b: frechet(moments(a), moments(b)), *features, rng=draws("frechet"))
    yield _kernel(real.judged.features, judged.features, draws("kernel"))
    told(0.3, "precision and recall, density and coverage")
    found = overlap(real.judged.features, judged.features, real_near=real.near)
    for name in ("precision", "recall"):
        yield _share(name, getattr(found, name))
    yield _mean("density", found.density, draws("density"))
    for name in ("coverage", "two_sample"):
        yield _share(name, getattr(found, name))
    classes = len(real.shares)
    rng = draws("digit_kl")
    yield _resampled("digit_kl", lambda seen: divergence(shares(seen, classes), real.expected), judged.digits, rng=rng)
    yield _missing(judged.digits, real.wanted)
    yield _mean("confidence", judged.confidence, draws("confidence"))
    yield _mean("sharpness", sharpness(images), draws("sharpness"))
    told(0.5, "Parzen window")
    width = parzen_width(_grey(real.held_out), _grey(images), PARZEN_WIDTHS)
    told(0.6, "Parzen window")
    yield _mean("parzen", parzen(_grey(real.test), _grey(images), width), draws("parzen"), least=-math.inf)


def _neighbours(
    images: Tensor, judged: Judged, real: Real, draws: Draws, told: Progress = no_progress, limit: int = 0
) -> Iterator[Measure]:
    """How near pictures come to the training pictures, of which the model has seen the first `limit` (0: all)."""
    seen, some = slice(limit or None), slice(NEIGHBOUR_PICTURES)

    def searched(share: float) -> None:
        told(0.4 * share, f"nearest training {real.nouns.pictures}, in pixels")

    searched(0.0)
    train = _grey(real.train[seen])
    pixels = nearest(_grey(images[some]), train, min(NEIGHBOURS, len(train)), searched)[0]
    yield _mean("neighbour_pixels", pixels[:, 0], draws("neighbour_pixels"))
    features = real.train_features(within(told, 0.4, 0.9))[seen]
    told(0.9, f"nearest training {real.nouns.pictures}, in features")
    found = nearest(judged.features[some], features)[0][:, 0]
    yield _mean("neighbour_features", found, draws("neighbour_features"))
    yield _share("copies", copies(pixels))


def _bounds(snapshot: Snapshot, images: Tensor, draws: Draws, told: Progress = no_progress) -> Iterator[Measure]:
    """What the VAE's bounds say of test pictures, uint8 [n, 784], and of a 2-D latent the likelihood itself."""
    model = load_model(snapshot)
    assert isinstance(model, Vae)
    pixels = _grey(images)
    weights = log_weights(
        model,
        pixels,
        max(BOUNDS.values()),
        draws("bounds"),
        lambda share: told(0.6 * share, "bounds on the likelihood"),
    )
    for name, k in BOUNDS.items():
        yield _mean(name, iwae(weights, k), draws(name), least=-math.inf)
    if snapshot.config.latent_size == 2:  # type: ignore[attr-defined]
        evidence = log_evidence(
            model, pixels, told=lambda share: told(0.6 + 0.4 * share, "the likelihood itself, over the plane")
        )
        yield _mean("log_p", evidence, draws("log_p"), least=-math.inf)
        gap = evidence - iwae(weights, 1)
        yield _mean("bound_gap", gap, draws("bound_gap"), least=-math.inf)


def _grey(images: Tensor) -> Tensor:
    """uint8 -> float32 in [0, 1]."""
    return images.to(torch.float32).div_(255)


# Figures with their intervals

Draws = Callable[[str], torch.Generator]


def draws_of(seed: int) -> Draws:
    """For each figure, by its name, a generator of its own: what another one draws, or that it is measured at all,
    changes nothing."""

    def draws(name: str) -> torch.Generator:
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    return draws


def _mean(name: str, values: Tensor, rng: torch.Generator, least: float = 0.0) -> Measure:
    return _resampled(name, lambda some: float(some.mean()), values.double(), rng=rng, least=least)


def _resampled(
    name: str, figure: Callable[..., float], *sets: Tensor, rng: torch.Generator, least: float = 0.0
) -> Measure:
    """least: what the figure can never fall below."""
    value, most = figure(*sets), 1.0 if CRITERIA[name].unit == "share" else math.inf
    low, high = interval(value, bootstrap(figure, *sets, rng=rng))
    return measure(name, value, max(low, least), min(high, most))


def _share(name: str, hits: Tensor) -> Measure:
    """Of values 0 and 1, by Wilson's interval: of a count of 0 resampling makes a point, as if it were certain."""
    return measure(name, float(hits.double().mean()), *wilson(int(hits.sum()), len(hits)))


def _missing(digits: Tensor, wanted: Tensor) -> Measure:
    """How many classes are missing; the interval from those that surely are to those that may be."""
    classes = len(wanted)
    ends = [wilson(int(n), len(digits)) for n in torch.bincount(digits, minlength=classes)]
    low, high = (sum(end[side] < MISSING * w for end, w in zip(ends, wanted.tolist(), strict=True)) for side in (1, 0))
    return measure("missing", float(len(missing(shares(digits, classes), wanted))), float(low), float(high))


def _kernel(real: Tensor, fake: Tensor, rng: torch.Generator) -> Measure:
    found = kernel_distances(real, fake, rng, block=block_of(len(fake)))[:BLOCKS]
    wide = STUDENT[len(found) - BLOCKS - 1]  # counted from the end
    value, half = float(found.mean()), wide * float(found.std()) / math.sqrt(len(found))
    return measure("kernel", value, value - half, value + half)
