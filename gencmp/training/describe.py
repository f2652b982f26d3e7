"""Describes the architecture of a config, read from the modules that would be trained."""

from __future__ import annotations

from typing import Any

import torch

from gencmp.models.layers import count_parameters
from gencmp.settings.configs import Config
from gencmp.settings.layers import layer_words, network_layers
from gencmp.training.build import build_model

NAMES = {"leaky_relu": "leaky ReLU", "relu": "ReLU", "elu": "ELU", "tanh": "tanh"}
ENDS = {
    "generator": "tanh: pixels in [-1, 1]",
    "discriminator": "a logit: above 0 means real",
    "encoder": "mean and log variance",
    "decoder": "sigmoid: pixels in [0, 1]",
}


def describe(config: Config) -> list[dict[str, Any]]:
    """One row per layer: network, layer ("784 → 512"), what follows it, number of parameters; and a total per network."""
    rows, described = [], network_layers(config)
    for name, network in build_model(config, torch.Generator()).networks.items():
        layers = list(network.layers)  # type: ignore[arg-type]
        slope = f" {config.leaky_slope:g}" if config.activation == "leaky_relu" else ""  # type: ignore[attr-defined]
        rate = getattr(config, f"{name}_dropout", 0.0)
        dropout = f", dropout {rate:g}" if rate else ""
        for layer, known in zip(layers, described[name], strict=True):
            hidden = f"{NAMES[config.activation]}{slope}{dropout}"  # type: ignore[attr-defined]
            rows.append(
                {
                    "network": name,
                    "layer": layer_words(known),
                    "then": ENDS[name] if layer is layers[-1] else hidden,
                    "parameters": count_parameters(layer),
                }
            )
        rows.append({"network": name, "layer": "total", "then": "", "parameters": count_parameters(network)})
    return rows
