"""Build a trainer from settings, and a model for sampling from a snapshot."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from gencmp.data.digits import SIDE
from gencmp.errors import DeviceError
from gencmp.models.convolutional import Convolutional, convolutional_networks, initialise_for_depth, repeat_on_gpu
from gencmp.models.gan import Gan, GanTrainer, build_discriminator, build_generator
from gencmp.models.layers import Dense, initialise
from gencmp.models.snapshot import Snapshot, load_weights
from gencmp.models.vae import Vae, VaeTrainer, build_decoder, build_encoder
from gencmp.settings.configs import CONVOLUTIONAL, Config, GanConfig, VaeConfig
from gencmp.training.fast_gan import FastGanTrainer
from gencmp.training.fast_vae import FastVaeTrainer

Model = Gan | Vae
FastTrainer = FastGanTrainer | FastVaeTrainer
Trainer = GanTrainer | VaeTrainer | FastTrainer


def build_model(config: Config, rng: torch.Generator) -> Model:
    """The networks of a config, on the CPU, uninitialised. rng: for dropout, on the training device."""
    if config.network == CONVOLUTIONAL:
        return _convolutional_model(config, rng)
    if isinstance(config, GanConfig):
        return Gan(config, build_generator(config, rng), build_discriminator(config, rng))
    assert isinstance(config, VaeConfig)
    return Vae(config, build_encoder(config, rng), build_decoder(config, rng))


def _convolutional_model(config: Config, rng: torch.Generator) -> Model:
    networks = convolutional_networks(config, rng)
    if isinstance(config, GanConfig):
        return Gan(config, networks["generator"], networks["discriminator"])
    assert isinstance(config, VaeConfig)
    return Vae(config, networks["encoder"], networks["decoder"])


def build_trainer(
    config: Config, device: torch.device, start: Snapshot | None = None, textbook: bool = False
) -> Trainer:
    """A trainer with initialised weights; all of its randomness comes from the config's seed.

    start:    a snapshot whose weights to start from instead. Raises SnapshotError when they do not fit.
    textbook: do not use the fast path, which exists only for dense networks.
    """
    rng = torch.Generator(device).manual_seed(config.seed + 1)
    model = first_model(config, device, rng, start)
    if config.network == CONVOLUTIONAL and device.type == "cuda":
        repeat_on_gpu()
    if is_dense(model) and not textbook:
        return fast_trainer(model, rng, device)
    trainer = textbook_trainer(model, rng, fused=device.type == "cpu" and not textbook)
    if not textbook:
        _use_bfloat16(trainer, device)
    return trainer


def first_model(config: Config, device: torch.device, rng: torch.Generator, start: Snapshot | None = None) -> Model:
    """The networks of a config on a device, initialised with the config's seed or with the weights of `start`."""
    model, initial = build_model(config, rng), torch.Generator().manual_seed(config.seed)
    for network in model.networks.values():
        if isinstance(network, Convolutional) and isinstance(config, GanConfig):
            initialise_for_depth(network, initial)
        else:
            initialise(network, initial)
        network.to(device)
    if start is not None:
        load_weights(model.networks, start)
    return model


def is_dense(model: Model) -> bool:
    """Whether the fast path can train its networks."""
    return all(isinstance(network, Dense) for network in model.networks.values())


def textbook_trainer(model: Model, rng: torch.Generator, fused: bool = False) -> GanTrainer | VaeTrainer:
    """rng: for noise and latent draws, on the device. fused: see GanTrainer."""
    return GanTrainer(model, rng, fused) if isinstance(model, Gan) else VaeTrainer(model, rng, fused)


def _use_bfloat16(trainer: GanTrainer | VaeTrainer, device: torch.device) -> None:
    """Let convolutional networks compute in bfloat16 where the processor has it: a step of the GAN takes 0.74 times as long, of the
    VAE 0.85, after Adam in one operation has brought 0.9.

    Tried without gain: parts of a minibatch in threads of their own, and strided convolutions written as dense ones.
    """
    networks = [each for each in trainer.networks.values() if isinstance(each, Convolutional)]
    for network in networks:
        network.compute_dtype = trainer.compute_dtype = getattr(torch, matmul_dtype(trainer.config, device))


def fast_trainer(model: Model, rng: torch.Generator, device: torch.device) -> FastTrainer:
    """rng: for noise and latent draws, on the device."""
    compute_dtype = getattr(torch, matmul_dtype(model.config, device))
    if isinstance(model, Gan):
        return FastGanTrainer(model, rng, compute_dtype)
    return FastVaeTrainer(model, rng, compute_dtype)


def load_model(snapshot: Snapshot) -> Model:
    """The snapshot's model on the CPU, in eval mode, for sampling. Raises SnapshotError."""
    model = build_model(snapshot.config, torch.Generator())
    load_weights(model.networks, snapshot)
    for network in model.networks.values():
        network.eval().requires_grad_(False)
    return model


def sample(snapshot: Snapshot, count: int, seed: int) -> np.ndarray:
    """uint8 [count, 28, 28] from fresh noise (GAN, eval mode) or fresh z ~ N(0, I) (VAE)."""
    with torch.no_grad():
        return to_pictures(load_model(snapshot).sample(count, torch.Generator().manual_seed(seed)))


def to_pictures(pixels: Tensor) -> np.ndarray:
    """Pixels [n, 784] in [0, 1] -> uint8 [n, 28, 28]."""
    return pixels.mul(255).round().clamp(0, 255).to(torch.uint8).view(-1, SIDE, SIDE).cpu().numpy()


def pick_device(name: str) -> torch.device:
    """The device for a config's `device`; "auto" takes the fastest available. Raises DeviceError."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(each for each, present in there.items() if present))
    if not there[name]:
        raise DeviceError(
            f"This machine has no device {name}. Choose auto, or one of: {', '.join(d for d in there if there[d])}."
        )
    return torch.device(name)


def matmul_dtype(config: Config, device: torch.device) -> str:
    """The precision of a training's matmuls and convolutions: "bfloat16" where the hardware supports it natively and the config
    allows it, else "float32"."""
    if config.precision == "float32" or device.type == "mps":
        return "float32"
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return "bfloat16" if native else "float32"  # where it is emulated, bfloat16 is slower
