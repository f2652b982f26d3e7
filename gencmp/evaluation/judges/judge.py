"""A judge: a small classifier of digits, or of the classes of another data set. Distances are measured in its features.

Inception, trained on photographs, is not meaningful for digits; a judge is trained on the data set at hand (training.py).
MNIST's ship with gencmp.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as unpack
from safetensors.torch import save as pack
from torch import Tensor

from gencmp.data.classes import TEN_DIGITS
from gencmp.data.digits import SIDE
from gencmp.errors import SnapshotError
from gencmp.evaluation.judges.networks import FEATURES, NETWORKS, Network
from gencmp.evaluation.judges.panel import CARD, WEIGHTS
from gencmp.evaluation.measuring.distances import shares
from gencmp.files import read_at_most, write_whole
from gencmp.progress import Progress, no_progress
from gencmp.schema import check, parse_json

HALF = "float16"
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


def laid_out(network: Network) -> Network:
    """In channels-last order, which halves the time of training and inference on a CPU."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch types `to` without it
    return network


class Judge:
    """A trained network for inference. card: how it was made. key: a hash of its weights, for caches.

    classes: the name of each output. The card of MNIST's judge has none, as it predates them: its ten are the digits.
    A judge whose card says "float16" has weights that survive being written in half the bytes, see `rounded`.
    """

    def __init__(self, network: Network, card: dict[str, Any]):
        self.network = laid_out(network).eval().requires_grad_(False)
        self.card = card
        self.classes: tuple[str, ...] = tuple(card.get("classes", TEN_DIGITS))
        is_half = card.get("weights") == HALF
        self.content = pack({name: _as_kept(t, is_half) for name, t in network.state_dict().items()})
        self.key = hashlib.sha256(self.content).hexdigest()[:16]

    def __call__(self, images: Tensor, progress: Progress = no_progress) -> Judged:
        """Classify pictures, uint8 [n, 784] or [n, 28, 28]; about two seconds for 10,000 on two cores."""
        features = torch.empty(len(images), FEATURES)
        with torch.no_grad():
            for start in range(0, len(images), INFERENCE_BATCH):
                rows = slice(start, start + INFERENCE_BATCH)
                features[rows] = self.network.features(pixels_of(images[rows]))
                progress(start / len(images), f"The judge classifies {len(images):,} pictures")
            return Judged(features, self.network.logits(features).softmax(1))


def _as_kept(weights: Tensor, is_half: bool) -> Tensor:
    return (weights.half() if is_half and weights.is_floating_point() else weights).contiguous()


def rounded(network: Network) -> Network:
    """With weights that float16 represents exactly."""
    with torch.no_grad():
        for weights in network.state_dict().values():
            if weights.is_floating_point():
                weights.copy_(weights.half())
    return network


def pixels_of(images: Tensor) -> Tensor:
    """uint8 [n, 784] or [n, 28, 28] -> float32 [n, 1, 28, 28] in [0, 1]."""
    return images.reshape(-1, 1, SIDE, SIDE).to(torch.float32).div_(255)


# Saving


def save_judge(judge: Judge, folder: Path, **facts: Any) -> None:
    """Write `weights.safetensors` and, last, `card.json` with `facts` added: a folder with a card is complete."""
    write_whole(folder / WEIGHTS, judge.content)
    write_whole(folder / CARD, json.dumps({**judge.card, **facts}, indent=1).encode())


def read_judge(folder: Path) -> Judge:
    """The judge that save_judge wrote. Raises SnapshotError."""
    try:
        tensors = unpack(read_at_most(folder / WEIGHTS))
        card = parse_json(read_at_most(folder / CARD))
        check(Mapping[str, Any], card, CARD)
        check(Sequence[str], card.get("classes", TEN_DIGITS), "classes")
        network = NETWORKS[card.get("architecture", Network.architecture)](len(tensors["head.bias"]))
        network.load_state_dict(tensors)
        judge = Judge(network, card)
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


def read_judge_once(folder: Path) -> Judge:
    """read_judge, cached in memory until the card changes. Raises SnapshotError."""
    card = folder / CARD
    return _read_once(folder, card.stat().st_mtime_ns if card.exists() else 0)


@lru_cache(maxsize=20)  # four panels
def _read_once(folder: Path, changed: int) -> Judge:
    return read_judge(folder)
