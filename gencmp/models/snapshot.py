"""A model at the end of an epoch <-> one safetensors file. No pickle, so files from any source are safe to open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from gencmp.errors import SnapshotError
from gencmp.models.weights_file import metadata_of, not_ours, read_content, read_facts, to_metadata
from gencmp.schema import parse_json
from gencmp.settings.configs import Config

ADAM = {"step", "exp_avg", "exp_avg_sq"}


class Model(Protocol):
    """What snapshots need of a model, or of a trainer."""

    @property
    def networks(self) -> Mapping[str, nn.Module]: ...


class Optimiser(Protocol):
    """torch.optim.Adam, or any optimiser that keeps its state in the same layout."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: dict[str, Any]) -> None: ...


class Trainer(Model, Protocol):
    """What snapshots need of a trainer."""

    @property
    def optimisers(self) -> Mapping[str, Optimiser]: ...
    @property
    def rng(self) -> torch.Generator: ...


@dataclass(frozen=True)
class Snapshot:
    """A model after `step` steps and `epoch` epochs, trained for `seconds`.

    tensors: by name: `model/NETWORK/...`; the full state of a training also has `adam/...` and `rng`.
    data:    "name" and "fingerprint" of the training data.
    ignored: settings in the file that this version does not know; the networks do not depend on them.
    """

    config: Config
    epoch: int
    step: int
    seconds: float
    tensors: Mapping[str, Tensor]
    source: str = "snapshot"  # for error messages: the file it came from
    data: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def resumable(self) -> bool:
        return "rng" in self.tensors


def pack(snapshot: Snapshot) -> bytes:
    """The safetensors file of a snapshot."""
    # copied, because the weights are views of one tensor, and safetensors does not allow shared memory
    tensors = {name: t.detach().to("cpu", copy=True) for name, t in snapshot.tensors.items()}
    return save(tensors, to_metadata(snapshot.config, snapshot.epoch, snapshot.step, snapshot.seconds, snapshot.data))


def unpack(content: bytes, source: str = "snapshot") -> Snapshot:
    """Raises SnapshotError, naming `source`, when gencmp did not write the content, it is damaged, or it is from a later
    version whose networks this one cannot build."""
    facts = read_facts(content, source)
    tensors = _tensors(content, source)
    return Snapshot(facts.config, facts.epoch, facts.step, facts.seconds, tensors, source, facts.data, facts.ignored)


def _tensors(content: bytes, source: str) -> dict[str, Tensor]:
    try:
        return load(content)
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise not_ours(source, error) from None


def read(path: Path) -> Snapshot:
    """Raises SnapshotError when the file is missing or `unpack` cannot read it."""
    try:
        return unpack(read_content(path), str(path))
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read: {error.strerror}.") from None


def read_whole(weights: Path, optimiser: Path) -> Snapshot:
    """The full state of a kept epoch, from the file of its weights and that of its optimiser.

    Raises SnapshotError like `read`, and when the two files are of different epochs.
    """
    snapshot = read(weights)
    try:
        content = read_content(optimiser)
        step = parse_json(metadata_of(content)["gencmp"])["step"]
    except OSError as error:
        raise SnapshotError(f"{optimiser} cannot be read: {error.strerror}.") from None
    except (KeyError, TypeError, ValueError) as error:
        raise not_ours(str(optimiser), error) from None
    more = _tensors(content, str(optimiser))
    if step != snapshot.step:
        raise SnapshotError(
            f"{optimiser} is of step {step}, but the weights beside it are of step {snapshot.step}. Start from another epoch."
        )
    return replace(snapshot, tensors={**more, **snapshot.tensors})


def weights_of(model: Model) -> dict[str, Tensor]:
    """The weights by name, as "model/generator/layers.0.weight"; views, not copies."""
    return {
        f"model/{name}/{key}": value
        for name, network in model.networks.items()
        for key, value in network.state_dict().items()
    }


