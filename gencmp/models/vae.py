"""The paper's complete VAE: networks, losses and the training step (sections 3 and 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gencmp.events import MEASURES
from gencmp.models.layers import Dense, gradient_norm, in_pieces
from gencmp.models.phases import Phase, together
from gencmp.settings.configs import VaeConfig

PIXELS = 28 * 28


# Networks


def build_encoder(config: VaeConfig, rng: torch.Generator) -> Dense:
    """Pixels [n, 784] in [0, 1] -> [n, 2 * latent]; `encode` splits this into the two heads of the paper's code."""
    widths = (PIXELS, *config.encoder_widths, 2 * config.latent_size)
    return Dense(widths, config.activation, config.leaky_slope, 0.0, rng)


def build_decoder(config: VaeConfig, rng: torch.Generator) -> Dense:
    """Latent [n, latent] -> logits [n, 784]; their sigmoid is the picture."""
    widths = (config.latent_size, *config.decoder_widths, PIXELS)
    return Dense(widths, config.activation, config.leaky_slope, 0.0, rng)


def encode(encoder: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Pixels [n, 784] -> mean and log variance of q(z | x), each [n, latent]."""
    mean, log_var = encoder(images).chunk(2, dim=1)
    return mean, log_var


def draw_latent(mean: Tensor, log_var: Tensor, rng: torch.Generator) -> Tensor:
    """z ~ N(mean, exp(log_var)), by the reparametrisation trick (Kingma & Welling 2014)."""
    noise = torch.empty_like(mean).normal_(generator=rng)
    return mean + in_pieces(torch.exp, log_var / 2) * noise


def picture(logits: Tensor) -> Tensor:
    """Logits -> pixels in [0, 1]."""
    return in_pieces(torch.sigmoid, logits)


# Losses


def elbo_terms(images: Tensor, logits: Tensor, mean: Tensor, log_var: Tensor) -> tuple[Tensor, Tensor]:
    """Reconstruction and KL of one batch, in nats per image (paper section 5, figure 3).

    images, logits: [batch, 784]; pixels in [0, 1], logits before the sigmoid.
    mean, log_var:  [batch, latent]; KL is exact, against N(0, I).
    """
    # summed per image first: torch splits one long sum among its threads, so its last bit would depend on their number
    reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum(1).sum()
    kl = 0.5 * (mean.square() + in_pieces(torch.exp, log_var) - 1 - log_var).sum(1).sum()
    return reconstruction / len(images), kl / len(images)


def objective_scale(batch: int, reduction: str) -> tuple[float, float]:
    """The factors by which the two terms, in nats per image, enter the loss; the KL's factor excludes beta.

    "sum": over the batch, as in the paper. "mean": over the batch. "pixel_mean": the reconstruction is averaged over the
    pixels, too.
    """
    return {"sum": (float(batch), float(batch)), "mean": (1.0, 1.0), "pixel_mean": (1 / PIXELS, 1.0)}[reduction]


# The model


@dataclass
class Vae:
    """The two networks. Any modules with the input and output shapes of `build_encoder` and `build_decoder` work."""

    config: VaeConfig
    encoder: nn.Module
    decoder: nn.Module

    @property
    def networks(self) -> dict[str, nn.Module]:
        return {"encoder": self.encoder, "decoder": self.decoder}

    def sample(self, count: int, rng: torch.Generator) -> Tensor:
        """Pixels [count, 784] in [0, 1] decoded from fresh z ~ N(0, I)."""
        z = torch.empty(count, self.config.latent_size, device=rng.device).normal_(generator=rng)
        return picture(self.decoder(z))

    def reconstruct(self, images: Tensor) -> Tensor:
        """Pixels [n, 784] in [0, 1] -> the decoder's output for their latent means, same shape and range."""
        return picture(self.decoder(encode(self.encoder, images)[0]))

    def means(self, images: Sequence[Tensor]) -> Tensor:
        """The latent means of the pictures, [n, latent]."""
        return torch.cat([encode(self.encoder, batch)[0] for batch in images])

    def figures(self, images: Sequence[Tensor]) -> dict[str, float]:
        """On the test set, in nats per image: reconstruction (one draw of z per image, with a fixed seed), KL, and their
        sum, the negative ELBO. images: batches of pixels [n, 784] in [0, 1]."""
        rng = torch.Generator(images[0].device).manual_seed(0)
        totals = torch.zeros(2, dtype=torch.float64)
        for batch in images:
            mean, log_var = encode(self.encoder, batch)
            terms = elbo_terms(batch, self.decoder(draw_latent(mean, log_var, rng)), mean, log_var)
            totals += torch.stack(terms).cpu().double() * len(batch)
        reconstruction, kl = (totals / sum(len(batch) for batch in images)).tolist()
        return {"reconstruction": reconstruction, "kl": kl, "negative_elbo": reconstruction + kl}


# Training


class VaeTrainer:
    """The paper's training in textbook form; training/fast_vae.py takes the same steps faster.

    rng:   for the latent draws, on the device.
    fused: let torch's Adam update all weights in one operation.
    """

    compute_dtype = torch.float32

    def __init__(self, model: Vae, rng: torch.Generator, fused: bool = False):
        self.model, self.config, self.networks, self.rng = model, model.config, model.networks, rng
        self.parameters = [p for network in model.networks.values() for p in network.parameters()]
        betas = (model.config.beta1, model.config.beta2)
        self.optimiser = torch.optim.Adam(self.parameters, model.config.learning_rate, betas, fused=fused)
        self.optimisers = {"autoencoder": self.optimiser}

    def step(self, images: Tensor) -> Tensor:
        """One minibatch. Pixels [n, 784] in [0, 1].

        Returns MEASURES["vae"]: reconstruction and KL in nats per image, in one tensor [2] on the device.
        """
        return together(self.phases(images), MEASURES["vae"])

    def phases(self, images: Tensor) -> Iterator[Phase]:
        """The same minibatch, which has one phase only: encoder and decoder learn together."""
        mean, log_var = encode(self.model.encoder, images)
        z = draw_latent(mean, log_var, self.rng)
        logits = self.model.decoder(z)
        reconstruction, kl = elbo_terms(images, logits, mean, log_var)
        of_reconstruction, of_kl = objective_scale(len(images), self.config.reduction)
        loss = of_reconstruction * reconstruction + of_kl * self.config.beta * kl
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        measures = {"reconstruction": reconstruction.detach(), "kl": kl.detach()}
        latents = {"mean": mean.detach(), "log_var": log_var.detach(), "z": z.detach()}
        yield Phase("vae", measures, lambda: picture(logits.detach()), latents=latents)

    def gradient_norms(self) -> Tensor:
        """GRADIENT_NORMS["vae"] of the last step, [1]."""
        return gradient_norm(self.parameters).view(1)
