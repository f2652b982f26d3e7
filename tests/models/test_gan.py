from collections.abc import Callable
from math import log
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from gencmp.data.digits import Digits
from gencmp.models.gan import (
    Gan,
    GanTrainer,
    build_discriminator,
    build_generator,
    discriminator_loss,
    draw_noise,
    generator_loss,
)
from gencmp.models.layers import count_parameters, initialise
from gencmp.settings.configs import GanConfig
from gencmp.training.fast_gan import FastGanTrainer


def seeded(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=[GanTrainer, FastGanTrainer], ids=["textbook", "fast"])
def trainer_of(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function that makes a trainer at its first weights, of either kind."""

    def build(config: Any) -> Any:
        rng, first = seeded(2), seeded(1)
        model = Gan(config, build_generator(config, rng), build_discriminator(config, rng))
        for network in model.networks.values():
            initialise(network, first)
        return request.param(model, rng)

    return build


def gradient_of(trainer: Any, name: Any) -> Any:
    """All of a network's, as one vector."""
    if isinstance(trainer, FastGanTrainer):
        return trainer.optimisers[name].gradients.clone()
    wanted = trainer.networks[name].parameters()
    return torch.cat([torch.zeros(p.numel()) if p.grad is None else p.grad.flatten() for p in wanted])


def weights_of(network: Any) -> Any:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def logits(chance: Any, count: int = 1) -> Any:
    return torch.full((count, 1), log(chance / (1 - chance)))


def test_the_papers_parameter_counts() -> None:
    assert count_parameters(build_generator(GanConfig(), seeded())) == 579_728
    assert count_parameters(build_discriminator(GanConfig(), seeded())) == 566_273


def test_the_losses_at_equilibrium() -> None:
    assert discriminator_loss(logits(0.45), logits(0.45), 0.9).item() == pytest.approx(1.376, abs=5e-4)
    assert discriminator_loss(logits(0.5), logits(0.5), 1.0).item() == pytest.approx(2 * log(2))
    assert generator_loss(logits(0.45)).item() == pytest.approx(0.799, abs=5e-4)
    assert generator_loss(logits(0.5)).item() == pytest.approx(log(2))


def test_the_best_answer_to_identical_data_is_half_the_label() -> None:
    losses = {chance: discriminator_loss(logits(chance), logits(chance), 0.9).item() for chance in (0.43, 0.45, 0.47)}
    assert min(losses, key=lambda chance: losses[chance]) == 0.45


def test_a_perfect_discriminator_stays_above_the_entropy_of_its_label() -> None:
    assert discriminator_loss(logits(0.9), torch.tensor([[-60.0]]), 0.9).item() == pytest.approx(0.325, abs=5e-4)
    assert discriminator_loss(logits(0.99), torch.tensor([[-60.0]]), 0.9).item() > 0.325


def test_the_losses_are_cross_entropies() -> None:
    real, fake = torch.randn(7, 1, generator=seeded()), torch.randn(7, 1, generator=seeded(1))
    both = cross_entropy(real, torch.full((7, 1), 0.9)) + cross_entropy(fake, torch.zeros(7, 1))
    assert discriminator_loss(real, fake, 0.9).item() == pytest.approx(both.item(), rel=1e-6)
    assert generator_loss(fake).item() == pytest.approx(cross_entropy(fake, torch.ones(7, 1)).item(), rel=1e-6)


def test_uniform_noise() -> None:
    noise = draw_noise(2000, GanConfig(), seeded())
    assert noise.shape == (2000, 100)
    assert noise.min() >= -1 and noise.max() < 1
    assert (noise.mean().item(), noise.var().item()) == pytest.approx((0, 1 / 3), abs=0.005)


def test_normal_noise() -> None:
    noise = draw_noise(2000, GanConfig(noise="normal"), seeded())
    assert (noise.mean().item(), noise.var().item()) == pytest.approx((0, 1), abs=0.01)


@pytest.mark.parametrize("ratio", [(1, 1), (2, 1), (1, 2)])
def test_steps_equal_a_plain_implementation(
    double: None,
    plain: Callable[..., nn.Sequential],
    trainer_of: Callable[..., Any],
    digits: Digits,
    gan: GanConfig,
    ratio: Any,
) -> None:
    config = gan.replace(
        generator_dropout=0.0, discriminator_dropout=0.0, discriminator_steps=ratio[0], generator_steps=ratio[1]
    )
    trainer, noise = trainer_of(config), seeded(2)
    g, d = (plain(network, nn.LeakyReLU(0.2)) for network in trainer.networks.values())
    adam_g, adam_d = torch.optim.Adam(g.parameters(), 2e-4), torch.optim.Adam(d.parameters(), 2e-4)
    for images in digits.train.batches(50):
        real = images.double() * 2 - 1
        for _ in range(ratio[0]):
            fake = torch.tanh(g(draw_noise(50, config, noise))).detach()
            adam_d.zero_grad()
            loss_d = cross_entropy(d(real), torch.full((50, 1), 0.9)) + cross_entropy(d(fake), torch.zeros(50, 1))
            loss_d.backward()
            adam_d.step()
        for _ in range(ratio[1]):
            adam_g.zero_grad()
            loss_g = cross_entropy(d(torch.tanh(g(draw_noise(50, config, noise)))), torch.ones(50, 1))
            loss_g.backward()
            adam_g.step()
        assert trainer.step(images.double())[:2].tolist() == pytest.approx([loss_d.item(), loss_g.item()], rel=1e-9)
    torch.testing.assert_close(weights_of(trainer.model.generator), weights_of(g), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(weights_of(trainer.model.discriminator), weights_of(d), rtol=1e-9, atol=1e-9)


def test_a_step_tells_what_d_thinks(trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig) -> None:
    trainer = trainer_of(gan.replace(discriminator_dropout=0.0, generator_dropout=0.0))
    images = next(digits.train.batches(50))
    believed = torch.sigmoid(trainer.model.discriminator(images * 2 - 1)).mean().item()
    _, _, d_real, d_fake = trainer.step(images).tolist()
    assert d_real == pytest.approx(believed, rel=1e-5)
    assert 0 < d_fake < 1


@pytest.mark.parametrize(("ratio", "still"), [((0, 1), "discriminator"), ((1, 0), "generator")])
def test_a_network_without_steps_stays_as_it_is(
    trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig, ratio: Any, still: str
) -> None:
    trainer = trainer_of(gan.replace(discriminator_steps=ratio[0], generator_steps=ratio[1]))
    before = {name: weights_of(network) for name, network in trainer.networks.items()}
    measures = trainer.step(next(digits.train.batches(50)))
    same = {name for name, network in trainer.networks.items() if torch.equal(before[name], weights_of(network))}
    assert same == {still}
    assert measures.shape == (4,) and measures.isfinite().all()


def test_neither_phase_gives_the_other_network_a_gradient(
    trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig
) -> None:
    trainer = trainer_of(gan)
    kept: list[Any] = []
    of_d = trainer.optimisers["discriminator"]
    update = of_d.step

    def keep() -> None:
        kept.extend(gradient_of(trainer, name) for name in ("generator", "discriminator"))
        update()

    of_d.step = keep
    trainer.step(next(digits.train.batches(50)))
    assert not kept[0].any() and kept[1].any()
    assert gradient_of(trainer, "generator").any() and torch.equal(gradient_of(trainer, "discriminator"), kept[1])


def test_each_networks_learning_rate_is_its_own(trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig) -> None:
    trainer = trainer_of(gan.replace(generator_learning_rate=1e-2, discriminator_learning_rate=1e-5))
    before = {name: weights_of(network) for name, network in trainer.networks.items()}
    trainer.step(next(digits.train.batches(50)))
    moved = {
        name: (weights_of(network) - before[name]).abs().max().item() for name, network in trainer.networks.items()
    }
    # Adam's first step is the learning rate for each weight, whatever its gradient
    assert moved == pytest.approx({"generator": 1e-2, "discriminator": 1e-5}, rel=0.02)


def test_each_networks_dropout_is_its_own(trainer_of: Callable[..., Any], gan: GanConfig) -> None:
    model = trainer_of(gan.replace(generator_dropout=0.1, discriminator_dropout=0.2)).model
    assert (model.generator.dropout, model.discriminator.dropout) == (0.1, 0.2)
    images = torch.zeros(200, 784)
    assert not torch.equal(model.discriminator(images), model.discriminator(images))


def test_gradient_norms_are_of_the_last_step(trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig) -> None:
    trainer = trainer_of(gan)
    assert trainer.gradient_norms().tolist() == [0, 0]
    trainer.step(next(digits.train.batches(50)))
    norms = [gradient_of(trainer, name).norm().item() for name in ("discriminator", "generator")]
    assert trainer.gradient_norms().tolist() == pytest.approx(norms, rel=1e-5)


def test_the_test_figure_is_the_mean_over_all_batches(
    trainer_of: Callable[..., Any], digits: Digits, gan: GanConfig
) -> None:
    model = trainer_of(gan).model
    model.discriminator.eval()
    with torch.no_grad():
        whole = torch.sigmoid(model.discriminator(digits.test.images / 255 * 2 - 1)).mean().item()
        figures = model.figures(list(digits.test.batches(30)))
    assert figures == {"d_real": pytest.approx(whole, rel=1e-5)}


def test_samples_are_pixels(trainer_of: Callable[..., Any], gan: GanConfig) -> None:
    pixels = trainer_of(gan).model.sample(5, seeded())
    assert pixels.shape == (5, 784)
    assert pixels.min() >= 0 and pixels.max() <= 1
