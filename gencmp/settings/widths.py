"""The layer widths of both models' networks, computed from the settings without torch."""

from __future__ import annotations

from itertools import pairwise

from gencmp.settings.configs import Config, GanConfig, VaeConfig

PIXELS = 28 * 28


def network_widths(config: Config) -> dict[str, tuple[int, ...]]:
    """Network name -> its layer widths, from input to output."""
    if isinstance(config, GanConfig):
        made = (config.noise_size, *config.generator_widths, PIXELS)
        return {"generator": made, "discriminator": (PIXELS, *config.discriminator_widths, 1)}
    assert isinstance(config, VaeConfig)
    heads, latent = 2 * config.latent_size, config.latent_size
    return {"encoder": (PIXELS, *config.encoder_widths, heads), "decoder": (latent, *config.decoder_widths, PIXELS)}


def parameter_count(config: Config) -> int:
    """Weights and biases of all networks of a model."""
    networks = network_widths(config).values()
    return sum((before + 1) * after for widths in networks for before, after in pairwise(widths))
