"""Training steps as careful engineers write them elsewhere: eager PyTorch, torch.compile and, where it is installed, JAX. What
gencmp's own steps are measured against, and nothing else.

All train the paper's networks on digits in memory, with detached fakes, losses of logits and one fused Adam. Each trains in a
process of its own, so that no library's threads disturb another's.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from gencmp.bench.tools.plain_recipe import timed
from gencmp.bench.tools.turns import Side, in_turns, milliseconds, ratio
from gencmp.data.digits import Digits
from gencmp.data.load import load
from gencmp.models.gan import Gan, discriminator_loss, draw_noise, generate, generator_loss
from gencmp.models.vae import Vae, elbo_terms, encode
from gencmp.settings.configs import Config
from gencmp.training.build import first_model, matmul_dtype
from gencmp.training.processor import flush_denormals

CPU = torch.device("cpu")
JAX = "JAX"
OF_TORCH = {  # whether compiled, and whether its products are in bfloat16
    "PyTorch": (False, False),
    "PyTorch in bfloat16": (False, True),
    "torch.compile": (True, False),
    "torch.compile in bfloat16": (True, True),
}


def installed(config: Config) -> list[str]:
    """The peers that this machine can run; in bfloat16 only where the processor multiplies that fast."""
    fast_halves = matmul_dtype(config, CPU) == "bfloat16"
    found = [peer for peer, (_, half) in OF_TORCH.items() if fast_halves or not half]
    return [*found, JAX] if find_spec("jax") else found


def against(ours: Side, config: Config, blocks: int, steps: int) -> list[dict[str, Any]]:
    """A row for each peer, the fastest first: milliseconds a step, and how many times as fast ours is (least and most over the
    blocks), all in turns. One that cannot run here, such as torch.compile without a C++ compiler, has an "error" instead."""
    with ExitStack() as processes:
        sides, failed = {"ours": ours}, list[dict[str, Any]]()
        for peer in installed(config):
            process = processes.enter_context(ProcessPoolExecutor(1, multiprocessing.get_context("spawn")))
            try:
                process.submit(begin, peer, config, torch.get_num_threads()).result()
                process.submit(take, steps).result()  # compiles
            except Exception as error:  # whatever a compiler says
                failed.append({"peer": peer, "error": first_line(error)})
            else:
                sides[peer] = _in(process)
        times = in_turns(sides, blocks, steps)
    mine = times.pop("ours")
    rows: list[dict[str, Any]] = [
        {"peer": peer, "ms": milliseconds(of_peer)} | ratio(of_peer, mine) for peer, of_peer in times.items()
    ]
    return sorted(rows, key=lambda row: float(row["ms"])) + failed


def _in(process: ProcessPoolExecutor) -> Side:
    return lambda steps: process.submit(take, steps).result()


def say(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line of text per peer."""
    return [
        f"  {row['peer']}: not measured, {row['error']}"
        if "error" in row
        else f"  {row['peer']}: {row['ms']:.2f} ms a step; ours is {row['ratio']:.2f} times as fast"
        f" ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
        for row in rows
    ]


def first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__


# In that process

_side: Side


def begin(peer: str, config: Config, threads: int) -> None:
    """Make ready for `take`."""
    global _side
    torch.set_num_threads(threads)
    flush_denormals()  # theirs would be slow late in training for a reason that has nothing to do with them
    _side = side(peer, config, load(config))


def take(steps: int) -> float:
    """Train this many steps; returns seconds a step."""
    return _side(steps)


def side(peer: str, config: Config, digits: Digits) -> Side:
    """The steps of one peer, on minibatches of these digits."""
    if peer == JAX:
        from gencmp.bench.tools import jax_recipe  # optional: imports JAX

        return jax_recipe.side(config, digits.train.images.numpy())
    step = torch_step(config, *OF_TORCH[peer])
    order = torch.Generator().manual_seed(0)

    def batches() -> Any:
        while True:
            yield from digits.train.batches(config.batch_size, order)

    images = batches()
    return lambda steps: timed(lambda: step(next(images)), steps)


def torch_step(config: Config, compiled: bool, half: bool) -> Callable[[Tensor], list[Tensor]]:
    """One minibatch of pixels [n, 784] in [0, 1]; returns the losses. half: products in bfloat16, by autocast."""
    rng = torch.Generator().manual_seed(config.seed)
    model = first_model(config, CPU, rng)
    step = _gan_step(model, rng, compiled) if isinstance(model, Gan) else _vae_step(model, rng, compiled)

    def taken(images: Tensor) -> list[Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            return step(images)

    return taken


def _gan_step(model: Gan, rng: torch.Generator, compiled: bool) -> Callable[[Tensor], list[Tensor]]:
    config, g, d = model.config, model.generator, model.discriminator
    betas = config.beta1, config.beta2
    of_g = torch.optim.Adam(g.parameters(), config.generator_learning_rate, betas, fused=True)
    of_d = torch.optim.Adam(d.parameters(), config.discriminator_learning_rate, betas, fused=True)

    def fakes(noise: Tensor) -> Tensor:
        return generate(g, noise)

    def loss_of_d(real: Tensor, fake: Tensor) -> Tensor:
        of_real, of_fake = d(torch.cat((real, fake))).float().chunk(2)
        return discriminator_loss(of_real, of_fake, config.real_label)

    def loss_of_g(fake: Tensor) -> Tensor:
        return generator_loss(d(fake).float())

    if compiled:
        fakes, loss_of_d, loss_of_g = torch.compile(fakes), torch.compile(loss_of_d), torch.compile(loss_of_g)

    def step(images: Tensor) -> list[Tensor]:
        real = images * 2 - 1
        fake = fakes(draw_noise(2 * len(real), config, rng))
        of_d.zero_grad()
        d_loss = loss_of_d(real, fake[: len(real)].detach().to(real.dtype))
        d_loss.backward()
        of_d.step()
        of_g.zero_grad()
        d.requires_grad_(False)
        g_loss = loss_of_g(fake[len(real) :])
        g_loss.backward()
        d.requires_grad_(True)
        of_g.step()
        return [d_loss.detach(), g_loss.detach()]

    return step


def _vae_step(model: Vae, rng: torch.Generator, compiled: bool) -> Callable[[Tensor], list[Tensor]]:
    config = model.config
    weights = [p for network in model.networks.values() for p in network.parameters()]
    adam = torch.optim.Adam(weights, config.learning_rate, (config.beta1, config.beta2), fused=True)

    def loss_of(images: Tensor, noise: Tensor) -> Tensor:
        mean, log_var = (each.float() for each in encode(model.encoder, images))
        logits = model.decoder(mean + (log_var / 2).exp() * noise).float()
        reconstruction, kl = elbo_terms(images, logits, mean, log_var)
        return len(images) * (reconstruction + config.beta * kl)

    if compiled:
        loss_of = torch.compile(loss_of)

    def step(images: Tensor) -> list[Tensor]:
        adam.zero_grad()
        loss = loss_of(images, torch.empty(len(images), config.latent_size).normal_(generator=rng))
        loss.backward()
        adam.step()
        return [loss.detach()]

    return step
