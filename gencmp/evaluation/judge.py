"""The judge: a small convolutional classifier of digits, or of the classes of another data set. Distances are measured in
its features.

Inception, trained on photographs, is not meaningful for digits; this network is trained on the data set at hand. The judge
of MNIST is shipped; one for another data set is trained on demand and saved in the user's home.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as unpack
from safetensors.torch import save as pack
from torch import Tensor, nn
from torch.nn import functional as F

from gencmp.data.classes import TEN_DIGITS
from gencmp.data.digits import SIDE, Digits, Split
from gencmp.data.load import load
from gencmp.errors import DataError, SnapshotError
from gencmp.evaluation.distances import shares
from gencmp.evaluation.verdicts import judge_folder
from gencmp.files import write_whole
from gencmp.progress import Progress, no_progress
from gencmp.settings.configs import SHIPPED_DATA, VaeConfig
from gencmp.training.processor import flush_denormals
from gencmp.version import versions

FEATURES = 64
STEPS = 9000  # fifteen epochs of MNIST; more of a small data set
BATCH = 100
LEARNING_RATE = 4e-3  # maximum of the one-cycle schedule
WEIGHT_DECAY = 0.02
INFERENCE_BATCH = 100  # its activations fit the processor's cache: twice as fast as batches of 1000


@dataclass(frozen=True)
class Judged:
    """features: float32 [n, 64]. probabilities: float32 [n, classes], each row sums to 1."""

    features: Tensor
    probabilities: Tensor

    @property
    def digits(self) -> Tensor:
        """The most likely class of each picture, int64 [n]."""
        return self.probabilities.argmax(1)

    @property
    def shares(self) -> Tensor:
        """How often each class is the most likely one, [classes]."""
        return shares(self.digits, self.probabilities.shape[1])

    @property
    def confidence(self) -> Tensor:
        """The probability of that class, [n]."""
        return self.probabilities.max(1).values


class Network(nn.Module):
    """Four convolutions to 5 x 5, one dense layer of 64 features, a logit for each class. With ten classes:
    163,450 weights, 11 MFLOP per picture.

    The weights are uninitialised: call `initialise` or load them.
    """

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *_convolution(1, 16, padding=1),
            *_convolution(16, 32, padding=1, stride=2),
            *_convolution(32, 64, padding=1),
            nn.MaxPool2d(2),
            *_convolution(64, 64, padding=0),
            nn.Flatten(),
            nn.utils.skip_init(nn.Linear, 64 * 5 * 5, FEATURES, bias=False),
            # without learned scale and shift every feature has mean 0 and variance 1 over the training digits, so that
            # no feature dominates a distance
            nn.BatchNorm1d(FEATURES, affine=False),
        )
        self.head = nn.utils.skip_init(nn.Linear, FEATURES, classes)

    def features(self, pixels: Tensor) -> Tensor:
        """Pixels [n, 1, 28, 28] in [0, 1] -> [n, 64], before the ReLU: two-sided, which suits the Gaussian fit of the Fréchet distance."""
        features: Tensor = self.body(pixels)
        return features

    def logits(self, features: Tensor) -> Tensor:
        logits: Tensor = self.head(F.relu(features))
        return logits

    def initialise(self, rng: torch.Generator) -> None:
        """He et al. 2015, drawn from `rng`; batch norms start as the identity."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=rng)
        nn.init.zeros_(self.head.bias)


