"""A CUDA graph takes the same steps; without a GPU the trainer's own step is taken, and the rest of this file has nothing to try."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from test_changes import PULLED, pulled_at

from gencmp.data.digits import Digits
from gencmp.events import Changed, Checkpoint, Epoch, Started
from gencmp.models.snapshot import unpack
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import FastTrainer, build_trainer
from gencmp.training.by_hand import ByHand
from gencmp.training.changes import Levers
from gencmp.training.cuda_graph import CapturedStep, stepper
from gencmp.training.loop import train

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
CONFIGS = [
    GanConfig(batch_size=50, epochs=2, device="cuda"),
    GanConfig(batch_size=50, epochs=2, device="cuda", discriminator_steps=2, noise="normal", activation="elu"),
    VaeConfig(batch_size=50, epochs=2, device="cuda"),
]


def test_a_processor_takes_the_trainers_own_step_without_autograd(config: GanConfig | VaeConfig) -> None:
    device, images = torch.device("cpu"), torch.rand(50, 784)
    ours, plain = build_trainer(config, device), build_trainer(config, device)
    measures = stepper(ours, device, 50)(images)
    assert torch.equal(measures, plain.step(images)) and measures.is_inference()
    for name, network in ours.networks.items():
        for mine, other in zip(network.parameters(), plain.networks[name].parameters(), strict=True):
            assert torch.equal(mine, other)


@on_a_gpu
def test_batches_of_another_size_are_never_captured() -> None:
    device = torch.device("cuda")
    trainer = build_trainer(CONFIGS[0], device)
    assert isinstance(trainer, FastTrainer)
    take = CapturedStep(trainer, 50)
    for size in (30, 50, 30, 50, 30):
        assert take(torch.rand(size, 784, device=device)).isfinite().all()
        assert take.graph is None
    take(torch.rand(50, 784, device=device))
    assert take.graph is not None


@on_a_gpu
@pytest.mark.parametrize("config", CONFIGS)
def test_captured_steps_are_the_eager_ones(config: Any, digits: Digits) -> None:
    device = torch.device("cuda")
    images = digits.train.images[:50].to(device) / 255
    one, two = build_trainer(config, device), build_trainer(config, device)
    take = stepper(one, device, 50)
    for _ in range(12):
        torch.testing.assert_close(take(images).clone(), two.step(images), rtol=1e-4, atol=1e-5)
    for name, network in one.networks.items():
        torch.testing.assert_close(network.state_dict(), two.networks[name].state_dict(), rtol=1e-3, atol=1e-4)


@on_a_gpu
@pytest.mark.parametrize("config", CONFIGS)
def test_on_a_gpu_a_resumed_run_is_the_same_bit_for_bit(config: Any, digits: Digits) -> None:
    whole = list(train(config, digits))
    state = next(event.state for event in whole if isinstance(event, Checkpoint))
    resumed = list(train(config, digits, resume=unpack(state)))
    last, again = ([event for event in events if isinstance(event, Epoch)][-1] for events in (whole, resumed))
    assert isinstance(whole[0], Started) and whole[0].device == "cuda"
    assert last.test == again.test
    assert [e.state for e in whole if isinstance(e, Checkpoint)][-1] != state
    ends = ([e for e in events if isinstance(e, Checkpoint)][-1].state for events in (whole, resumed))
    one, two = (unpack(end).tensors for end in ends)
    assert all(torch.equal(one[name], two[name]) for name in one)


@on_a_gpu
def test_each_replay_draws_anew() -> None:
    config = CONFIGS[0]
    device = torch.device("cuda")
    trainer = build_trainer(config, device)
    take = stepper(trainer, device, 50)
    images = torch.zeros(50, 784, device=device)
    states = [(take(images), trainer.rng.get_state())[1] for _ in range(6)]
    assert not any(torch.equal(a, b) for a, b in pairwise(states))


@on_a_gpu
@pytest.mark.parametrize("config", CONFIGS)
def test_on_a_gpu_a_run_watched_by_hand_is_the_same_bit_for_bit(config: Any, digits: Digits) -> None:
    by_hand, ends = ByHand(), []
    for watched in (False, True):
        for number, event in enumerate(train(config, digits, by_hand=by_hand)):
            by_hand.active = watched and number // 5 % 2 == 1
            state = event.state if isinstance(event, Checkpoint) else b""
            ends += [unpack(state).tensors] if state else []
    half = len(ends) // 2
    for plain, seen in zip(ends[:half], ends[half:], strict=True):
        assert all(torch.equal(plain[name], seen[name]) for name in plain)


@on_a_gpu
@pytest.mark.parametrize("config", CONFIGS)
def test_on_a_gpu_a_changed_setting_is_captured_anew_and_replayed(config: Any, digits: Digits) -> None:
    """A graph holds the settings it was captured with: a change must leave it behind, and a resumed run take the same steps."""
    whole = list(pulled_at(config, digits, 9, PULLED[config.kind]))
    plain = [e.state for e in train(config, digits) if isinstance(e, Checkpoint)]
    [found] = [event for event in whole if isinstance(event, Changed)]
    first, last = (event.state for event in whole if isinstance(event, Checkpoint))
    resumed = train(config, digits, resume=unpack(first), levers=Levers([found]))
    [again] = [event.state for event in resumed if isinstance(event, Checkpoint)]
    one, two, three = (unpack(state).tensors for state in (last, again, plain[-1]))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert not any(torch.equal(one[name], three[name]) for name in one if name.endswith("weight"))
