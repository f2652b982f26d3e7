"""The peers of the benchmark train the paper's networks: their losses fall as ours do."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gencmp.bench.tools import peers
from gencmp.data.digits import Digits
from gencmp.events import Step
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer
from gencmp.training.loop import train

STEPS = 60


def test_a_minibatch_in_eager_pytorch_has_the_loss_of_ours(vae: VaeConfig, digits: Digits) -> None:
    images = digits.train.images[:50] / 255
    (theirs,) = peers.torch_step(vae, compiled=False, half=False)(images)
    reconstruction, kl = build_trainer(vae, torch.device("cpu")).step(images)
    assert float(theirs) / 50 == pytest.approx(float(reconstruction + kl), rel=0.01)  # other draws of z


@pytest.mark.parametrize("half", [False, True])
def test_both_networks_of_the_gan_learn(gan: GanConfig, digits: Digits, half: bool) -> None:
    step = peers.torch_step(gan, compiled=False, half=half)
    losses = [[float(loss) for loss in step(digits.train.images[:50] / 255)] for _ in range(STEPS)]
    ours = [event for event in train(gan.replace(epochs=10), digits) if isinstance(event, Step)]
    assert losses[0][0] == pytest.approx(ours[0].measures["discriminator_loss"], abs=0.1)
    assert losses[-1][0] < losses[0][0] - 0.2


def test_jax_learns_as_eager_pytorch_does(config: Any, digits: Digits) -> None:
    """From other first weights and draws: the VAE comes as far, to a tenth; a GAN's losses wander more."""
    jax_recipe = pytest.importorskip(
        "gencmp.bench.tools.jax_recipe", reason="JAX is not installed", exc_type=ImportError
    )
    losses = jax_recipe.losses_of(config, digits.train.images.numpy(), STEPS)
    step = peers.torch_step(config, compiled=False, half=False)
    scale = 1 if config.kind == "gan" else 50
    theirs = [[float(loss) / scale for loss in step(images)] for _ in range(10) for images in digits.train.batches(50)]
    assert losses[0][0] == pytest.approx(theirs[0][0], rel=0.1)
    assert losses[-1][0] < 0.9 * losses[0][0]
    if config.kind == "vae":
        assert losses[-1][0] == pytest.approx(theirs[-1][0], rel=0.1)
