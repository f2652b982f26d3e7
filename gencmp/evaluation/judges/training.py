"""Trains judges: of MNIST once, before they ship; of any other data set when the first model on it is measured."""

from __future__ import annotations

import time

import torch
from torch import Tensor
from torch.nn import functional as F

from gencmp.data.digits import SIDE, Digits, Split
from gencmp.data.load import load
from gencmp.errors import DataError
from gencmp.evaluation.judges.judge import HALF, Judge, laid_out, pixels_of, read_judge_once, rounded, save_judge
from gencmp.evaluation.judges.networks import NETWORKS
from gencmp.evaluation.judges.panel import (
    CARD,
    FIRST,
    PANEL,
    TITLES,
    Member,
    expected_seconds,
    member_folder,
    missing_members,
)
from gencmp.progress import Bar, Progress, no_progress
from gencmp.settings.configs import SHIPPED_DATA, VaeConfig
from gencmp.training.processor import flush_denormals
from gencmp.version import versions

BATCH = 100
LEARNING_RATE = 4e-3  # maximum of the one-cycle schedule
WEIGHT_DECAY = 0.02


def train_judge(
    digits: Digits,
    seed: int = FIRST.seed,
    steps: int = FIRST.steps,
    progress: Progress = no_progress,
    architecture: str = FIRST.architecture,
    weights: str = "float32",
) -> Judge:
    """Train a new judge of these digits; all randomness comes from the seed.

    AdamW with a one-cycle schedule (Smith & Topin 2018); pictures are slightly shifted, rotated, scaled and sheared.
    weights: "float16" rounds them at the end, so that a file of half the size holds them exactly.
    Raises DataError when fewer than two training pictures or no test picture have labels, or all labels are the same.
    """
    train, test = (_labelled(split, len(digits.classes)) for split in (digits.train, digits.test))
    _refuse_too_few(digits, train, test)
    flush_denormals()
    began = time.monotonic()
    network = laid_out(NETWORKS[architecture](len(digits.classes)))
    rng = torch.Generator().manual_seed(seed)
    network.initialise(rng)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.2)
    rows = torch.empty(0, dtype=torch.int64)
    for step in range(steps):
        if len(rows) < min(BATCH, len(train)):  # drop the last, incomplete batch: batch norm needs full ones
            rows = torch.randperm(len(train), generator=rng)
        batch, rows = rows[:BATCH], rows[BATCH:]
        logits = network.logits(network.features(jitter(pixels_of(train.images[batch]), rng)))
        loss = F.cross_entropy(logits, train.labels[batch].long())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            progress(
                step / steps,
                f"Training the judge of {digits.name} ({TITLES[architecture]}, seed {seed}):"
                f" step {step:,} of {steps:,}, loss {loss.item():.3f}",
            )
    facts = {
        "data": digits.name, "classes": list(digits.classes), "architecture": architecture, "seed": seed, "steps": steps,
        "weights": weights, "training_images": len(train), "test_images": len(test),
    }  # fmt: skip
    took = {"seconds": round(time.monotonic() - began, 1), "versions": versions(torch=torch.__version__)}
    judge = Judge(rounded(network) if weights == HALF else network, facts | took)
    judge.card |= {"threads": torch.get_num_threads(), "test_accuracy": accuracy(judge, test)}
    return judge


def train_member(digits: Digits, member: Member, progress: Progress = no_progress) -> Judge:
    """Train a judge of the panel."""
    return train_judge(digits, member.seed, member.steps, progress, member.architecture, member.weights)


def _refuse_too_few(digits: Digits, train: Split, test: Split) -> None:
    """Raise DataError unless there are at least two classes with pictures."""
    where = "Put the pictures into one folder per class, named 0 to 9 or anything else."
    if len(train) < 2 or not len(test):
        raise DataError(
            f"{digits.name}: found {len(train)} training and {len(test)} test pictures with a label, wanted at least 2 and 1:"
            f" a judge cannot learn from pictures without labels. {where}"
        )
    if len(train.labels.unique()) < 2:
        only = digits.classes[int(train.labels[0])]
        raise DataError(
            f"{digits.name}: found training pictures of one class, {only!r}, wanted two or more:"
            f" a judge learns to distinguish classes. {where}"
        )


def jitter(pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Pixels [n, 1, 28, 28], each shifted by up to 2 pixels, rotated by up to 11°, scaled and sheared by up to 10 %."""
    turn, wider, higher, slant, x, y = torch.empty(6, len(pixels)).uniform_(-1, 1, generator=rng)
    turn, x, y = turn * 0.2, x * 4 / SIDE, y * 4 / SIDE  # radians; units of half the picture's side
    cos, sin, wider, higher, slant = turn.cos(), turn.sin(), 1 + wider / 10, 1 + higher / 10, slant / 10
    rows = torch.stack((wider * cos, slant - sin, x, slant + sin, higher * cos, y), 1).view(-1, 2, 3)
    grid = F.affine_grid(rows, list(pixels.shape), align_corners=False)
    return F.grid_sample(pixels, grid, align_corners=False)


def accuracy(judge: Judge, split: Split) -> float:
    """The share of pictures whose label the judge predicts."""
    return float((judge(split.images).digits == split.labels).double().mean())


def _labelled(split: Split, classes: int) -> Split:
    rows = split.labels < classes
    return Split(split.images[rows], split.labels[rows])


def judge_of(dataset: str = SHIPPED_DATA, progress: Progress = no_progress) -> Judge:
    """The first judge of a data set; trains it first if there is none (takes minutes). Raises DataError, SnapshotError."""
    return _read_or_trained(dataset, FIRST, progress)


def panel_of(dataset: str = SHIPPED_DATA, progress: Progress = no_progress) -> dict[str, Judge]:
    """All judges of a data set by name, the first one first; trains those that are missing. Raises DataError, SnapshotError."""
    missing = missing_members(dataset)
    bar = Bar(progress, [(expected_seconds(member) if member in missing else 0.0,) for member in PANEL])
    return {member.name: _read_or_trained(dataset, member, bar.next("")[0]) for member in PANEL}


def _read_or_trained(dataset: str, member: Member, progress: Progress) -> Judge:
    """A judge that does not ship is trained once, and kept where the user's home can be written to."""
    folder = member_folder(dataset, member)
    if dataset != SHIPPED_DATA and not (folder / CARD).exists():
        flush_denormals()
        digits = load(VaeConfig(dataset=dataset), progress=lambda words: progress(0.0, words))
        judge = train_member(digits, member, progress)
        try:
            save_judge(judge, folder)
        except OSError:
            return judge  # the home is read-only or the disk is full: the judge can still be used now
    return read_judge_once(folder)
