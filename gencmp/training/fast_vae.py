"""The VAE's step without autograd, for dense networks: the same steps as models/vae.VaeTrainer, faster."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from gencmp.events import MEASURES
from gencmp.models.adam import FlatAdam
from gencmp.models.dense_engine import DenseEngine, Tape, WeightGradStream, in_pieces_
from gencmp.models.layers import Dense
from gencmp.models.phases import Phase, together
from gencmp.models.vae import Vae, draw_latent, elbo_terms, objective_scale


class FastVaeTrainer:
    """Has VaeTrainer's interface, and draws the same latents.

    rng:           for the latent draws, on the device.
    compute_dtype: the precision of the matmuls.
    """

    def __init__(self, model: Vae, rng: torch.Generator, compute_dtype: torch.dtype | None = None):
        self.model, self.config, self.networks, self.rng = model, model.config, model.networks, rng
        assert isinstance(model.encoder, Dense) and isinstance(model.decoder, Dense)
        betas = (model.config.beta1, model.config.beta2)
        parameters = [*model.encoder.parameters(), *model.decoder.parameters()]
        self.optimiser = FlatAdam(parameters, model.config.learning_rate, betas, compute_dtype)
        self.optimisers = {"autoencoder": self.optimiser}
        self.weight_grad_stream = WeightGradStream() if rng.device.type == "cuda" else None
        self.encoder = DenseEngine(model.encoder, self.optimiser, self.weight_grad_stream)
        self.decoder = DenseEngine(model.decoder, self.optimiser, self.weight_grad_stream)
        self.compute_dtype = self.encoder.compute_dtype

    def step(self, images: Tensor) -> Tensor:
        """One minibatch. Pixels [n, 784] in [0, 1].

        Returns MEASURES["vae"]: reconstruction and KL in nats per image, in one tensor [2] on the device.
        """
        return together(self.phases(images), MEASURES["vae"])

    def phases(self, images: Tensor) -> Iterator[Phase]:
        """The same minibatch, which has one phase only: encoder and decoder learn together."""
        tape_e, tape_d = Tape(), Tape()
        mean, log_var = self.encoder.forward(images, tape_e).to(images.dtype).chunk(2, dim=1)
        z = draw_latent(mean, log_var, self.rng)
        logits = self.decoder.forward(z, tape_d).to(images.dtype)
        reconstruction, kl = elbo_terms(images, logits, mean, log_var)

        of_reconstruction, of_kl = objective_scale(len(images), self.config.reduction)
        # The reconstruction (elbo_terms): r = 1/n Σ softplus(a) - x · a over all logits a and pixels x.
        # The derivative of softplus(a) = log(1 + eᵃ) is sigmoid(a), the decoded pixel, so
        # with the loss L = R r + K β kl:  dL/da = R/n (sigmoid(a) - x).
        decoded = in_pieces_(torch.sigmoid_, logits)
        by_logits = (decoded - images).mul_(of_reconstruction / len(images))
        by_z = self.decoder.backward(by_logits, tape_d, inputs=True).to(images.dtype)
        beta = self.config.beta * of_kl / len(images)
        # The KL:  kl = 1/n Σ (m² + eᵛ - 1 - v) / 2 over means m and log variances v, so dkl/dm = m/n, dkl/dv = (eᵛ - 1) / 2n.
        # The latent:  z = m + e^(v/2) · noise, so dz/dm = 1 and dz/dv = e^(v/2) · noise / 2 = (z - m) / 2.
        # Together, β' = K β / n:  dL/dm = dL/dz + β' m  and  dL/dv = (dL/dz (z - m) + β' (eᵛ - 1)) / 2.
        by_mean = by_z + beta * mean
        by_log_var = (by_z * (z - mean) + beta * (in_pieces_(torch.exp_, log_var.clone()) - 1)) / 2
        self.encoder.backward(torch.cat((by_mean, by_log_var), 1), tape_e)
        if self.weight_grad_stream:
            self.weight_grad_stream.join()
        self.optimiser.step()
        latents = {"mean": mean, "log_var": log_var, "z": z}
        yield Phase("vae", {"reconstruction": reconstruction, "kl": kl}, lambda: decoded, latents=latents)

    def gradient_norms(self) -> Tensor:
        """GRADIENT_NORMS["vae"] of the last step, [1]."""
        return self.optimiser.gradient_norm().view(1)
