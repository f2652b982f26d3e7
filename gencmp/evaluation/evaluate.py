"""Evaluates a model against test pictures, and the floor: training pictures evaluated in place of a model's."""

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
BOUNDS = {"elbo": 1, "iwae_10": 10, "iwae_100": 100, "iwae_1000": 1000}  # samples k; all come from the same 1000
JUDGE, DIGITS, FLOOR, MODEL = 270.0, 5.0, 30.0, 30.0  # expected seconds on two cores, for the progress bar
# 97.5 % quantiles of Student's t for means of 10, 11, ... 20 values: half-width of a 95 % interval in standard errors
STUDENT = (2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093)


@dataclass(frozen=True)
class Judgement:
    """A model's verdict, and the floor of its data set for the same count."""

    verdict: Verdict
    floor: Verdict


def evaluate(
    models: Sequence[tuple[str, Path]],
    count: int = COUNT,
    seed: int = 0,
    progress: Progress = no_progress,
    datasets: Mapping[str, str | None] | None = None,
    warn: Callable[[str], None] = lambda words: None,
) -> list[Judgement]:
    """Evaluate models, each a name and a weights file, on `count` pictures drawn with `seed`. Saved verdicts are reused.

    datasets: name -> data set with its full path, for models whose weights file contains only the folder's name.
    warn: called before anything is measured if the results cannot be saved.
    Raises SnapshotError, DataError.
    """
    reals: dict[tuple[str, tuple[int, ...]], Real] = {}
    judgements = []
    found = [(name, _with_data(read(path), (datasets or {}).get(name)), file_key(path)) for name, path in models]
    expected = _expected_seconds([(snapshot.config, key) for _, snapshot, key in found], count, seed)
    if lost := why_not_kept() if sum(map(sum, expected)) else "":
        warn(f"{lost} The figures are printed, but will be measured again next time.")
    bar = Bar(progress, expected)
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
    progress(1.0, "Done")
    return judgements


def _keep(verdict: Verdict, key: str, count: int, lost: str) -> None:
    if not lost:
        keep_verdict(verdict, key, count)


def _with_data(snapshot: Snapshot, dataset: str | None) -> Snapshot:
    """The snapshot with the full path of its pictures. Raises DataError when they are missing or cannot be identified."""
    if unread := [name for name in ("dataset", "classes", "limit") if name in snapshot.ignored]:
        raise DataError(
            f"{snapshot.source} was trained on data that this version of gencmp cannot select, because it does not know their"
            f" setting {unread[0]}. Update gencmp to measure this model."
        )
    config = snapshot.config.replace(dataset=dataset or snapshot.config.dataset)
    refuse_absent(config.dataset)
    return replace(snapshot, config=config)


def _expected_seconds(models: Sequence[tuple[Config, str]], count: int, seed: int) -> list[tuple[float, float, float]]:
    """Expected seconds for each model's (data and judge, floor, pictures); 0 for results that are already saved."""
    expected, met = [], set()
    for config, key in models:
        verdict, floor = kept_judgement(key, config, count, seed)
        judge, data = f"judge of {config.dataset}", floor_key(config)
        on_judge = 0.0 if judge_key(config.dataset) or judge in met else JUDGE
        on_data = 0.0 if (verdict and floor) or data in met else DIGITS + on_judge
        expected.append((on_data, 0.0 if floor or data in met else FLOOR, 0.0 if verdict else MODEL))
        met |= {judge, data}
    return expected


# One set of pictures


def judge_model(
    name: str, key: str, snapshot: Snapshot, real: Real, seed: int = 0, progress: Progress = no_progress
) -> Verdict:
    """The verdict on a model, from as many of its pictures as `real` has test pictures. Raises SnapshotError."""
    began, config = time.monotonic(), snapshot.config
    draws = draws_of(seed)
    progress(0.0, f"drawing {real.nouns.pictures}")
    images = torch.from_numpy(sample(snapshot, real.count, seed)).flatten(1)
    judged = real.judge(images, within(progress, 0.0, 0.1))
    found = [
        *_figures(images, judged, real, draws, within(progress, 0.1, 0.4)),
        *_neighbours(images, judged, real, draws, within(progress, 0.4, 0.6), config.limit),
    ]
    if isinstance(config, VaeConfig):
        found += _bounds(snapshot, real.test[:LIKELIHOOD_IMAGES], draws, within(progress, 0.6, 1.0))
    facts = {
        "model": name,
        "kind": config.kind,
        "epoch": snapshot.epoch,
        "key": key,
        "seed": seed,
        "dataset": config.dataset,
    }
    return _verdict(facts, judged, real, found, began, config.limit)


