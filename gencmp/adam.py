"""Adam over whole networks at once, with copies of the weights in the precision of the matrix products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from gencmp.layers import Dense

MOMENTS = ("exp_avg", "exp_avg_sq")


class Adam:
    """torch.optim.Adam (Kingma & Ba 2015) on the weights of some networks, which it lays end to end in memory.

    One long tensor of weights, one of gradients: a step is three operations, whatever the number of layers.
    products: the precision of the networks' `copies` and `gradients`; the weights and Adam's moments keep their own
              (Micikevicius et al. 2018, "Mixed precision training": small updates would be lost in bfloat16).
    """

    def __init__(
        self, networks: Sequence[Dense], rate: float, betas: tuple[float, float], products: torch.dtype | None = None
    ):
        self.parameters = [p for network in networks for p in network.parameters()]
        weights = torch.cat([p.detach().flatten() for p in self.parameters])
        self.weights = torch.nn.Parameter(weights, requires_grad=False)
        self.copies = weights if products in (None, weights.dtype) else weights.to(products)
        self.gradients = torch.zeros_like(self.copies)
        self.weights.grad = self.gradients if self.copies is weights else torch.zeros_like(weights)
        for parameter, view in zip(self.parameters, self._split(weights), strict=True):
            parameter.data = view
        copies, gradients = (iter(self._split(whole)) for whole in (self.copies, self.gradients))
        for network in networks:
            network.copies = [(next(copies), next(copies)) for _ in network.stack]
            network.gradients = [(next(gradients), next(gradients)) for _ in network.stack]
        cuda = weights.device.type == "cuda"
        self.torchs = torch.optim.Adam([self.weights], lr=rate, betas=betas, fused=True, capturable=cuda)

    def step(self) -> None:
        """One step with the networks' gradients."""
        assert self.weights.grad is not None
        if self.weights.grad is not self.gradients:
            self.weights.grad.copy_(self.gradients)
        self.torchs.step()
        self.refresh()

    def refresh(self) -> None:
        """Copy the weights for the products; needed after anyone else has changed them."""
        if self.copies.dtype != self.weights.dtype:
            self.copies.copy_(self.weights)

    def gradient_norm(self) -> Tensor:
        """The length of the last step's whole gradient; 0 before the first step."""
        return self.gradients.to(self.weights.dtype).norm()

    # The state, by each parameter's number and Adam's own names: "0/exp_avg", "0/exp_avg_sq", "0/step"

    def state(self) -> dict[str, Tensor]:
        """Empty before the first step."""
        held = self.torchs.state[self.weights]
        moments = {name: self._split(held[name]) for name in MOMENTS if held}
        named = {f"{n}/{name}": view for name, views in moments.items() for n, view in enumerate(views)}
        return named | ({f"{n}/step": held["step"] for n in range(len(self.parameters))} if held else {})

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The counterpart of `state`."""
        if state:
            held = {
                name: torch.cat([state[f"{n}/{name}"].flatten() for n in range(len(self.parameters))])
                for name in MOMENTS
            }
            loaded = {"state": {0: held | {"step": state["0/step"].clone()}}}
            self.torchs.load_state_dict(self.torchs.state_dict() | loaded)
        self.refresh()

    def _split(self, whole: Tensor) -> list[Tensor]:
        """Views in the parameters' shapes."""
        parts = whole.split([p.numel() for p in self.parameters])
        return [part.view(p.shape) for part, p in zip(parts, self.parameters, strict=True)]
