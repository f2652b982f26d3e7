"""The fast path takes the textbook's steps: the same draws, and after twenty steps the same weights."""

from itertools import islice
from typing import Any

import pytest
import torch
from convolutional import with_convolutions
from safetensors.torch import load
from torch import nn

from gencmp.data.digits import Digits
from gencmp.events import Checkpoint, Started
from gencmp.models.gan import GanTrainer
from gencmp.models.snapshot import Snapshot, load_state, pack, state_of, unpack
from gencmp.models.vae import VaeTrainer
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import preset
from gencmp.training.build import build_model, build_trainer, first_model, is_dense, textbook_trainer
from gencmp.training.cuda_graph import stepper
from gencmp.training.fast_gan import FastGanTrainer
from gencmp.training.fast_vae import FastVaeTrainer
from gencmp.training.loop import train

CPU = torch.device("cpu")
STEPS = 20
PAPERS = [preset(kind, "paper").config for kind in ("gan", "vae")]
OTHERS = [
    GanConfig(batch_size=30, discriminator_steps=2, noise="normal", activation="elu", discriminator_dropout=0.5),
    GanConfig(batch_size=30, generator_steps=2, activation="tanh", generator_dropout=0.0, generator_widths=(64,)),
    VaeConfig(batch_size=30, beta=0.5, latent_size=7, activation="leaky_relu", reduction="pixel_mean"),
    VaeConfig(batch_size=30, reduction="mean", activation="elu", encoder_widths=(64,), decoder_widths=(64,)),
]


def flat(network: Any) -> Any:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def both(config: Any) -> Any:
    """The textbook's trainer and the fast one."""
    config = config.replace(precision="float32", device="cpu")
    return build_trainer(config, CPU, textbook=True), build_trainer(config, CPU)


def batches(digits: Digits, config: Any, count: Any = STEPS) -> Any:
    """So many, epoch after epoch."""
    return islice((images for _ in range(count) for images in digits.train.batches(config.batch_size)), count)


def in_double(config: Any) -> Any:
    """Both with weights and matmuls in float64, from the same weights and draws."""
    trainers: dict[str, Any] = {"gan": FastGanTrainer, "vae": FastVaeTrainer}
    rngs = [torch.Generator().manual_seed(1) for _ in range(2)]
    textbook, fast = (first_model(config, CPU, rng) for rng in rngs)
    return textbook_trainer(textbook, rngs[0]), trainers[config.kind](fast, rngs[1], torch.float64)


@pytest.mark.parametrize("config", PAPERS + OTHERS)
def test_twenty_steps_are_the_textbooks(double: None, config: Any, mnist: Digits) -> None:
    """In float64: Adam divides a gradient by its size, so in float32, where one is nearly 0, its rounding, which differs
    from processor to processor, moves the weight by as much as a step."""
    textbook, fast = in_double(config)
    before = {name: flat(network) for name, network in textbook.networks.items()}
    for images in batches(mnist, config):
        pixels = images.double()
        torch.testing.assert_close(textbook.step(pixels), fast.step(pixels), rtol=1e-9, atol=1e-10)
        torch.testing.assert_close(textbook.gradient_norms(), fast.gradient_norms(), rtol=1e-8, atol=1e-10)
    assert torch.equal(textbook.rng.get_state(), fast.rng.get_state())
    for name, network in textbook.networks.items():
        assert flat(network).dtype == flat(fast.networks[name]).dtype == torch.float64
        torch.testing.assert_close(flat(fast.networks[name]), flat(network), rtol=1e-6, atol=1e-7)
        assert (flat(network) - before[name]).abs().max() > 2e-3  # many times what is tolerated


