"""Adam over all weights of a model at once, with a copy of the weights in the precision of the matmuls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

# Weights per part on a CPU, so that data just written are still in its cache when they are read again: the VAE's step
# takes 3 to 5 % less than in one part. A multiple of 16, because torch rounds the remainder of a vector differently.
PART = 200_000


class FlatAdam:
    """Adam (Kingma & Ba 2015) on parameters that it makes views of one contiguous tensor.

    With one long tensor of weights and one of gradients, a step takes a few operations, whatever the number of layers.
    compute_dtype: the precision of `compute_weights` and `gradients`; by default that of the weights. The weights and
        both moments always keep theirs (Micikevicius et al. 2018, "Mixed precision training": small updates would be
        lost in bfloat16).
    """

    # Uses torch's functional `adam`: creating a torch.optim.Adam loads torch's compiler, one to three seconds at a run's start

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        rate: float,
        betas: tuple[float, float],
        compute_dtype: torch.dtype | None = None,
    ):
        self.settings: dict[str, Any] = {
            "lr": rate, "beta1": betas[0], "beta2": betas[1], "eps": 1e-8, "weight_decay": 0.0,
            "amsgrad": False, "maximize": False,
        }  # fmt: skip
        self.parameters = list(parameters)
        self.weights = torch.cat([p.detach().flatten() for p in self.parameters])
        mixed = compute_dtype not in (None, self.weights.dtype)
        self.compute_weights = self.weights.to(compute_dtype) if mixed else self.weights
        self.gradients = torch.zeros_like(self.compute_weights)
        self.moments = {"exp_avg": torch.zeros_like(self.weights), "exp_avg_sq": torch.zeros_like(self.weights)}
        self.steps = torch.zeros((), device=self.weights.device)
        size = PART if self.weights.device.type == "cpu" else len(self.weights)
        # a buffer for one part's gradients in the weights' precision, where they are not in it already
        self.wide = self.weights.new_empty(size) if mixed else None
        wholes = (self.weights, self.compute_weights, self.gradients, *self.moments.values())
        self.parts = list(zip(*(whole.split(size) for whole in wholes), strict=True))
        for parameter, view in zip(self.parameters, self.split(self.weights), strict=True):
            parameter.data = view

    def step(self) -> None:
        """One step with `gradients`."""
        cuda = self.weights.device.type == "cuda"
        if not cuda:
            self.steps.add_(1)  # on a GPU `adam` does this itself
        for weights, compute_weights, gradients, first, second in self.parts:
            wide = gradients if self.wide is None else self.wide[: len(gradients)].copy_(gradients)
            state: Any = [weights], [wide], [first], [second], [], [self.steps]
            if cuda:
                # for a tensor of this size the fused kernel leaves most of the GPU idle: on an H100 the VAE's step took
                # 0.280 ms with it and 0.245 ms without; the GAN's took about the same
                adam(*state, **self.settings, foreach=False, fused=False, capturable=True)  # type: ignore[misc]
            else:
                # one pass over memory instead of several takes a third of the time. Called directly, because going
                # through `adam` costs 40 of 400 microseconds: its Python code has just been evicted from the cache
                torch._fused_adam_(*state, **self.settings)
            if self.wide is not None:
                compute_weights.copy_(weights)

    def gradient_norm(self) -> Tensor:
        """The norm of the last step's whole gradient; 0 before the first step."""
        norm: Tensor = torch.linalg.vector_norm(self.gradients, dtype=self.weights.dtype)
        return norm

    def split(self, whole: Tensor) -> list[Tensor]:
        """A tensor with as many numbers as all parameters together -> one view for each parameter, in its shape."""
        parts = whole.split([p.numel() for p in self.parameters])
        return [part.view(p.shape) for part, p in zip(parts, self.parameters, strict=True)]

    # The state has the layout of torch.optim.Adam, so that either optimiser can continue from the other's state

    def state_dict(self) -> dict[str, Any]:
        """Views, not copies: {"state": {number of the parameter: {"exp_avg": ..., "exp_avg_sq": ..., "step": ...}}}"""
        named = {name: self.split(whole) for name, whole in self.moments.items()}
        numbers = range(len(self.parameters))
        return {"state": {n: {name: views[n] for name, views in named.items()} | {"step": self.steps} for n in numbers}}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """The counterpart of `state_dict`. Load the weights first, because `compute_weights` is copied from them here.

        Parameters without a state have not been updated yet; torch.optim.Adam keeps none for them.
        """
        for whole in (*self.moments.values(), self.steps):
            whole.zero_()
        own = self.state_dict()["state"]
        for number, state in state_dict["state"].items():
            for name, value in state.items():
                own[number][name].copy_(value)
        if self.wide is not None:
            self.compute_weights.copy_(self.weights)
