"""From settings to a trainer on a device, and from a snapshot to a model that draws."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gencmp.data.digits import SIDE
from gencmp.errors import DeviceError
from gencmp.models.gan import GanTrainer
from gencmp.models.snapshot import Snapshot, load_weights
from gencmp.models.vae import VaeTrainer
from gencmp.settings.configs import Config, GanConfig, VaeConfig


def build_trainer(config: Config, device: torch.device) -> GanTrainer | VaeTrainer:
    """A trainer at its first weights, all of its randomness drawn from the config's seed."""
    initial = torch.Generator().manual_seed(config.seed)
    rng = torch.Generator(device).manual_seed(config.seed + 1)
    products = torch.bfloat16 if multiplied_in(config, device) == "bfloat16" else None
    if isinstance(config, GanConfig):
        return GanTrainer(config, device, initial, rng, products)
    assert isinstance(config, VaeConfig)
    return VaeTrainer(config, device, initial, rng, products)


def load_model(snapshot: Snapshot) -> GanTrainer | VaeTrainer:
    """The snapshot's networks, on the processor and in eval mode, to sample from. Raises SnapshotError."""
    trainer = build_trainer(snapshot.config, torch.device("cpu"))
    load_weights(trainer.networks, snapshot)
    for network in trainer.networks.values():
        network.eval().requires_grad_(False)
    return trainer


def sample(snapshot: Snapshot, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 28, 28] from fresh noise (GAN, eval mode) or fresh z ~ N(0, I) (VAE)."""
    with torch.no_grad():
        return to_pictures(load_model(snapshot).sample(count, torch.Generator().manual_seed(seed)))


def to_pictures(pixels: Tensor) -> np.ndarray:
    """Pixels [n, 784] in [0, 1] -> uint8 [n, 28, 28]."""
    return pixels.mul(255).round().clamp(0, 255).to(torch.uint8).view(-1, SIDE, SIDE).cpu().numpy()


def pick_device(name: str) -> torch.device:
    """The device of a config; "auto" takes the fastest there is. Raises DeviceError."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(each for each, present in there.items() if present))
    if not there[name]:
        raise DeviceError(
            f"The device {name} is not on this machine. Choose auto, or one of: {', '.join(d for d in there if there[d])}."
        )
    return torch.device(name)


def multiplied_in(config: Config, device: torch.device) -> str:
    """What the matrix products round to: bfloat16 where the hardware multiplies it natively and the config lets it, else float32."""
    if config.precision == "float32" or device.type == "mps":
        return "float32"
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bfloat16" if native else "float32"  # elsewhere bfloat16 is emulated, and slower
