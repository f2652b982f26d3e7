"""Put your finger on the latent space: drag through the VAE's plane, steer the GAN's noise, scrub both through time."""

from __future__ import annotations

from gencmp.ui.explore import explore

explore(key="explore")
