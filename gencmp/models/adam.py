"""Adam over whole networks at once, with copies of the weights in the precision of the matrix products."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim.adam import adam

from gencmp.models.layers import Dense

# Weights at a time on a processor, so that what is written is still in its cache when it is read again: the VAE's step
# takes 3 to 5 % less than with all of them at once. A multiple of 16, for torch rounds a row's rest in another way.
PART = 200_000


class Adam:
    """Adam (Kingma & Ba 2015) on the weights of some networks, which it lays end to end in memory.

    One long tensor of weights, one of gradients: a step goes over them in a few parts, whatever the number of layers.
    products: the precision of the networks' `copies` and `gradients`; the weights and both moments keep their own
              (Micikevicius et al. 2018, "Mixed precision training": small updates would be lost in bfloat16).
    """

    # torch's own function, not its class: that loads torch's compiler as it is made, one to three seconds of a run's start

    def __init__(
        self, networks: Sequence[Dense], rate: float, betas: tuple[float, float], products: torch.dtype | None = None
    ):
        self.settings: dict[str, Any] = {
            "lr": rate, "beta1": betas[0], "beta2": betas[1], "eps": 1e-8, "weight_decay": 0.0,
            "amsgrad": False, "maximize": False,
        }  # fmt: skip
        self.parameters = [p for network in networks for p in network.parameters()]
        self.weights = torch.cat([p.detach().flatten() for p in self.parameters])
        self.copies = self.weights if products is None else self.weights.to(products)
        self.gradients = torch.zeros_like(self.copies)
        self.moments = {"exp_avg": torch.zeros_like(self.weights), "exp_avg_sq": torch.zeros_like(self.weights)}
        self.steps = torch.zeros((), device=self.weights.device)
        size = PART if self.weights.device.type == "cpu" else len(self.weights)
        self.wide = None if products is None else self.weights.new_empty(size)  # a part's gradients, as Adam wants them
        wholes = (self.weights, self.copies, self.gradients, *self.moments.values())
        self.parts = list(zip(*(whole.split(size) for whole in wholes), strict=True))
        self.join: Callable[[], None] = lambda: None  # waits for the gradients; see steps.Beside
        for parameter, view in zip(self.parameters, self._split(self.weights), strict=True):
            parameter.data = view
        copies, gradients = (iter(self._split(whole)) for whole in (self.copies, self.gradients))
        for network in networks:
            network.copies = [(next(copies), next(copies)) for _ in network.stack]
            network.gradients = [(next(gradients), next(gradients)) for _ in network.stack]

    def step(self) -> None:
        """One step with the networks' gradients."""
        self.join()
        cuda = self.weights.device.type == "cuda"
        if not cuda:
            self.steps.add_(1)  # `adam` does it itself
        for weights, copies, gradients, first, second in self.parts:
            wide = gradients if self.wide is None else self.wide[: len(gradients)].copy_(gradients)
            state: Any = [weights], [wide], [first], [second], [], [self.steps]
            if cuda:
                # fused keeps most of the chip idle with a tensor of this size: on an H100 the VAE's step took 0.280 ms
                # with it, 0.245 without; the GAN's about the same
                adam(*state, **self.settings, foreach=False, fused=False, capturable=True)  # type: ignore[misc]
            else:
                # one pass over memory, a third of the time. `adam` would come to the same, 40 microseconds later (of
                # 400): the weights and moments have just driven its Python out of the cache
                torch._fused_adam_(*state, **self.settings)
            if self.copies is not self.weights:
                copies.copy_(weights)

    def refresh(self) -> None:
        """Copy the weights for the products; needed after anyone else has changed them."""
        if self.copies is not self.weights:
            self.copies.copy_(self.weights)

    def gradient_norm(self) -> Tensor:
        """The length of the last step's whole gradient; 0 before the first step."""
        return torch.linalg.vector_norm(self.gradients, dtype=self.weights.dtype)

    # The state, by each parameter's number and torch's own names: "0/exp_avg", "0/exp_avg_sq", "0/step"

    def state(self) -> dict[str, Tensor]:
        """Views, not copies."""
        named = {name: self._split(whole) for name, whole in self.moments.items()}
        named["step"] = [self.steps] * len(self.parameters)
        return {f"{number}/{name}": view for name, views in named.items() for number, view in enumerate(views)}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """The counterpart of `state`."""
        for name, view in self.state().items():
            view.copy_(state[name])
        self.refresh()

    def _split(self, whole: Tensor) -> list[Tensor]:
        """Views in the parameters' shapes."""
        parts = whole.split([p.numel() for p in self.parameters])
        return [part.view(p.shape) for part, p in zip(parts, self.parameters, strict=True)]
