"""Likelihood of unseen digits under a VAE, in nats per image: two lower bounds and, for a 2-D latent, log p(x) itself.

    ELBO  <=  IWAE, k = 10  <=  k = 100  <=  k = 1000  <=  log p(x)

p(x | z) is the paper's: grey pixels are treated as Bernoulli variables (binary cross entropy). That is not a normalised
density of grey pictures, so these figures are comparable only between models with this loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from gencmp.models.vae import Vae, encode

BLOCK = 4096  # latent points decoded at once
SIDE = 320  # points along each side of the plane; three times as many change the mean log p(x) of the paper's model by 0.002 nats
MARGIN = 4.0  # standard deviations by which the plane extends beyond the outermost posterior, and beyond the origin


def log_weights(
    model: Vae,
    images: Tensor,
    draws: int,
    rng: torch.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> Tensor:
    """log p(x | z) p(z) / q(z | x) for `draws` z from q(z | x), [n, draws]. Pixels [n, 784] in [0, 1].

    The mean of a row is its ELBO (paper section 5); all bounds below are computed from these weights.
    """
    weights = torch.empty(len(images), draws)
    with torch.no_grad():
        means, log_vars = encode(model.encoder, images)
        for row, (image, mean, log_var) in enumerate(zip(images, means, log_vars, strict=True)):
            noise = torch.empty(draws, len(mean)).normal_(generator=rng)
            z = mean + torch.exp(log_var / 2) * noise
            prior_to_posterior = 0.5 * (noise.square().sum(1) + log_var.sum() - z.square().sum(1))
            weights[row] = _log_likelihood(model, z, image[None])[0] + prior_to_posterior
            progress(row / len(images))
    return weights


def iwae(weights: Tensor, k: int) -> Tensor:
    """The importance-weighted bound with k samples (Burda et al. 2016, equation 8), [n], averaged over groups of k.

    weights: [n, draws] of `log_weights`, draws a multiple of k; k = 1 is the ELBO. The groups are nested, so bounds
    computed from the same weights always increase with k.
    """
    groups = weights.double().view(len(weights), -1, k)
    return (groups.logsumexp(2) - math.log(k)).mean(1)


def log_evidence(
    model: Vae, images: Tensor, side: int = SIDE, progress: Callable[[float], None] = lambda share: None
) -> Tensor:
    """log p(x) = log ∫ p(x | z) p(z) dz by quadrature over a plane of side x side points, [n], in nats.

    For two latent dimensions only. Pixels [n, 784] in [0, 1]. The plane covers every posterior and the prior with a margin
    of 4 standard deviations. All points have equal weight, which is practically exact for smooth peaks that are wider than
    the distance between points.
    """
    with torch.no_grad():
        means, log_vars = encode(model.encoder, images)
        reach = max(MARGIN, float((means.abs() + MARGIN * torch.exp(log_vars / 2)).max()))
        ticks = torch.linspace(-reach, reach, side)
        plane = torch.cartesian_prod(ticks, ticks)
        total = torch.full((len(images),), -torch.inf, dtype=torch.float64)
        for start in range(0, len(plane), BLOCK):
            z = plane[start : start + BLOCK]
            log_prior = -z.square().sum(1) / 2 - math.log(2 * math.pi)
            joint = _log_likelihood(model, z, images) + log_prior
            total = torch.logaddexp(total, joint.double().logsumexp(1))
            progress(start / len(plane))
    return total + 2 * math.log(float(ticks[1] - ticks[0]))


def _log_likelihood(model: Vae, z: Tensor, images: Tensor) -> Tensor:
    """log p(x | z) in nats, [images, z]: for a Bernoulli variable, x · logit - softplus(logit)."""
    logits = model.decoder(z)
    return torch.addmm(-F.softplus(logits).sum(1), images, logits.T)
