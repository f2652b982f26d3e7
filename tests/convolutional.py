"""Models with a network that the fast path cannot take."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from gencmp.models.gan import Gan
from gencmp.models.vae import Vae
from gencmp.training.build import build_model


class Convolutional(nn.Module):
    """Pixels [n, 784] -> [n, outputs], by way of 4 filters."""

    def __init__(self, outputs: Any) -> None:
        super().__init__()
        self.filters = nn.Conv2d(1, 4, 5, stride=4)
        self.out = nn.Linear(4 * 6 * 6, outputs)

    def forward(self, x: Any) -> Any:
        return self.out(torch.relu(self.filters(x.view(-1, 1, 28, 28))).flatten(1))


def with_convolutions(config: Any, rng: Any) -> Any:
    """A model with a network that the fast path cannot take."""
    model = build_model(config, rng)
    if isinstance(model, Gan):
        return Gan(config, model.generator, Convolutional(1))
    return Vae(config, Convolutional(2 * config.latent_size), model.decoder)
