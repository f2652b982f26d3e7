from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from gencmp.data.digits import Digits, entropy_floor
from gencmp.models.layers import count_parameters, initialise
from gencmp.models.vae import (
    Vae,
    VaeTrainer,
    build_decoder,
    build_encoder,
    draw_latent,
    elbo_terms,
    encode,
    objective_scale,
)
from gencmp.settings.configs import VaeConfig
from gencmp.training.fast_vae import FastVaeTrainer


def seeded(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=[VaeTrainer, FastVaeTrainer], ids=["textbook", "fast"])
def trainer_of(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """A function that makes a trainer at its first weights, of either kind."""

    def build(config: Any) -> Any:
        rng, first = seeded(2), seeded(1)
        model = Vae(config, build_encoder(config, rng), build_decoder(config, rng))
        for network in model.networks.values():
            initialise(network, first)
        return request.param(model, rng)

    return build


def weights_of(network: Any) -> Any:
    return torch.cat([p.detach().flatten() for p in network.parameters()])


def test_the_papers_parameter_counts() -> None:
    assert count_parameters(build_encoder(VaeConfig(), seeded())) == 534_276
    assert count_parameters(build_decoder(VaeConfig(), seeded())) == 534_544


@pytest.mark.parametrize(
    ("mean", "log_var", "kl"),
    [((3.0, 0.0), (0.0, 0.0), 4.5), ((0.0, 0.0), (0.0, 0.0), 0.0), ((0.0, 0.0), (1.0, 0.0), 0.5 * (2.718281828 - 2))],
)
def test_kl_of_known_gaussians(mean: Any, log_var: Any, kl: Any) -> None:
    images, two = torch.zeros(2, 784), torch.ones(2, 1)
    _, found = elbo_terms(images, images, torch.tensor([mean]) * two, torch.tensor([log_var]) * two)
    assert found.item() == pytest.approx(kl, abs=1e-6)


def test_kl_is_torchs_own() -> None:
    mean, log_var = torch.randn(5, 3, generator=seeded()), torch.randn(5, 3, generator=seeded(1))
    q = torch.distributions.Normal(mean, torch.exp(log_var / 2))
    expected = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0)).sum() / 5
    _, kl = elbo_terms(torch.zeros(5, 784), torch.zeros(5, 784), mean, log_var)
    assert kl.item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_perfect_decoder_reaches_the_entropy_floor(digits: Digits) -> None:
    images = digits.test.images.double() / 255
    nothing = torch.zeros(len(images), 2, dtype=torch.float64)
    floor, _ = elbo_terms(images, torch.logit(images, eps=1e-12), nothing, nothing)
    assert floor.item() == pytest.approx(entropy_floor(digits.test), rel=1e-6)


def test_the_three_reductions() -> None:
    assert objective_scale(100, "sum") == (100, 100)
    assert objective_scale(100, "mean") == (1, 1)
    assert objective_scale(100, "pixel_mean") == (1 / 784, 1)


def test_draws_of_the_latent_have_its_mean_and_variance() -> None:
    mean, log_var = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.0, -2.0]])
    draws = draw_latent(mean.expand(100_000, 2), log_var.expand(100_000, 2), seeded())
    assert draws.mean(0).tolist() == pytest.approx([2, -1], abs=0.02)
    assert draws.var(0).tolist() == pytest.approx([1, 0.1353], rel=0.03)


