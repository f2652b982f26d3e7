"""The building blocks of both models: dense layers with fast, seeded dropout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PIECE = 32_768  # numbers: torch's GRAIN_SIZE, below which it never splits an operation among threads


def in_pieces(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """Apply an elementwise function to x in pieces, so that its bits do not depend on the number of threads.

    torch gives each thread a part of a long tensor, and computes the remainder at the end of each part with a different
    implementation of exp than the rest. A piece is never split; nor is the whole with one thread.
    """
    if x.device.type != "cpu" or x.numel() <= PIECE or torch.get_num_threads() == 1:
        return function(x)
    return torch.cat([function(piece) for piece in x.flatten().split(PIECE)]).view_as(x)


ACTIVATIONS: dict[str, Callable[[Tensor, float], Tensor]] = {  # (x, leaky slope); only leaky ReLU uses the slope
    "leaky_relu": F.leaky_relu,
    "relu": lambda x, slope: torch.relu(x),
    "elu": lambda x, slope: F.elu(x),
    "tanh": lambda x, slope: torch.tanh(x),
}
THREAD_INVARIANT = ACTIVATIONS | {  # the same bits with any number of threads
    "elu": lambda x, slope: in_pieces(F.elu, x),
    "tanh": lambda x, slope: in_pieces(torch.tanh, x),
}


def keep_mask(shape: Sequence[int], rate: float, rng: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """0 where a neuron is dropped (with probability `rate`), else 1 / (1 - rate).

    Each random 64-bit word gives four 16-bit numbers: F.dropout draws one number per neuron and takes about eight times
    as long on a CPU. The rate is accurate to 1/65536.
    """
    count = prod(shape)
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=rng.device).random_(-(2**63), None, generator=rng)
    threshold = round(rate * 65536) - 32768
    mask = torch.empty(count, dtype=dtype, device=rng.device)
    # written as numbers directly: making a bool tensor first and converting it takes 8 times as long
    torch.ge(words.view(torch.int16)[:count], threshold, out=mask)
    return mask.mul_(1 / (1 - rate)).view(shape)


class Dense(nn.Module):
    """Dense layers with an activation and dropout after each hidden one; the last layer has neither.

    widths: from input to output, so `Dense((784, 512, 1), ...)` has two layers.
    rng:    draws the dropout masks in train mode.
    """

    def __init__(self, widths: Sequence[int], activation: str, slope: float, dropout: float, rng: torch.Generator):
        super().__init__()
        self.stack: list[nn.Linear] = [nn.utils.skip_init(nn.Linear, a, b) for a, b in pairwise(widths)]
        self.layers = nn.ModuleList(self.stack)
        self.activation = activation
        self.slope = slope
        self.dropout = dropout
        self.rng = rng

    def forward(self, x: Tensor) -> Tensor:
        """[n, first width] -> [n, last width]"""
        for layer, mask in zip(self.stack[:-1], self.masks(len(x), x.dtype), strict=True):
            x = THREAD_INVARIANT[self.activation](layer(x), self.slope)
            x = x if mask is None else x * mask
        sums: Tensor = self.stack[-1](x)
        return sums

    def silent(self, x: Tensor) -> list[Tensor]:
        """Of each hidden layer, the share of neurons whose sum is negative for every row of x: a ReLU passes nothing of them on,
        and they learn nothing. In eval mode; [n, first width]."""
        found = []
        for layer in self.stack[:-1]:
            sums = layer(x)
            found.append((sums <= 0).all(0).float().mean())
            x = THREAD_INVARIANT[self.activation](sums, self.slope)
        return found

    def masks(self, count: int, dtype: torch.dtype) -> list[Tensor | None]:
        """Dropout masks for a pass of `count` rows, [count, width] for each hidden layer; None where nothing is dropped.

        All masks are drawn together, in three operations instead of three per layer.
        """
        widths = [layer.out_features for layer in self.stack[:-1]]
        if not (self.training and self.dropout):
            return [None] * len(widths)
        whole = keep_mask((count * sum(widths),), self.dropout, self.rng, dtype)
        return [mask.view(count, -1) for mask in whole.split_with_sizes([count * width for width in widths])]


def initialise(network: nn.Module, rng: torch.Generator) -> None:
    """PyTorch's default initialisation of dense and convolutional layers, drawn from `rng` (on the CPU): uniform within
    ±1 / sqrt(inputs of a neuron)."""
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.Linear | nn.modules.conv._ConvNd):
                bound = layer.weight[0].numel() ** -0.5
                for parameter in layer.parameters():
                    parameter.uniform_(-bound, bound, generator=rng)


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def gradient_norm(parameters: Iterable[nn.Parameter]) -> Tensor:
    """The norm of the parameters' whole gradient after the last backward pass; 0 before the first."""
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
    length: Tensor = torch.linalg.vector_norm(torch.cat([gradient.flatten() for gradient in gradients]))
    return length