@pytest.mark.parametrize("config", PAPERS + OTHERS)
def test_twenty_steps_in_float32_have_the_textbooks_losses(config: Any, mnist: Digits) -> None:
    textbook, fast = both(config)
    for images in batches(mnist, config):
        torch.testing.assert_close(textbook.step(images), fast.step(images), rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(textbook.gradient_norms(), fast.gradient_norms(), rtol=1e-3, atol=1e-5)
    assert torch.equal(textbook.rng.get_state(), fast.rng.get_state())


def test_dense_networks_take_the_fast_path_and_others_the_textbook(config: GanConfig | VaeConfig) -> None:
    fast, textbook = build_trainer(config, CPU), build_trainer(config, CPU, textbook=True)
    assert isinstance(fast, FastGanTrainer | FastVaeTrainer) and isinstance(textbook, GanTrainer | VaeTrainer)
    model = build_model(config, torch.Generator())
    assert is_dense(model)
    name = next(iter(model.networks))
    setattr(model, name, nn.Sequential(getattr(model, name)))
    assert not is_dense(model)


@pytest.mark.parametrize("kinds", [(True, False), (False, True), (True, True)])
def test_either_kind_goes_on_where_the_other_stopped(config: GanConfig | VaeConfig, kinds: Any, digits: Digits) -> None:
    config = config.replace(precision="float32")
    one, other, whole = (build_trainer(config, CPU, textbook=kind) for kind in (*kinds, kinds[1]))
    for images in batches(digits, config, 5):
        one.step(images), whole.step(images)
    load_state(other, unpack(pack(Snapshot(config, 1, 5, 0.0, state_of(one)))))
    for images in batches(digits, config, 5):
        torch.testing.assert_close(other.step(images), whole.step(images), rtol=1e-4, atol=1e-5)
    found, wanted = state_of(other), state_of(whole)
    assert found.keys() == wanted.keys() and torch.equal(found["rng"], wanted["rng"])
    steps = [value for name, value in found.items() if name.endswith("/step")]
    assert steps and all(step == 10 for step in steps)
    for name, value in wanted.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-5)


def test_a_textbook_trainer_resumes_bit_for_bit_and_leaves_the_snapshot_alone(
    config: GanConfig | VaeConfig, digits: Digits
) -> None:
    one, other = (build_trainer(config, CPU, textbook=True) for _ in range(2))
    for images in batches(digits, config, 3):
        one.step(images)
    snapshot = unpack(pack(Snapshot(config, 1, 3, 0.0, state_of(one))))
    kept = {name: value.clone() for name, value in snapshot.tensors.items()}
    load_state(other, snapshot)
    for images in batches(digits, config, 3):
        assert torch.equal(one.step(images), other.step(images))
    assert all(torch.equal(value, snapshot.tensors[name]) for name, value in kept.items())


def test_a_network_that_never_moved_has_no_state_in_the_textbook(gan: GanConfig) -> None:
    config = gan.replace(discriminator_steps=0, precision="float32")
    textbook, fast = both(config)
    textbook.step(torch.rand(50, 784))
    load_state(fast, Snapshot(config, 1, 1, 0.0, state_of(textbook)))
    of_g, of_d = fast.optimisers["generator"], fast.optimisers["discriminator"]
    assert (of_g.steps, of_d.steps) == (1, 0) and not of_d.moments["exp_avg"].any()


def test_any_network_trains_with_the_same_loop(
    config: GanConfig | VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.training.build.build_model", with_convolutions)
    events = list(train(config, digits))
    assert isinstance(events[0], Started) and events[0].precision == "float32"
    states = [load(event.state) for event in events if isinstance(event, Checkpoint)]
    (filters,) = (name for name in states[0] if name.startswith("model/") and name.endswith("filters.weight"))
    assert not torch.equal(states[0][filters], states[-1][filters])
    # read without `unpack`, which refuses networks that no config of this version asks for
    resumed = list(train(config, digits, resume=Snapshot(config, 1, 6, 0.0, states[0])))
    (*_, last) = (load(event.state) for event in resumed if isinstance(event, Checkpoint))
    assert last.keys() == states[-1].keys() and all(torch.equal(last[name], states[-1][name]) for name in last)


def test_the_textbook_is_stepped_with_autograd(config: GanConfig | VaeConfig) -> None:
    trainer = build_trainer(config, CPU, textbook=True)
    before = [p.detach().clone() for network in trainer.networks.values() for p in network.parameters()]
    measures = stepper(trainer, CPU, 50)(torch.rand(50, 784))
    assert not measures.requires_grad and not measures.is_inference()
    after = [p for network in trainer.networks.values() for p in network.parameters()]
    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True))