def state_of(trainer: Trainer) -> dict[str, Tensor]:
    """Everything the next step depends on: weights, Adam's two moments and step counts, and the random state."""
    return weights_of(trainer) | optimiser_of(trainer)


def optimiser_of(trainer: Trainer) -> dict[str, Tensor]:
    """The state without the weights: twice their size.

    Adam's tensors are named by optimiser, parameter number and torch's own name: "adam/generator/0/exp_avg".
    """
    tensors = {"rng": trainer.rng.get_state()}
    for name, optimiser in trainer.optimisers.items():
        for number, state in optimiser.state_dict()["state"].items():
            tensors |= {f"adam/{name}/{number}/{key}": value for key, value in state.items()}
    return tensors


def load_weights(networks: Mapping[str, nn.Module], snapshot: Snapshot) -> None:
    """Copy the snapshot's weights into the networks; raises SnapshotError when a name or shape does not fit."""
    for name, network in networks.items():
        own = network.state_dict()
        for key, target in own.items():
            full = f"model/{name}/{key}"
            found = snapshot.tensors.get(full)
            if found is None or found.shape != target.shape:
                shape = "missing" if found is None else list(found.shape)
                raise SnapshotError(
                    f"{snapshot.source}: {full} is {shape}, this config wants {list(target.shape)}."
                    " Start a new run, or use the settings that the snapshot was trained with."
                )
            own[key] = found.to(target.dtype)
        network.load_state_dict(own)


def load_state(trainer: Trainer, snapshot: Snapshot, rng: bool = True) -> None:
    """Restore the trainer's state from the snapshot; rng: the random state, too. Raises SnapshotError when the snapshot holds
    only weights, or comes from another type of device, whose random state is different."""
    if not snapshot.resumable:
        raise SnapshotError(
            f"{snapshot.source} holds only weights, without the optimiser's state: it can be viewed, but not resumed."
        )
    load_weights(trainer.networks, snapshot)
    try:
        states = {name: _adam_state(snapshot, name) for name in trainer.optimisers}
        _refuse_incomplete(snapshot, states)
        for name, optimiser in trainer.optimisers.items():
            optimiser.load_state_dict(optimiser.state_dict() | {"state": states[name]})
    except (KeyError, IndexError, ValueError, RuntimeError, TypeError) as error:
        raise not_ours(snapshot.source, ValueError(f"the optimiser's state does not fit: {error}")) from None
    if not rng:
        return
    try:
        trainer.rng.set_state(snapshot.tensors["rng"])
    except (RuntimeError, TypeError):
        raise SnapshotError(
            f"{snapshot.source}: its random state does not fit the device {trainer.rng.device.type}, so the run was trained on another"
            " type of device. Resume it on that device, or start a new run."
        ) from None


def _refuse_incomplete(snapshot: Snapshot, states: Mapping[str, dict[int, dict[str, Tensor]]]) -> None:
    """Raise ValueError where a weight lacks part of its state: an optimiser would silently start afresh for it. One that has
    never stepped may have none at all."""
    weights = [name for name in snapshot.tensors if name.startswith("model/")]
    for optimiser, by_number in states.items():
        own = [
            name for name in weights if name.startswith(f"model/{optimiser}/")
        ] or weights  # a VAE's has both networks
        if by_number and (len(by_number) != len(own) or any(state.keys() != ADAM for state in by_number.values())):
            raise ValueError("parts of it are missing")


def _adam_state(snapshot: Snapshot, name: str) -> dict[int, dict[str, Tensor]]:
    """The state of one optimiser, by parameter number. Copies, because torch.optim.Adam updates the tensors it is given in
    place."""
    state: dict[int, dict[str, Tensor]] = {}
    for full, value in snapshot.tensors.items():
        kind, *place = full.split("/")
        if kind == "adam" and place[0] == name:
            state.setdefault(int(place[1]), {})[place[2]] = value.clone()
    return state
