"""Convolutional models train as the dense ones do: the same bits again, resumed, changed, by hand, and in forks."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

from gencmp.data.digits import Digits
from gencmp.events import Changed, Checkpoint, Epoch, Finished, Moment, Started, to_json
from gencmp.models.gan import GanTrainer
from gencmp.models.snapshot import Snapshot, unpack
from gencmp.models.vae import VaeTrainer
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer, sample
from gencmp.training.by_hand import ByHand
from gencmp.training.changes import Levers
from gencmp.training.loop import train

CPU = torch.device("cpu")


@pytest.fixture(params=["gan", "vae"])
def conv(request: pytest.FixtureRequest) -> GanConfig | VaeConfig:
    """Two epochs of six steps."""
    shared: dict[str, Any] = {"network": "conv", "epochs": 2, "batch_size": 50, "device": "cpu"}
    return GanConfig(**shared, noise_size=8) if request.param == "gan" else VaeConfig(**shared)


def of(kind: Any, events: Any) -> Any:
    return [event for event in events if isinstance(event, kind)]


def last_state(events: Any) -> dict[str, torch.Tensor]:
    return dict(unpack(of(Checkpoint, events)[-1].state).tensors)


def same(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> bool:
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def precision_and_weights(config: Any, digits: Digits) -> tuple[str, torch.Tensor]:
    """Of a training as a run has it."""
    started, *events = train(config, digits)
    assert isinstance(started, Started)
    tensors = unpack(of(Checkpoint, events)[-1].weights).tensors
    return started.precision, torch.cat([tensors[name].flatten() for name in sorted(tensors)])


def test_it_takes_the_textbook_step_in_the_precision_of_the_settings(
    conv: Any, digits: Digits, monkeypatch: Any
) -> None:
    assert isinstance(build_trainer(conv, CPU), GanTrainer | VaeTrainer)
    native = "gencmp.training.build.torch.cpu._is_avx512_bf16_supported"
    monkeypatch.setattr(native, lambda: True)  # where it is not, oneDNN computes the same more slowly
    (halved, one), (whole, two) = (
        precision_and_weights(conv.replace(precision=each), digits) for each in ("auto", "float32")
    )
    assert (halved, whole) == ("bfloat16", "float32")
    assert one.dtype == two.dtype == torch.float32
    assert 0 < (one - two).norm() / two.norm() < 0.1


def test_what_it_has_learnt_is_measured_in_float32(conv: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("gencmp.training.build.torch.cpu._is_avx512_bf16_supported", lambda: True)
    networks, whole = (build_trainer(conv.replace(precision=each), CPU).networks for each in ("auto", "float32"))
    for name, network in networks.items():
        x = torch.randn(50, next(network.parameters()).shape[1] if name in ("generator", "decoder") else 784)
        assert torch.equal(network.eval()(x), whole[name].eval()(x))
        assert network.train()(x).dtype == torch.float32


def test_same_settings_same_events(conv: Any, digits: Digits) -> None:
    ticks = (itertools.count().__next__ for _ in range(2))
    one, two = ([to_json(event) for event in train(conv, digits, clock=clock)] for clock in ticks)
    assert one == two
    assert [to_json(event) for event in train(conv.replace(seed=1), digits, clock=itertools.count().__next__)] != one


def test_resumed_it_is_as_never_stopped(conv: Any, digits: Digits) -> None:
    events = list(train(conv, digits))
    middle = unpack(of(Checkpoint, events)[0].state)
    assert middle.resumable
    resumed = list(train(conv, digits, resume=middle))
    assert same(last_state(resumed), last_state(events))
    assert of(Epoch, resumed)[-1].test == of(Epoch, events)[-1].test


def test_a_fork_with_its_whole_state_goes_on_exactly(conv: Any, digits: Digits) -> None:
    events = list(train(conv, digits))
    kept = of(Checkpoint, events)[0]
    whole = unpack(kept.weights)
    start = Snapshot(whole.config, whole.epoch, whole.step, 0.0, {**whole.tensors, **unpack(kept.state).tensors})
    assert same(last_state(train(conv, digits, start=start)), last_state(events))


LEVERS: dict[str, dict[str, float]] = {
    "gan": {"discriminator_dropout": 0.6, "generator_learning_rate": 1e-3},
    "vae": {"learning_rate": 1e-4, "beta": 3.0},
}


def test_levers_change_what_it_learns_and_are_replayed(conv: Any, digits: Digits) -> None:
    levers, changed = Levers(), []
    found = []
    for event in train(conv, digits, levers=levers):
        if isinstance(event, Epoch) and event.epoch == 1:
            levers.ask(LEVERS[conv.kind])
        changed += [event] if isinstance(event, Changed) else []
        found.append(event)
    assert [each.after for each in changed] == [LEVERS[conv.kind]]
    again = list(train(conv, digits, levers=Levers(changed)))
    assert same(last_state(again), last_state(found))
    assert not same(last_state(train(conv, digits)), last_state(found))


def test_by_hand_it_is_the_same_to_the_bit_and_each_layer_tells_how_far_it_moved(conv: Any, digits: Digits) -> None:
    watched = list(train(conv.replace(epochs=1), digits, by_hand=ByHand(active=True)))
    assert same(last_state(watched), last_state(train(conv.replace(epochs=1), digits)))
    moment = next(each for each in of(Moment, watched) if each.acts in ("discriminator", "vae"))
    learnt = moment.moved["discriminator" if conv.kind == "gan" else "encoder"]
    assert len(learnt) == (4 if conv.kind == "gan" else 5) and all(change > 0 for change in learnt)


def test_samples_come_from_the_file_alone(conv: Any, digits: Digits) -> None:
    events = list(train(conv, digits))
    assert isinstance(events[-1], Finished)
    snapshot = unpack(of(Checkpoint, events)[-1].weights)
    pictures = sample(snapshot, 3, seed=5)
    assert pictures.shape == (3, 28, 28) and pictures.std() > 0
    assert (sample(snapshot, 3, seed=5) == pictures).all()


def test_on_a_gpu_it_asks_for_algorithms_that_repeat(conv: Any) -> None:
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU")
    x = torch.rand(50, 784, device="cuda")
    trainers = [build_trainer(conv.replace(device="cuda"), torch.device("cuda")) for _ in range(2)]
    for _ in range(5):
        assert torch.equal(*(trainer.step(x) for trainer in trainers))
