"""The code on an export's page draws what gencmp draws, from the file alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from gencmp.latent.networks import FED_BY_LATENT
from gencmp.models.snapshot import Snapshot, pack, unpack, weights_of
from gencmp.runs.plain_reading import plain_reading
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.settings.layers import network_layers
from gencmp.training.build import build_trainer, load_model


@pytest.mark.parametrize(
    "config",
    [
        GanConfig(generator_widths=(9, 13)), VaeConfig(activation="tanh", decoder_widths=(9,)),
        GanConfig(network="conv", noise="normal", noise_size=7), VaeConfig(network="conv", latent_size=3, activation="elu"),
    ],
    ids=["dense GAN", "dense VAE", "convolutional GAN", "convolutional VAE"],
)  # fmt: skip
def test_the_code_draws_what_the_model_draws(config: Config, tmp_path: Path) -> None:
    content = pack(Snapshot(config, 1, 1, 0.0, weights_of(build_trainer(config, torch.device("cpu")))))
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    said: dict[str, Any] = {}
    exec(plain_reading(config, path.as_posix()), said)
    name = FED_BY_LATENT[config.kind]
    network = load_model(unpack(content)).networks[name]
    noise = torch.randn(5, network_layers(config)[name][0].inputs[0])
    with torch.no_grad():
        torch.testing.assert_close(said[name](noise).flatten(1), network(noise), atol=1e-6, rtol=1e-5)
    pictures = said["pictures"]
    assert pictures.shape == (64, 28, 28) and 0 <= pictures.min() < pictures.max() <= 1
