"""The layer widths of both models' networks, computed from the settings without torch."""

from __future__ import annotations

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
