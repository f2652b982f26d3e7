import json
import math
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save

from gencmp.data.digits import Digits
from gencmp.errors import SnapshotError
from gencmp.models.snapshot import Snapshot, load_state, load_weights, pack, read, state_of, unpack, weights_of
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import Trainer, build_trainer, load_model

CPU = torch.device("cpu")


@pytest.fixture
def trainer(config: GanConfig | VaeConfig, digits: Digits) -> Trainer:
    """One that has taken a few steps, so that Adam has moments and the random state has moved."""
    trainer = build_trainer(config, CPU)
    for images in digits.train.batches(100):
        trainer.step(images)
    return trainer


@pytest.fixture
def snapshot(config: GanConfig | VaeConfig, trainer: Trainer) -> Snapshot:
    return Snapshot(config, 2, 6, 1.5, state_of(trainer))


def same(left: Any, right: Any) -> Any:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_pack_and_unpack(snapshot: Snapshot) -> None:
    back = unpack(pack(snapshot))
    assert (back.config, back.epoch, back.step, back.seconds) == (snapshot.config, 2, 6, 1.5)
    assert same(back.tensors, snapshot.tensors)


def test_the_next_steps_after_loading_are_the_same_bit_for_bit(
    config: GanConfig | VaeConfig, trainer: Trainer, snapshot: Snapshot, digits: Digits
) -> None:
    other = build_trainer(config.replace(seed=9), CPU)
    load_state(other, unpack(pack(snapshot)))
    for images in digits.train.batches(100):
        assert torch.equal(trainer.step(images), other.step(images))
    assert same(state_of(trainer), state_of(other))


def test_loading_copies(config: GanConfig | VaeConfig, trainer: Trainer, snapshot: Snapshot, digits: Digits) -> None:
    kept = unpack(pack(snapshot))
    other = build_trainer(config, CPU)
    load_state(other, snapshot)
    other.step(next(digits.train.batches(100)))
    assert same(kept.tensors, state_of(trainer))


def test_weights_alone_can_be_looked_at_but_not_resumed(
    config: GanConfig | VaeConfig, trainer: Trainer, snapshot: Snapshot
) -> None:
    weights = unpack(pack(replace(snapshot, tensors=weights_of(trainer))), "run/00002.safetensors")
    assert same(weights_of(load_model(weights)), weights_of(trainer))
    with pytest.raises(SnapshotError, match=r"run/00002.safetensors holds only weights, .* not resumed"):
        load_state(build_trainer(config, CPU), weights)


def test_half_precision_weights_are_read_as_floats(trainer: Trainer, snapshot: Snapshot) -> None:
    halves = {name: tensor.half() for name, tensor in weights_of(trainer).items()}
    network: Any = next(iter(load_model(replace(snapshot, tensors=halves)).networks.values()))
    before: Any = next(iter(trainer.networks.values()))
    assert network.layers[0].weight.dtype == torch.float32
    torch.testing.assert_close(network.layers[0].weight, before.layers[0].weight.detach(), rtol=1e-3, atol=1e-4)


def test_weights_of_another_shape_are_refused(snapshot: Snapshot, config: GanConfig | VaeConfig) -> None:
    widths = "generator_widths" if config.kind == "gan" else "encoder_widths"
    other = build_trainer(config.replace(**{widths: (17,)}), CPU)
    with pytest.raises(
        SnapshotError,
        match=r"^my file: model/.*/layers.0.weight is \[16, .*\], this config wants \[17, .*\]\. Start a new",
    ):
        load_weights(other.networks, replace(snapshot, source="my file"))


def test_missing_weights_are_refused(snapshot: Snapshot, config: GanConfig | VaeConfig) -> None:
    with pytest.raises(SnapshotError, match=r"layers.0.weight is missing, this config wants"):
        load_weights(build_trainer(config, CPU).networks, replace(snapshot, tensors={}))


class Bomb:
    """A pickle that would create a file."""

    def __init__(self, path: Any) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


def test_a_pickle_under_our_name_is_refused_and_not_run(tmp_path: Path) -> None:
    file, proof = tmp_path / "model.safetensors", tmp_path / "it ran"
    for content in (pickle.dumps(Bomb(proof)), pickle.dumps(Bomb(proof), protocol=0)):
        file.write_bytes(content)
        with pytest.raises(SnapshotError, match=f"{file} is not a gencmp snapshot, or is damaged"):
            read(file)
    torch.save({"model": torch.zeros(1), "bomb": Bomb(proof)}, file)
    with pytest.raises(SnapshotError):
        read(file)
    assert not proof.exists()


def test_a_cut_file_is_refused_wherever_it_is_cut(snapshot: Snapshot) -> None:
    content = pack(snapshot)
    for length in (0, 1, 7, 8, 9, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(SnapshotError, match=r"cut.safetensors"):
            unpack(content[:length], "cut.safetensors")


FACTS = {"format": 1, "config": {"kind": "vae"}, "epoch": 1, "step": 1, "seconds": 1}


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"gencmp": "no json"},
        {"gencmp": "[]"},
        {"gencmp": json.dumps({"config": {"kind": "vae"}})},
        {"gencmp": json.dumps(FACTS | {"config": 3})},
        {"gencmp": json.dumps(FACTS | {"config": 3, "gencmp": "2.3.0"})},
        {"gencmp": json.dumps(FACTS | {"config": None})},
        {"gencmp": json.dumps(FACTS | {"config": ["kind"]})},
        {"gencmp": json.dumps(FACTS | {"config": {"kind": []}})},
        {"gencmp": json.dumps(FACTS | {"config": {"kind": "flow"}})},
        {"gencmp": json.dumps(FACTS | {"epoch": math.inf})},
        {"gencmp": json.dumps(FACTS)},  # all but the networks
    ],
)
def test_safetensors_of_others_are_refused(metadata: Any) -> None:
    with pytest.raises(
        SnapshotError, match=r"theirs.safetensors is not a gencmp snapshot, .* a \.safetensors file that gencmp wrote"
    ):
        unpack(save({"weight": torch.zeros(3)}, metadata), "theirs.safetensors")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match=r"none.safetensors cannot be read: No such file or directory\."):
        read(tmp_path / "none.safetensors")
    with pytest.raises(SnapshotError, match="Is a directory"):
        read(tmp_path)


def test_a_state_from_another_kind_of_device_is_refused(snapshot: Snapshot, config: GanConfig | VaeConfig) -> None:
    elsewhere = replace(snapshot, tensors=dict(snapshot.tensors) | {"rng": torch.zeros(16, dtype=torch.uint8)})
    with pytest.raises(
        SnapshotError, match=r"^snapshot: its random state does not fit the device cpu, .* start a new run"
    ):
        load_state(build_trainer(config, CPU), elsewhere)
