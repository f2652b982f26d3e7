"""Opinions of the judge and D on a model's pictures, and the judge's uncertainty over a VAE's latent plane.

Computed with torch while the model trains or is evaluated, and saved with the epoch's arrays. kept_opinions.py reads them
without torch.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import Tensor

from gencmp.errors import SnapshotError
from gencmp.evaluation.judges.judge import Judge, read_judge_once
from gencmp.evaluation.judges.panel import judge_folder
from gencmp.evaluation.kept_opinions import CLASSES, CONFIDENCE, JUDGE, MAP, MAPS, REACH, D
from gencmp.events import Checkpoint, Epoch, Event, Started
from gencmp.latent import planes
from gencmp.models.snapshot import Snapshot, unpack
from gencmp.models.vae import Vae
from gencmp.settings.configs import Config, VaeConfig
from gencmp.training.build import load_model

Arrays = dict[str, np.ndarray]


def with_opinions(events: Iterator[Event], config: Config) -> Iterator[Event]:
    """The same events, with the judge's opinion of its samples added to each Epoch's arrays; for epochs whose weights are
    saved, D's opinion and the plane's maps, too.

    An Epoch is held back until its Checkpoint, which follows at once and contains the weights. Training is not affected.
    Data without a judge get no opinion of it: training a judge takes minutes and was not asked for here.
    """
    with closing(cast("Generator[Event]", events)):
        epoch: Epoch | None = None
        classes: tuple[str, ...] = ()
        for event in events:
            match event:
                case Started():
                    classes = tuple(event.classes)
                case Epoch():
                    epoch = event
                    continue
                case Checkpoint() if epoch is not None:
                    snapshot = unpack(event.weights) if event.weights is not None else None
                    found = opinions(epoch.arrays, present_judge(config.dataset, classes), snapshot)
                    yield replace(epoch, arrays={**epoch.arrays, **found})
                    epoch = None
            yield event
        if epoch is not None:
            yield epoch


def present_judge(dataset: str, classes: tuple[str, ...]) -> Judge | None:
    """The judge of these data, if one exists, can be read and has these classes."""
    folder = judge_folder(dataset)
    if not (folder / "card.json").exists():
        return None
    try:
        judge = read_judge_once(folder)
    except SnapshotError:
        return None
    return judge if judge.classes == classes else None


def opinions(arrays: Mapping[str, np.ndarray], judge: Judge | None, snapshot: Snapshot | None) -> Arrays:
    """The arrays to add to an epoch's: the judge's opinion if there is a judge, the others if there is a snapshot."""
    samples = arrays.get("samples")
    if samples is None or not len(samples):
        return {}
    found = judge_opinion(samples, judge) if judge else {}
    if snapshot is not None and snapshot.config.kind == "gan":
        found[D] = d_opinion(snapshot, samples)
    if snapshot is not None and judge is not None and has_plane(snapshot.config):
        found |= doubt_maps(snapshot, judge)
    return found


def has_plane(config: Config) -> bool:
    """Whether the latent space is two-dimensional."""
    return isinstance(config, VaeConfig) and config.latent_size == 2


def judge_opinion(images: np.ndarray, judge: Judge) -> Arrays:
    """The judge's predicted classes of pictures uint8 [n, 28, 28] or [n, 784], and their probabilities."""
    judged = judge(torch.from_numpy(np.ascontiguousarray(images)))
    return {
        JUDGE: np.array(judge.key),
        CLASSES: judged.digits.to(torch.uint8).numpy(),
        CONFIDENCE: judged.confidence.numpy(),
    }


def d_opinion(snapshot: Snapshot, images: np.ndarray) -> np.ndarray:
    """The probability, according to a GAN's D, that pictures uint8 [n, 28, 28] are real; float32 [n]."""
    pixels = torch.from_numpy(images.reshape(len(images), -1)).float() / 127.5 - 1
    with torch.no_grad():
        return torch.sigmoid(load_model(snapshot).networks["discriminator"](pixels)).flatten().numpy()


def doubt_maps(snapshot: Snapshot, judge: Judge) -> Arrays:
    """The judge's uncertainty over the plane for each grid spacing, uint8 [MAP, MAP], row by row from the top; 255 where
    two classes tie."""
    model = load_model(snapshot)
    assert isinstance(model, Vae)
    points = {spacing: planes.grid(MAP, spacing, REACH).reshape(-1, 2) for spacing in MAPS}
    with torch.no_grad():
        found = {
            MAPS[spacing]: _doubt(model, judge, torch.from_numpy(each).float()) for spacing, each in points.items()
        }
    return {name: doubt.mul(255).round().to(torch.uint8).view(MAP, MAP).numpy() for name, doubt in found.items()}


def _doubt(model: Vae, judge: Judge, points: Tensor) -> Tensor:
    """From 0 (certain) to 1 (two classes tie), [n]: 1 minus the margin between the two most probable classes."""
    pictures = torch.sigmoid(model.decoder(points)).mul(255).round().to(torch.uint8)
    best = judge(pictures).probabilities.topk(2).values
    return 1 - (best[:, 0] - best[:, 1])
