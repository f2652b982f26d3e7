"""The paper's GAN, all of it: networks, losses, and one step (sections 2 and 4)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from gencmp.models.adam import Adam
from gencmp.models.layers import Dense, Tape, aten, in_pieces
from gencmp.settings.configs import GanConfig

PIXELS = 28 * 28


# Networks


def build_generator(config: GanConfig, rng: torch.Generator) -> Dense:
    """Noise [n, noise_size] -> raw pixels [n, 784]; `generate` adds the tanh."""
    widths = (config.noise_size, *config.generator_widths, PIXELS)
    return Dense(widths, config.activation, config.leaky_slope, config.generator_dropout, rng)


def build_discriminator(config: GanConfig, rng: torch.Generator) -> Dense:
    """Pixels [n, 784] in [-1, 1] -> a logit [n, 1]: above 0 means "real"."""
    widths = (PIXELS, *config.discriminator_widths, 1)
    return Dense(widths, config.activation, config.leaky_slope, config.discriminator_dropout, rng)


def draw_noise(count: int, config: GanConfig, rng: torch.Generator) -> Tensor:
    """[count, noise_size], uniform in [-1, 1) or standard normal (paper section 4, code)."""
    noise = torch.empty(count, config.noise_size, device=rng.device)
    return noise.uniform_(-1, 1, generator=rng) if config.noise == "uniform" else noise.normal_(generator=rng)


def generate(generator: Dense, noise: Tensor) -> Tensor:
    """Noise [n, noise_size] -> pixels [n, 784] in [-1, 1]."""
    return in_pieces(torch.tanh_, generator(noise))


# Losses


def discriminator_loss(real: Tensor, fake: Tensor, real_label: float) -> Tensor:
    """Binary cross entropy in nats, the two means added: real logits against `real_label`, fake against 0.

    At equilibrium 1.376 with the paper's label of 0.9, 1.386 with 1; a perfect D cannot fall below H(real_label).
    """
    return F.softplus(real).mean() - real_label * real.mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Fake logits against label 1, in nats: the non-saturating loss (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake).mean()


# Training


class GanTrainer:
    """Generator, discriminator, their optimisers, and the one step that the paper takes with them.

    initial:  draws the first weights, on the processor.   rng: noise and dropout, on the device.
    products: the precision of the matrix products; that of the weights unless given.
    """

    def __init__(
        self,
        config: GanConfig,
        device: torch.device,
        initial: torch.Generator,
        rng: torch.Generator,
        products: torch.dtype | None = None,
    ):
        self.config = config
        self.rng = rng
        self.generator = build_generator(config, rng)
        self.discriminator = build_discriminator(config, rng)
        self.networks = {"generator": self.generator, "discriminator": self.discriminator}
        for network in self.networks.values():
            network.initialise(initial)
            network.to(device)
        betas = (config.beta1, config.beta2)
        self.optimisers = {
            "generator": Adam([self.generator], config.generator_learning_rate, betas, products),
            "discriminator": Adam([self.discriminator], config.discriminator_learning_rate, betas, products),
        }

    def step(self, images: Tensor) -> Tensor:
        """One minibatch: first D alone, then G alone. Pixels [n, 784] in [0, 1].

        Returns MEASURES["gan"]: both losses in nats, mean D(x), mean D(G(z)), in one tensor [4] on the device.
        """
        real, turns = images * 2 - 1, self.config.discriminator_steps
        # G stands still until its own phase: its pictures for D's steps and for its own first one are made in one pass,
        # for a product of twice the rows takes less than twice the time
        fakes, tape = self._fakes(real, turns + (self.config.generator_steps > 0))
        for fake in fakes.split(len(real))[:turns]:
            loss_d, verdict_real, verdict_fake = self._discriminator_step(real, fake)
        for turn in range(self.config.generator_steps):
            fakes, tape = self._fakes(real, 1) if turn else (fakes[-len(real) :], tape.last(len(real)))
            loss_g, verdict_fake = self._generator_step(real, fakes, tape)
        if not self.config.discriminator_steps:
            loss_d, verdict_real = torch.zeros_like(loss_g), torch.zeros_like(loss_g)
        if not self.config.generator_steps:
            loss_g = torch.zeros_like(loss_d)
        return torch.stack((loss_d, loss_g, verdict_real, verdict_fake))

    def _fakes(self, real: Tensor, times: int) -> tuple[Tensor, Tape]:
        """So many times as many pictures as `real` has, in the precision of the products, and what G's way back needs."""
        tape = Tape()
        noise = draw_noise(times * len(real), self.config, self.rng)
        raw = self.generator(noise.to(self.generator.copies[0][0].dtype), tape)
        return in_pieces(torch.tanh_, raw), tape

    def _discriminator_step(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tape = Tape()
        # one pass over both; without batch norm it is the same as two
        logits = self.discriminator(torch.cat((real.to(fake.dtype), fake)), tape).to(real.dtype)
        verdicts = torch.sigmoid(logits)
        logits_real, logits_fake = logits.chunk(2)
        verdict_real, verdict_fake = verdicts.chunk(2)
        # cross entropy of a sigmoid by its logit: what D believes, less what it should
        gradient = torch.cat((verdict_real - self.config.real_label, verdict_fake)).div_(len(real))
        self.discriminator.backward(gradient.to(fake.dtype), tape)
        self.optimisers["discriminator"].step()
        loss = discriminator_loss(logits_real, logits_fake, self.config.real_label)
        return loss, verdict_real.mean(), verdict_fake.mean()

    def _generator_step(self, real: Tensor, fake: Tensor, tape: Tape) -> tuple[Tensor, Tensor]:
        judged = Tape()
        logits = self.discriminator(fake, judged).to(real.dtype)
        verdicts = torch.sigmoid(logits)
        gradient = (verdicts - 1).div_(len(real)).to(fake.dtype)
        # through D to the pixels; D's own weights need no gradient here
        by_pixels = self.discriminator.backward(gradient, judged, weights=False, inputs=True)
        self.generator.backward(aten.tanh_backward(by_pixels, fake), tape)
        self.optimisers["generator"].step()
        return generator_loss(logits), verdicts.mean()

    def gradient_norms(self) -> Tensor:
        """GRADIENT_NORMS["gan"] of the last step, [2]."""
        return torch.stack([self.optimisers[name].gradient_norm() for name in ("discriminator", "generator")])

    def figures(self, images: Sequence[Tensor]) -> dict[str, float]:
        """On the test set: the mean of D(x), without dropout. Batches of pixels [n, 784] in [0, 1]."""
        verdicts = [torch.sigmoid(self.discriminator(batch * 2 - 1)).sum() for batch in images]
        return {"d_real": float(sum(verdicts)) / sum(len(batch) for batch in images)}

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """Pixels [count, 784] in [0, 1] from fresh noise (eval mode: dropout off, as the paper samples)."""
        return (generate(self.generator, draw_noise(count, self.config, rng)) + 1) / 2
