"""The events of a training run: small frozen dataclasses, convertible to and from JSON.

`train()` yields them; a worker stores them, the command line displays them, a test collects them in a list,
and another machine can send them over a network.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

WORDS = {
    "discriminator_loss": "Discriminator loss",
    "generator_loss": "Generator loss",
    "d_real": "D(x)",
    "d_fake": "D(G(z))",
    "reconstruction": "Reconstruction",
    "kl": "KL divergence",
    "negative_elbo": "Test negative ELBO",
}


# The measures of a Step or Epoch, in the order in which the trainers compute them.
MEASURES = {
    "gan": ("discriminator_loss", "generator_loss", "d_real", "d_fake"),
    "vae": ("reconstruction", "kl"),
}
GRADIENT_NORMS = {
    "gan": ("discriminator_gradient", "generator_gradient"),
    "vae": ("gradient",),
}
# The share of recognised pictures from which on a model draws digits; noise of any kind stays far below, see Checkup.
RECOGNISABLE = 0.1
# About the most Step events that a run yields, so that a long run's curve costs no more than a short one's.
STEP_EVENTS = 5000


@dataclass(frozen=True)
class Started:
    """The model is built and the data are in memory. `epoch` is the one resumed from, 0 for a new run."""

    kind: str
    config: Mapping[str, Any]
    epoch: int
    step: int
    steps: int  # optimisation steps in the whole run
    images: int  # training images
    device: str
    threads: int
    precision: str  # of the matmuls: "float32" or "bfloat16"
    versions: Mapping[str, str]
    entropy_floor: float  # nats per image, see digits.entropy_floor
    machine: Mapping[str, Any] = field(default_factory=dict)  # the processor, see processor.processor_facts
    data: Mapping[str, str] = field(default_factory=dict)  # the training data, see digits.Digits.facts
    classes: Sequence[str] = field(default_factory=list)  # the name of each label, by its number


@dataclass(frozen=True)
class Step:
    """Means over the minibatches since the last Step; gradient norms of the last minibatch."""

    step: int
    epoch: int
    measures: Mapping[str, float]


@dataclass(frozen=True)
class Changed:
    """Settings were changed while the model trains: `step` is the first one with the new values, by name."""

    epoch: int
    step: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """A place within the training of a run that is watched by hand (see training/moments.py): a minibatch is laid out, or a
    phase of it is over. To be displayed but not stored.

    acts:     who has just learnt: "discriminator", "generator" or "vae"; "" when the minibatch is laid out.
    next:     who learns next, perhaps from the next minibatch.
    turn, turns: of D or G, from 1, where it has several in a minibatch; 0 when it is laid out.
    measures: those of MEASURES that this phase has.
    moved:    by network, the relative change of each layer's weights, ||dW|| / ||W||; 0 for a network at rest.
    opinions: of a GAN: D's probability for each picture that it has seen in this phase, before the update: "real", "fakes".
    arrays:   the minibatch's first pictures, uint8 [n, 28, 28]: "real", then "fakes" or "reconstructions"; of a VAE also "mean",
              "std" and "z", float32 [n, at most 2].
    """

    epoch: int
    step: int  # the number of the minibatch in the run, from 1
    acts: str
    next: str
    turn: int
    turns: int
    measures: Mapping[str, float]
    moved: Mapping[str, Sequence[float]]
    opinions: Mapping[str, Sequence[float]]
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)
    phase: int = 0  # 0 when the minibatch is laid out, then 1 to `phases`
    phases: int = 1

    @property
    def ends_step(self) -> bool:
        """Whether the minibatch is over."""
        return self.phase == self.phases


@dataclass(frozen=True)
class Preview:
    """Pictures made during an epoch, a few per epoch and once before the first step, to be displayed but not stored."""

    epoch: int
    step: int
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)


SPREAD = "spread"  # among an epoch's figures: how far apart its samples' centres of mass stand, in pixels


@dataclass(frozen=True)
class Epoch:
    """One epoch is done. arrays: pictures uint8 [n, 28, 28]; `means` float16 [n, latent] with `labels` uint8 [n]."""

    epoch: int
    step: int
    seconds: float  # of training only, without evaluating and making pictures afterwards
    images_per_second: float
    measures: Mapping[str, float]  # means over the epoch
    last: Mapping[str, float]  # of the last minibatch only, as in the paper's chart (f)
    test: Mapping[str, float]  # on the test set; and SPREAD
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Checkpoint:
    """The model at the end of an epoch. state: everything needed to resume. Of kept epochs, else None: weights, for replay,
    and optimiser, the rest of the state, to fork from."""

    epoch: int
    step: int
    state: bytes = field(repr=False)
    weights: bytes | None = field(repr=False)
    optimiser: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Checkup:
    """A quick evaluation of a checkpoint (see checkups.py), on 2,000 of its pictures and as many real ones.

    recognised: the share of its pictures that the judge is sure of and that are as near to a real one as most real ones are
    to each other. Of noise, which a judge calls an "8" with full confidence, it is below 5 %; of real digits, 93 %.
    variety: the mean distance between two of its pictures, as a share of that between two real ones, in pixels.
    d_train, d_test: of a GAN, mean D(x) of training and of test pictures, without dropout.
    unused: of a VAE, how many latent numbers carry no information: their means vary by less than 0.01 (Burda et al. 2016).
    """

    epoch: int
    step: int
    frechet: float
    floor: float
    digits: Sequence[float]  # the share of each class, as recognised by the judge
    missing: Sequence[int]  # classes that are less than a tenth as frequent as in the data
    recognised: float = 1.0
    variety: float | None = None
    d_train: float | None = None
    d_test: float | None = None
    unused: int | None = None


@dataclass(frozen=True)
class Finished:
    """All epochs are done."""

    epoch: int
    step: int
    seconds: float  # summed over the epochs


Event = Started | Step | Changed | Moment | Preview | Epoch | Checkpoint | Checkup | Finished
EVENTS: dict[str, type] = {
    cls.__name__: cls for cls in (Started, Step, Changed, Moment, Preview, Epoch, Checkpoint, Checkup, Finished)
}


@dataclass(frozen=True)
class Waiting:
    """Nothing has come for a moment from a training on another computer. No event of the training itself:
    an executor yields it.

    words: what that computer is doing while the training is prepared, or since when nothing has been heard of it; else "".
    """

    words: str = ""


def to_json(event: Event) -> str:
    """One line of JSON; arrays and bytes as base64."""
    values = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
    return json.dumps({"event": type(event).__name__} | values, default=_pack)


def from_json(line: str) -> Event:
    """The event that `to_json` wrote."""
    values = json.loads(line, object_hook=_unpack)
    event: Event = EVENTS[values.pop("event")](**values)
    return event


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return {"array": base64.b64encode(value.tobytes()).decode(), "dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    raise TypeError(f"an event cannot contain values of type {type(value).__name__}")


def _unpack(value: dict[str, Any]) -> Any:
    if value.keys() == {"array", "dtype", "shape"}:
        return np.frombuffer(base64.b64decode(value["array"]), value["dtype"]).reshape(value["shape"])
    if value.keys() == {"bytes"}:
        return base64.b64decode(value["bytes"])
    return value
