"""The paper's complete GAN: networks, losses and the training step (sections 2 and 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gencmp.events import MEASURES
from gencmp.models.layers import Dense, gradient_norm, in_pieces
from gencmp.models.phases import Phase, together
from gencmp.settings.configs import GanConfig

PIXELS = 28 * 28


# Networks


def build_generator(config: GanConfig, rng: torch.Generator) -> Dense:
    """Noise [n, noise_size] -> raw pixels [n, 784]; `generate` applies the tanh. rng: for dropout, on the device."""
    widths = (config.noise_size, *config.generator_widths, PIXELS)
    return Dense(widths, config.activation, config.leaky_slope, config.generator_dropout, rng)


def build_discriminator(config: GanConfig, rng: torch.Generator) -> Dense:
    """Pixels [n, 784] in [-1, 1] -> a logit [n, 1]: above 0 means "real". rng: for dropout, on the device."""
    widths = (PIXELS, *config.discriminator_widths, 1)
    return Dense(widths, config.activation, config.leaky_slope, config.discriminator_dropout, rng)


def draw_noise(count: int, config: GanConfig, rng: torch.Generator) -> Tensor:
    """[count, noise_size], uniform in [-1, 1) or standard normal (paper section 4, code)."""
    noise = torch.empty(count, config.noise_size, device=rng.device)
    return noise.uniform_(-1, 1, generator=rng) if config.noise == "uniform" else noise.normal_(generator=rng)


def generate(generator: nn.Module, noise: Tensor) -> Tensor:
    """Noise [n, noise_size] -> pixels [n, 784] in [-1, 1]."""
    return in_pieces(torch.tanh, generator(noise))


# Losses


def discriminator_loss(real: Tensor, fake: Tensor, real_label: float) -> Tensor:
    """Binary cross entropy in nats: the mean over real logits against `real_label` plus the mean over fakes against 0.

    At equilibrium it is 1.376 with the paper's label of 0.9 and 1.386 with 1; even a perfect D cannot fall below
    H(real_label).
    """
    return F.softplus(real).mean() - real_label * real.mean() + F.softplus(fake).mean()


def generator_loss(fake: Tensor) -> Tensor:
    """Fake logits against label 1, in nats: the non-saturating loss (Goodfellow et al. 2014, section 3)."""
    return F.softplus(-fake).mean()


# The model


@dataclass
class Gan:
    """The two networks. Any modules with the input and output shapes of `build_generator` and `build_discriminator` work."""

    config: GanConfig
    generator: nn.Module
    discriminator: nn.Module

    @property
    def networks(self) -> dict[str, nn.Module]:
        return {"generator": self.generator, "discriminator": self.discriminator}

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """Pixels [count, 784] in [0, 1] from fresh noise; in eval mode without dropout, as in the paper."""
        return (generate(self.generator, draw_noise(count, self.config, rng)) + 1) / 2

    def figures(self, images: Sequence[Tensor]) -> dict[str, float]:
        """On the test set: the mean of D(x), without dropout. Batches of pixels [n, 784] in [0, 1]."""
        verdicts = [torch.sigmoid(self.discriminator(batch * 2 - 1)).sum() for batch in images]
        return {"d_real": float(sum(verdicts)) / sum(len(batch) for batch in images)}

    def silent(self, images: Tensor, rng: torch.Generator) -> dict[str, float]:
        """The shares of neurons that are silent for as much noise (G), and for these pictures and as many generated ones (D), by
        network and hidden layer: "silent_discriminator_1". Pixels [n, 784] in [0, 1]. None for activations other than ReLU and
        its leaky kind."""
        if self.config.activation not in ("relu", "leaky_relu"):
            return {}
        noise = draw_noise(len(images), self.config, rng)
        inputs = {"generator": noise, "discriminator": torch.cat((images * 2 - 1, generate(self.generator, noise)))}
        return {
            f"silent_{name}_{place}": float(share)
            for name, network in self.networks.items()
            if isinstance(network, Dense)
            for place, share in enumerate(network.silent(inputs[name]), 1)
        }


# Training


class GanTrainer:
    """The paper's training in textbook form; training/fast_gan.py takes the same steps faster.

    rng:   for the noise, on the device.
    fused: let torch's Adam update all weights in one operation.
    """

    compute_dtype = torch.float32

    def __init__(self, model: Gan, rng: torch.Generator, fused: bool = False):
        self.model, self.config, self.networks, self.rng = model, model.config, model.networks, rng
        rates = model.config.generator_learning_rate, model.config.discriminator_learning_rate
        betas = (model.config.beta1, model.config.beta2)
        self.optimisers = {
            name: torch.optim.Adam(network.parameters(), rate, betas, fused=fused)
            for (name, network), rate in zip(model.networks.items(), rates, strict=True)
        }

    def step(self, images: Tensor) -> Tensor:
        """One minibatch: first D alone, then G alone. Pixels [n, 784] in [0, 1].

        Returns MEASURES["gan"]: both losses in nats, mean D(x), mean D(G(z)), in one tensor [4] on the device.
        """
        return together(self.phases(images), MEASURES["gan"])

    def phases(self, images: Tensor) -> Iterator[Phase]:
        """The same minibatch, phase by phase: each turn of D, then each turn of G."""
        config, real = self.config, images * 2 - 1
        # G does not change during D's phase, so all fakes are generated in one pass; a matmul with twice the rows takes
        # less than twice the time
        fakes = self._fakes(real, config.discriminator_steps + (config.generator_steps > 0))
        for fake in fakes[: config.discriminator_steps]:
            yield self._discriminator_phase(real, fake.detach())
        for turn in range(config.generator_steps):
            (fake,) = self._fakes(real, 1) if turn else fakes[-1:]
            yield self._generator_phase(fake)

    def _discriminator_phase(self, real: Tensor, fake: Tensor) -> Phase:
        # real and fake in one pass: without batch norm the result is the same as in two
        logits_real, logits_fake = self.model.discriminator(torch.cat((real, fake))).chunk(2)
        loss = discriminator_loss(logits_real, logits_fake, self.config.real_label)
        self._descend(loss, "discriminator")
        verdicts = {"real": torch.sigmoid(logits_real.detach()), "fakes": torch.sigmoid(logits_fake.detach())}
        means = {"d_real": verdicts["real"].mean(), "d_fake": verdicts["fakes"].mean()}
        return Phase("discriminator", {"discriminator_loss": loss.detach(), **means}, lambda: (fake + 1) / 2, verdicts)

    def _generator_phase(self, fake: Tensor) -> Phase:
        logits = self.model.discriminator(fake)
        loss = generator_loss(logits)
        self._descend(loss, "generator")
        verdicts = torch.sigmoid(logits.detach())
        measures = {"generator_loss": loss.detach(), "d_fake": verdicts.mean()}
        return Phase("generator", measures, lambda: (fake.detach() + 1) / 2, {"fakes": verdicts})

    def _fakes(self, real: Tensor, times: int) -> tuple[Tensor, ...]:
        """`times` batches of generated pictures, each as large as `real`, in [-1, 1]."""
        noise = draw_noise(times * len(real), self.config, self.rng)
        batches: tuple[Tensor, ...] = generate(self.model.generator, noise).split(len(real))
        return batches

    def _descend(self, loss: Tensor, name: str) -> None:
        self.optimisers[name].zero_grad()
        loss.backward(inputs=list(self.networks[name].parameters()))  # no gradients for the other network
        self.optimisers[name].step()

    def gradient_norms(self) -> Tensor:
        """GRADIENT_NORMS["gan"] of the last step, [2]."""
        both = self.model.discriminator, self.model.generator
        return torch.stack([gradient_norm(network.parameters()) for network in both])