@pytest.mark.parametrize("reduction", ["sum", "mean", "pixel_mean"])
def test_steps_equal_a_plain_implementation(
    double: None,
    plain: Callable[..., nn.Sequential],
    trainer_of: Callable[..., Any],
    digits: Digits,
    vae: VaeConfig,
    reduction: str,
) -> None:
    trainer, draws = trainer_of(vae.replace(reduction=reduction, beta=0.7)), seeded(2)
    encoder, decoder = (plain(network, nn.ReLU()) for network in trainer.networks.values())
    adam = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)
    total = nn.BCELoss(reduction="mean" if reduction == "pixel_mean" else "sum")
    for images in digits.train.batches(50):
        x = images.double()
        mean, log_var = encoder(x).split(2, dim=1)
        z = mean + torch.exp(0.5 * log_var) * torch.empty(50, 2).normal_(generator=draws)
        kl = -0.5 * torch.sum(1 + log_var - mean**2 - torch.exp(log_var))
        loss = total(torch.sigmoid(decoder(z)), x) + 0.7 * kl / (50 if reduction == "pixel_mean" else 1)
        adam.zero_grad()
        (loss / 50 if reduction == "mean" else loss).backward()
        adam.step()
        assert trainer.step(x)[1].item() == pytest.approx(kl.item() / 50, rel=1e-9)
    torch.testing.assert_close(weights_of(trainer.model.encoder), weights_of(encoder), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(weights_of(trainer.model.decoder), weights_of(decoder), rtol=1e-9, atol=1e-9)


def test_a_step_tells_nats_per_image(trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig) -> None:
    trainer = trainer_of(vae)
    whole = next(digits.train.batches(50))
    reconstruction, kl = trainer.step(whole).tolist()
    assert reconstruction == pytest.approx(784 * 0.6931, rel=0.05)  # nothing learnt yet: a coin a pixel
    assert 0 <= kl < 1


def test_the_kl_weight_holds_the_encoder_back(trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig) -> None:
    kls = []
    for beta in (0.0, 1.0, 20.0):
        trainer = trainer_of(vae.replace(beta=beta, learning_rate=1e-2))
        kls.append([trainer.step(images)[1].item() for _ in range(5) for images in digits.train.batches(50)][-1])
    assert kls[0] > 1.2 * kls[1] > 3 * kls[2]


def test_gradient_norm_is_of_the_last_step(trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig) -> None:
    trainer = trainer_of(vae)
    assert trainer.gradient_norms().tolist() == [0]
    trainer.step(next(digits.train.batches(50)))
    if isinstance(trainer, FastVaeTrainer):
        whole = trainer.optimiser.gradients
    else:
        whole = torch.cat([p.grad.flatten() for network in trainer.networks.values() for p in network.parameters()])
    assert trainer.gradient_norms().tolist() == pytest.approx([whole.norm().item()], rel=1e-5)


def test_test_figures_are_the_same_every_time_and_cost_no_randomness(
    trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig
) -> None:
    trainer, before = trainer_of(vae), seeded(2).get_state()
    with torch.no_grad():
        first, second = (trainer.model.figures(list(digits.test.batches(30))) for _ in range(2))
    assert first == second
    assert first["negative_elbo"] == first["reconstruction"] + first["kl"]
    assert torch.equal(trainer.rng.get_state(), before)


def test_batches_count_by_their_size(trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig) -> None:
    trainer = trainer_of(vae)
    with torch.no_grad():
        uneven, whole = (trainer.model.figures(list(digits.test.batches(size)))["kl"] for size in (70, 100))
    assert uneven == pytest.approx(whole, rel=1e-5)


def test_encoding_and_decoding(trainer_of: Callable[..., Any], digits: Digits, vae: VaeConfig) -> None:
    model, images = trainer_of(vae).model, next(digits.test.batches(10))
    with torch.no_grad():
        mean, log_var = encode(model.encoder, images)
        assert torch.equal(model.encoder(images), torch.cat((mean, log_var), 1))
        assert torch.equal(model.reconstruct(images), torch.sigmoid(model.decoder(mean)))
        torch.testing.assert_close(model.means([images[:6], images[6:]]), mean)


def test_samples_are_decoded_standard_normal_draws(trainer_of: Callable[..., Any], vae: VaeConfig) -> None:
    model = trainer_of(vae).model
    z = torch.empty(5, 2).normal_(generator=seeded(9))
    assert torch.equal(model.sample(5, seeded(9)), torch.sigmoid(model.decoder(z)))