def _convolution(inputs: int, outputs: int, padding: int, stride: int = 1) -> tuple[nn.Module, ...]:
    return (
        nn.utils.skip_init(nn.Conv2d, inputs, outputs, 3, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


def _laid_out(network: Network) -> Network:
    """In channels-last order, which halves the time of training and inference on a CPU."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch types `to` without it
    return network


class Judge:
    """A trained network for inference. card: how it was made. key: a hash of its weights, for caches.

    classes: the name of each output. The card of MNIST's judge has none, as it predates them: its ten are the digits.
    """

    def __init__(self, network: Network, card: dict[str, Any]):
        self.network = _laid_out(network).eval().requires_grad_(False)
        self.card = card
        self.classes: tuple[str, ...] = tuple(card.get("classes", TEN_DIGITS))
        self.content = pack({name: t.contiguous() for name, t in network.state_dict().items()})
        self.key = hashlib.sha256(self.content).hexdigest()[:16]

    def __call__(self, images: Tensor, progress: Progress = no_progress) -> Judged:
        """Classify pictures, uint8 [n, 784] or [n, 28, 28]; about two seconds for 10,000 on two cores."""
        features = torch.empty(len(images), FEATURES)
        with torch.no_grad():
            for start in range(0, len(images), INFERENCE_BATCH):
                rows = slice(start, start + INFERENCE_BATCH)
                features[rows] = self.network.features(_pixels(images[rows]))
                progress(start / len(images), f"The judge classifies {len(images):,} pictures")
            return Judged(features, self.network.logits(features).softmax(1))


def _pixels(images: Tensor) -> Tensor:
    return images.reshape(-1, 1, SIDE, SIDE).to(torch.float32).div_(255)


# Training


def train_judge(digits: Digits, seed: int = 0, steps: int = STEPS, progress: Progress = no_progress) -> Judge:
    """Train a new judge of these digits; all randomness comes from the seed.

    AdamW with a one-cycle schedule (Smith & Topin 2018); pictures are slightly shifted, rotated, scaled and sheared.
    Raises DataError when fewer than two training pictures or no test picture have labels, or all labels are the same.
    """
    train, test = (_labelled(split, len(digits.classes)) for split in (digits.train, digits.test))
    _refuse_too_few(digits, train, test)
    flush_denormals()
    began = time.monotonic()
    network = _laid_out(Network(len(digits.classes)))
    rng = torch.Generator().manual_seed(seed)
    network.initialise(rng)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps, pct_start=0.2)
    rows = torch.empty(0, dtype=torch.int64)
    for step in range(steps):
        if len(rows) < min(BATCH, len(train)):  # drop the last, incomplete batch: batch norm needs full ones
            rows = torch.randperm(len(train), generator=rng)
        batch, rows = rows[:BATCH], rows[BATCH:]
        logits = network.logits(network.features(jitter(_pixels(train.images[batch]), rng)))
        loss = F.cross_entropy(logits, train.labels[batch].long())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 50 == 0:
            progress(
                step / steps, f"Training the judge of {digits.name}: step {step:,} of {steps:,}, loss {loss.item():.3f}"
            )
    facts = {
        "data": digits.name, "classes": list(digits.classes), "seed": seed, "steps": steps,
        "training_images": len(train), "test_images": len(test),
    }  # fmt: skip
    judge = Judge(
        network, facts | {"seconds": round(time.monotonic() - began, 1), "versions": versions(torch=torch.__version__)}
    )
    judge.card |= {"threads": torch.get_num_threads(), "test_accuracy": accuracy(judge, test)}
    return judge


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


# Saving


def save_judge(judge: Judge, folder: Path, **facts: Any) -> None:
    """Write `weights.safetensors` and, last, `card.json` with `facts` added: a folder with a card is complete."""
    write_whole(folder / "weights.safetensors", judge.content)
    write_whole(folder / "card.json", json.dumps({**judge.card, **facts}, indent=1).encode())


def read_judge(folder: Path) -> Judge:
    """The judge that save_judge wrote. Raises SnapshotError."""
    try:
        tensors = unpack((folder / "weights.safetensors").read_bytes())
        network = Network(len(tensors["head.bias"]))
        network.load_state_dict(tensors)
        judge = Judge(network, json.loads((folder / "card.json").read_text("utf-8")))
        if len(judge.classes) != len(tensors["head.bias"]):
            raise ValueError(
                f"its card names {len(judge.classes)} classes, its network has {len(tensors['head.bias'])}"
            )
        return judge
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise SnapshotError(
            f"{folder} contains no judge, or a damaged one ({error}). Wanted: weights.safetensors and card.json as gencmp wrote them."
            " Download the project again, or delete the folder and train a new judge: python -m gencmp train-judge."
        ) from None


def judge_of(dataset: str = SHIPPED_DATA, progress: Progress = no_progress) -> Judge:
    """The judge of a data set; trains it first if there is none (takes minutes). Raises DataError, SnapshotError."""
    folder = judge_folder(dataset)
    if dataset != SHIPPED_DATA and not (folder / "card.json").exists():
        flush_denormals()
        digits = load(VaeConfig(dataset=dataset), progress=lambda words: progress(0.0, words))
        judge = train_judge(digits, progress=progress)
        try:
            save_judge(judge, folder)
        except OSError:
            return judge  # the home is read-only or the disk is full: the judge can still be used now
    return read_judge_once(folder)


def read_judge_once(folder: Path) -> Judge:
    """read_judge, cached in memory until the card changes. Raises SnapshotError."""
    card = folder / "card.json"
    return _read_once(folder, card.stat().st_mtime_ns if card.exists() else 0)


@lru_cache(maxsize=4)
def _read_once(folder: Path, changed: int) -> Judge:
    return read_judge(folder)
