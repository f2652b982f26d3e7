"""The bounds of a VAE: exact where the answer is known, in order everywhere else."""

import math
from typing import Any

import pytest
import torch
from torch.distributions import Normal
from torch.nn import functional as F

from gencmp.data.digits import Digits
from gencmp.evaluation.measuring.likelihood import iwae, log_evidence, log_weights
from gencmp.models.vae import Vae
from gencmp.settings.configs import VaeConfig
from gencmp.training.build import build_trainer
from gencmp.training.fast_vae import FastVaeTrainer


def rng(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def trainer(vae: VaeConfig) -> FastVaeTrainer:
    found = build_trainer(vae, torch.device("cpu"))
    assert isinstance(found, FastVaeTrainer)
    return found


@pytest.fixture
def model(trainer: FastVaeTrainer) -> Vae:
    for network in trainer.networks.values():
        network.eval().requires_grad_(False)
    return trainer.model


@pytest.fixture
def learnt(trainer: FastVaeTrainer, model: Vae, digits: Digits) -> Vae:
    """After 90 steps the posterior is narrow enough to matter and the bounds lie apart."""
    for network in model.networks.values():
        network.train().requires_grad_(True)
    for epoch in range(15):
        for images in digits.train.batches(50, rng(epoch)):
            trainer.step(images)
    for network in model.networks.values():
        network.eval().requires_grad_(False)
    return model


@pytest.fixture
def images(digits: Digits) -> torch.Tensor:
    return next(digits.test.batches(40))


def silence(model: Any) -> None:
    """Every posterior is the prior, and every z gives the same grey picture: log p(x) is 784 coins."""
    for layer in (model.encoder.layers[-1], model.decoder.layers[-1]):
        layer.weight.zero_()
        layer.bias.zero_()


def test_all_are_exact_when_nothing_is_learnt(model: Vae, images: torch.Tensor) -> None:
    silence(model)
    answer = torch.full((40,), -784 * math.log(2))
    weights = log_weights(model, images, 20, rng())
    for found in (iwae(weights, 1), iwae(weights, 20), log_evidence(model, images, side=60)):
        torch.testing.assert_close(found.float(), answer, atol=0.01, rtol=0)


def test_the_bounds_come_in_order(learnt: Vae, images: torch.Tensor) -> None:
    weights = log_weights(learnt, images, 1000, rng())
    ladder = [float(iwae(weights, k).mean()) for k in (1, 10, 100, 1000)] + [float(log_evidence(learnt, images).mean())]
    assert ladder == sorted(ladder)
    assert ladder[1] - ladder[0] > 0.01 < ladder[-1] - ladder[0]


def test_the_elbo_is_that_of_the_training(learnt: Vae, images: torch.Tensor) -> None:
    """There KL is exact, here it is drawn; each image a thousand times in both."""
    found = -float(iwae(log_weights(learnt, images[:10], 1000, rng()), 1).mean())
    assert found == pytest.approx(learnt.figures([images[:10]] * 1000)["negative_elbo"], abs=0.5)


def test_quadrature_is_what_random_points_find(learnt: Vae, images: torch.Tensor) -> None:
    """Points from a Gaussian wider than the prior, each weighed by how much rarer it is there."""
    wide, z = Normal(0.0, 4.0), torch.randn(20_000, 2, generator=rng()) * 4
    log_ratio = (Normal(0.0, 1.0).log_prob(z) - wide.log_prob(z)).sum(1)
    logits = learnt.decoder(z)
    for image, found in zip(images[:5], log_evidence(learnt, images[:5]), strict=True):
        log_likelihood = -F.binary_cross_entropy_with_logits(logits, image.expand_as(logits), reduction="none").sum(1)
        drawn = float((log_likelihood + log_ratio).logsumexp(0)) - math.log(len(z))
        assert float(found) == pytest.approx(drawn, abs=0.3)


def test_quadrature_does_not_depend_on_the_grid(learnt: Vae, images: torch.Tensor) -> None:
    coarse, fine = log_evidence(learnt, images, side=200), log_evidence(learnt, images, side=331)
    torch.testing.assert_close(coarse, fine, atol=0.02, rtol=0)


def test_one_group_of_all_draws_is_their_log_mean() -> None:
    weights = torch.tensor([[0.0, math.log(3.0)], [-1000.0, -1000.0]])
    torch.testing.assert_close(iwae(weights, 2).float(), torch.tensor([math.log(2.0), -1000.0]))
    torch.testing.assert_close(iwae(weights, 1).float(), torch.tensor([math.log(3.0) / 2, -1000.0]))


def test_draws_are_the_rngs_and_progress_is_told(learnt: Vae, images: torch.Tensor) -> None:
    heard: list[float] = []
    first = log_weights(learnt, images[:4], 10, rng(1), heard.append)
    assert torch.equal(first, log_weights(learnt, images[:4], 10, rng(1)))
    assert not torch.equal(first, log_weights(learnt, images[:4], 10, rng(2)))
    assert heard == [0, 0.25, 0.5, 0.75]


def test_larger_latents_have_bounds_too(digits: Digits, vae: VaeConfig) -> None:
    trainer = build_trainer(vae.replace(latent_size=5), torch.device("cpu"))
    assert isinstance(trainer.config, VaeConfig)
    trainer.model.encoder.eval(), trainer.model.decoder.eval()
    weights = log_weights(trainer.model, next(digits.test.batches(3)), 10, rng())
    assert weights.shape == (3, 10) and bool(weights.isfinite().all())
