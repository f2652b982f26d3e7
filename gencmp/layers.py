"""The two building blocks of both models: a dropout that is fast and seeded, and a stack of dense layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

ACTIVATIONS: dict[str, Callable[..., Tensor]] = {
    "leaky_relu": F.leaky_relu,
    "relu": F.relu,
    "elu": F.elu,
    "tanh": torch.tanh,
}


def keep_mask(x: Tensor, rate: float, rng: torch.Generator) -> Tensor:
    """Like x: 0 where a neuron is dropped (with probability `rate`), else 1 / (1 - rate).

    Four 16-bit numbers from each random 64-bit word: F.dropout draws one number a neuron and takes five times
    as long on a processor. The rate is met to 1/65536.
    """
    count = x.numel()
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=x.device).random_(-(2**63), None, generator=rng)
    threshold = round(rate * 65536) - 32768
    kept = words.view(torch.int16)[:count].view(x.shape) >= threshold
    return kept.to(x.dtype).mul_(1 / (1 - rate))


class Dense(nn.Module):
    """Dense layers with an activation and dropout after each hidden one; the last layer's sums come out raw.

    widths: from input to output, so `Dense((784, 512, 1), ...)` has two layers.
    rng:    draws the dropout masks; train mode drops, eval mode does not.
    """

    def __init__(self, widths: Sequence[int], activation: str, slope: float, dropout: float, rng: torch.Generator):
        super().__init__()
        self.stack: list[nn.Linear] = [nn.utils.skip_init(nn.Linear, a, b) for a, b in pairwise(widths)]
        self.layers = nn.ModuleList(self.stack)
        chosen = ACTIVATIONS[activation]
        self.activation = partial(chosen, negative_slope=slope) if activation == "leaky_relu" else chosen
        self.dropout = dropout
        self.rng = rng

    def forward(self, x: Tensor) -> Tensor:
        *hidden, last = self.stack
        for layer in hidden:
            x = self.activation(layer(x))
            if self.training and self.dropout:
                x = x * keep_mask(x, self.dropout, self.rng)
        return last(x)

    def initialise(self, rng: torch.Generator) -> None:
        """PyTorch's own start, uniform within 1 / sqrt(inputs), drawn from `rng` (on the processor)."""
        with torch.no_grad():
            for layer in self.stack:
                bound = layer.in_features**-0.5
                layer.weight.uniform_(-bound, bound, generator=rng)
                layer.bias.uniform_(-bound, bound, generator=rng)


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def gradient_norm(parameters: Sequence[Tensor]) -> Tensor:
    """The length of the whole gradient; 0 before the first step."""
    gradients = [p.grad for p in parameters if p.grad is not None]
    return torch.stack(torch._foreach_norm(gradients)).norm() if gradients else torch.zeros(())