def judge_real(real: Real, config: Config, progress: Progress = no_progress) -> Verdict:
    """The floor: the verdict on training pictures in place of a model's.

    Distances to the nearest training picture are measured on test pictures, because a training picture is its own
    nearest neighbour.
    """
    began, draws = time.monotonic(), draws_of(0)
    judged = real.judge(real.stand_in, within(progress, 0.0, 0.1))
    found = [
        *_figures(real.stand_in, judged, real, draws, within(progress, 0.1, 0.5)),
        *_neighbours(real.test, real.judged, real, draws, within(progress, 0.5, 1.0)),
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


def _figures(images: Tensor, judged: Judged, real: Real, draws: Draws, progress: Progress) -> Iterator[Measure]:
    """The measures that need only pictures, uint8 [n, 784], and the judge's output for them."""
    progress(0.0, "Fréchet and kernel distance")
    features = judged.features, real.judged.features
    yield _resampled("frechet", lambda a, b: frechet(moments(a), moments(b)), *features, rng=draws("frechet"))
    yield _kernel(real.judged.features, judged.features, draws("kernel"))
    progress(0.3, "precision and recall, density and coverage")
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
    progress(0.5, "Parzen window")
    width = parzen_width(_grey(real.held_out), _grey(images), PARZEN_WIDTHS)
    progress(0.6, "Parzen window")
    yield _mean("parzen", parzen(_grey(real.test), _grey(images), width), draws("parzen"), least=-math.inf)


def _neighbours(
    images: Tensor, judged: Judged, real: Real, draws: Draws, progress: Progress = no_progress, limit: int = 0
) -> Iterator[Measure]:
    """Distances to the nearest training pictures. limit: the model was trained on the first `limit` only (0: all)."""
    seen, some = slice(limit or None), slice(NEIGHBOUR_PICTURES)

    def searched(share: float) -> None:
        progress(0.4 * share, f"nearest training {real.nouns.pictures}, in pixels")

    searched(0.0)
    train = _grey(real.train[seen])
    pixels = nearest(_grey(images[some]), train, min(NEIGHBOURS, len(train)), searched)[0]
    yield _mean("neighbour_pixels", pixels[:, 0], draws("neighbour_pixels"))
    features = real.train_features(within(progress, 0.4, 0.9))[seen]
    progress(0.9, f"nearest training {real.nouns.pictures}, in features")
    found = nearest(judged.features[some], features)[0][:, 0]
    yield _mean("neighbour_features", found, draws("neighbour_features"))
    yield _share("copies", copies(pixels))


def _bounds(snapshot: Snapshot, images: Tensor, draws: Draws, progress: Progress = no_progress) -> Iterator[Measure]:
    """The VAE's likelihood bounds of test pictures, uint8 [n, 784]; with a 2-D latent, the likelihood itself, too."""
    model = load_model(snapshot)
    assert isinstance(model, Vae)
    pixels = _grey(images)
    weights = log_weights(
        model,
        pixels,
        max(BOUNDS.values()),
        draws("bounds"),
        lambda share: progress(0.6 * share, "bounds on the likelihood"),
    )
    for name, k in BOUNDS.items():
        yield _mean(name, iwae(weights, k), draws(name), least=-math.inf)
    if snapshot.config.latent_size == 2:  # type: ignore[attr-defined]
        evidence = log_evidence(
            model, pixels, progress=lambda share: progress(0.6 + 0.4 * share, "log p(x) by quadrature over the plane")
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
    """A separate generator for each figure, by its name, so that adding or changing one figure does not affect others."""

    def draws(name: str) -> torch.Generator:
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    return draws


def _mean(name: str, values: Tensor, rng: torch.Generator, least: float = 0.0) -> Measure:
    return _resampled(name, lambda some: float(some.mean()), values.double(), rng=rng, least=least)


def _resampled(
    name: str, figure: Callable[..., float], *sets: Tensor, rng: torch.Generator, least: float = 0.0
) -> Measure:
    """least: lower bound of the figure's range."""
    value, greatest = figure(*sets), 1.0 if CRITERIA[name].unit == "share" else math.inf
    low, high = interval(value, bootstrap(figure, *sets, rng=rng))
    return measure(name, value, max(low, least), min(high, greatest))


def _share(name: str, hits: Tensor) -> Measure:
    """The mean of zeros and ones, with Wilson's interval: the bootstrap interval of a count of 0 would have no width."""
    return measure(name, float(hits.double().mean()), *wilson(int(hits.sum()), len(hits)))


def _missing(digits: Tensor, wanted: Tensor) -> Measure:
    """The number of missing classes; the interval runs from those certainly missing to those possibly missing."""
    classes = len(wanted)
    ends = [wilson(int(n), len(digits)) for n in torch.bincount(digits, minlength=classes)]
    low, high = (sum(end[side] < MISSING * w for end, w in zip(ends, wanted.tolist(), strict=True)) for side in (1, 0))
    return measure("missing", float(len(missing(shares(digits, classes), wanted))), float(low), float(high))


def _kernel(real: Tensor, fake: Tensor, rng: torch.Generator) -> Measure:
    found = kernel_distances(real, fake, rng, block=block_of(len(fake)))[:BLOCKS]
    quantile = STUDENT[len(found) - BLOCKS - 1]  # counted from the end
    value, half = float(found.mean()), quantile * float(found.std()) / math.sqrt(len(found))
    return measure("kernel", value, value - half, value + half)
