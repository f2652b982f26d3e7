"""Evaluates a model against test pictures, and the floor: training pictures evaluated in place of a model's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gencmp.errors import DataError
from gencmp.evaluation.criteria import LIKELIHOOD_IMAGES, used_of
from gencmp.evaluation.figures import Draws, Views, draws_of, figures, grey, mean_of, neighbours, views_of
from gencmp.evaluation.judges.panel import FIRST, expected_seconds, file_key, missing_members
from gencmp.evaluation.measures import Measure, why_not_kept
from gencmp.evaluation.measuring.distances import missing, shares
from gencmp.evaluation.measuring.likelihood import iwae, log_evidence, log_weights
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.verdicts import COUNT, Verdict, floor_key, keep_verdict, kept_judgement
from gencmp.models.snapshot import Snapshot, read
from gencmp.models.vae import Vae
from gencmp.progress import Bar, Progress, no_progress, within
from gencmp.settings.configs import Config, VaeConfig
from gencmp.settings.own_folder import refuse_absent
from gencmp.training.build import load_model, sample

BOUNDS = {"elbo": 1, "iwae_10": 10, "iwae_100": 100, "iwae_1000": 1000}  # samples k; all come from the same 1000
DIGITS, FLOOR, MODEL = 5.0, 40.0, 40.0  # expected seconds on two cores, for the progress bar


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
    found = [(name, with_data(read(path), (datasets or {}).get(name)), file_key(path)) for name, path in models]
    expected = _expected_seconds([(snapshot.config, key) for _, snapshot, key in found], count, seed)
    if lost := why_not_kept() if sum(map(sum, expected)) else "":
        warn(f"{lost} The figures are printed, but will be measured again next time.")
    bar = Bar(progress, expected)
    for name, snapshot, key in found:
        config, (on_data, on_floor, on_model) = snapshot.config, bar.next(name)
        verdict, floor = kept_judgement(key, config, count, seed)
        if verdict is None or floor is None:
            data = (config.dataset, config.classes)
            real = reals[data] = reals.get(data) or real_digits(config, count, on_data, panel=True)
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


def with_data(snapshot: Snapshot, dataset: str | None) -> Snapshot:
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
    """Expected seconds for each model's (data and judges, floor, pictures); 0 for results that are already saved."""
    expected, met = [], set()
    for config, key in models:
        verdict, floor = kept_judgement(key, config, count, seed)
        judges, data = f"judges of {config.dataset}", floor_key(config)
        on_judges = 0.0 if judges in met else expected_seconds(*missing_members(config.dataset))
        on_data = 0.0 if (verdict and floor) or data in met else DIGITS + on_judges
        expected.append((on_data, 0.0 if floor or data in met else FLOOR, 0.0 if verdict else MODEL))
        met |= {judges, data}
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
    views = views_of(images, real, within(progress, 0.0, 0.2))
    found = [
        *figures(images, views, real, draws, within(progress, 0.2, 0.6)),
        *neighbours(images, views, real, draws, within(progress, 0.6, 0.8), config.limit),
    ]
    if isinstance(config, VaeConfig):
        found += _bounds(snapshot, real.test[:LIKELIHOOD_IMAGES], draws, within(progress, 0.8, 1.0))
    facts = {
        "model": name,
        "config": config.to_dict(),
        "kind": config.kind,
        "epoch": snapshot.epoch,
        "key": key,
        "seed": seed,
        "dataset": config.dataset,
    }
    return _verdict(facts, views, real, found, began, config.limit)


def judge_real(real: Real, config: Config, progress: Progress = no_progress) -> Verdict:
    """The floor: the verdict on training pictures in place of a model's.

    Distances to the nearest training picture are measured on test pictures, because a training picture is its own
    nearest neighbour.
    """
    began, draws = time.monotonic(), draws_of(0)
    views = views_of(real.stand_in, real, within(progress, 0.0, 0.2))
    unseen = {space.name: space.real for space in real.spaces}
    found = [
        *figures(real.stand_in, views, real, draws, within(progress, 0.2, 0.6)),
        *neighbours(real.test, unseen, real, draws, within(progress, 0.6, 1.0)),
    ]
    facts = {
        "model": f"real {real.nouns.pictures}",
        "kind": "real",
        "epoch": 0,
        "key": floor_key(config),
        "seed": 0,
        "dataset": config.dataset,
    }
    return _verdict(facts, views, real, found, began)


def _verdict(
    facts: dict[str, Any], views: Views, real: Real, found: list[Measure], began: float, limit: int = 0
) -> Verdict:
    seen, used = (
        shares(_classes(views), len(real.classes)),
        used_of(real.count, min(limit or len(real.train), len(real.train)), LIKELIHOOD_IMAGES),
    )
    return Verdict(
        **facts, count=real.count, judge=real.judge.key, judges=real.keys, seconds=time.monotonic() - began,
        measures=tuple(replace(each, nouns=real.nouns, used=used) for each in found), digits=tuple(seen.tolist()),
        missing=missing(seen, real.wanted), classes=real.classes, asked=real.asked, used=used,
    )  # fmt: skip


def _classes(views: Views) -> Tensor:
    """What the first judge sees."""
    judged = views[FIRST.name].judged
    assert judged is not None
    return judged.digits


def _bounds(snapshot: Snapshot, images: Tensor, draws: Draws, progress: Progress = no_progress) -> Iterator[Measure]:
    """The VAE's likelihood bounds of test pictures, uint8 [n, 784]; with a 2-D latent, the likelihood itself, too."""
    model = load_model(snapshot)
    assert isinstance(model, Vae)
    pixels = grey(images)
    weights = log_weights(
        model,
        pixels,
        max(BOUNDS.values()),
        draws("bounds"),
        lambda share: progress(0.6 * share, "bounds on the likelihood"),
    )
    for name, k in BOUNDS.items():
        yield mean_of(name, iwae(weights, k), draws(name), least=-math.inf)
    if snapshot.config.latent_size == 2:  # type: ignore[attr-defined]
        evidence = log_evidence(
            model, pixels, progress=lambda share: progress(0.6 + 0.4 * share, "log p(x) by quadrature over the plane")
        )
        yield mean_of("log_p", evidence, draws("log_p"), least=-math.inf)
        gap = evidence - iwae(weights, 1)
        yield mean_of("bound_gap", gap, draws("bound_gap"), least=-math.inf)
