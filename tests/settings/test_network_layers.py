"""Parameters are counted from the settings as they are in the networks."""

from typing import Any

import pytest
import torch

from gencmp.models.layers import count_parameters
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.layers import parameter_count
from gencmp.training.build import build_model


@pytest.mark.parametrize(
    "config", [GanConfig(), VaeConfig(), VaeConfig(latent_size=20, encoder_widths=(64, 32)), GanConfig(network="conv")]
)
def test_parameters_are_counted_without_building_the_networks(config: Any) -> None:
    networks = build_model(config, torch.Generator()).networks
    assert parameter_count(config) == sum(count_parameters(each) for each in networks.values())
