"""Explore: drag through the VAE's latent plane, steer the GAN's noise, and move both through the epochs."""

from __future__ import annotations

from gencmp.ui.explore import explore

explore(key="explore")
