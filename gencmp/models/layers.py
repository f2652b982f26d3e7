"""What both models are made of: a stack of dense layers that knows its own gradient, and a dropout that is fast and seeded.

Backpropagation is written out, not left to autograd. At this size a step is a hundred small operations, and keeping
autograd's books costs much of it; by hand, gradients also land where the optimiser wants them.
The tests hold it to autograd's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional as F

aten = torch.ops.aten

PIECE = 32_768  # numbers, that is torch's GRAIN_SIZE: fewer are never shared out among threads


def in_pieces(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`function`, which works in place and on each number by itself, on the whole of x; returns x.

    torch gives each thread a stretch of a long tensor, and computes what is left at a stretch's end with another
    exponential function than the rest. So the bits would depend on the number of threads; those of a piece do not.
    """
    if x.device.type != "cpu" or x.numel() <= PIECE:
        return function(x)
    for piece in x.view(-1).split(PIECE):
        function(piece)
    return x


@dataclass(frozen=True)
class Activation:
    """A function of each number, in place, and its way back: (gradient of the output, output) -> gradient of the input."""

    apply: Callable[[Tensor], Tensor]
    back: Callable[[Tensor, Tensor], Tensor]


ACTIVATIONS: dict[str, Callable[[float], Activation]] = {  # of the leaky slope, which only one of them has
    "leaky_relu": lambda slope: Activation(
        lambda x: F.leaky_relu_(x, slope), lambda g, out: aten.leaky_relu_backward(g, out, slope, True)
    ),
    "relu": lambda slope: Activation(torch.relu_, lambda g, out: aten.threshold_backward(g, out, 0)),
    "elu": lambda slope: Activation(
        lambda x: in_pieces(F.elu_, x), lambda g, out: aten.elu_backward(g, 1, 1, 1, True, out)
    ),
    "tanh": lambda slope: Activation(lambda x: in_pieces(torch.tanh_, x), lambda g, out: aten.tanh_backward(g, out)),
}


def keep_mask(shape: Sequence[int], rate: float, rng: torch.Generator, dtype: torch.dtype = torch.float32) -> Tensor:
    """0 where a neuron is dropped (with probability `rate`), else 1 / (1 - rate).

    Four 16-bit numbers from each random 64-bit word: F.dropout draws one number a neuron and takes some eight times
    as long on a processor. The rate is met to 1/65536.
    """
    count = prod(shape)
    words = torch.empty((count + 3) // 4, dtype=torch.int64, device=rng.device).random_(-(2**63), None, generator=rng)
    threshold = round(rate * 65536) - 32768
    mask = torch.empty(count, dtype=dtype, device=rng.device)
    torch.ge(
        words.view(torch.int16)[:count], threshold, out=mask
    )  # straight into numbers: by way of bool costs 8 times as much
    return mask.mul_(1 / (1 - rate)).view(shape)


@dataclass(frozen=True)
class Tape:
    """What a pass leaves for the way back: the input of each layer; of each hidden one, what its activation made, and the mask."""

    inputs: list[Tensor] = field(default_factory=list)
    hidden: list[tuple[Tensor, Tensor | None]] = field(default_factory=list)

    def last(self, count: int) -> Tape:
        """Of the last `count` rows of the pass alone."""
        hidden = [(out[-count:], None if mask is None else mask[-count:]) for out, mask in self.hidden]
        return Tape([x[-count:] for x in self.inputs], hidden)


class Dense(nn.Module):
    """Dense layers with an activation and dropout after each hidden one; the last layer's sums come out raw.

    widths: from input to output, so `Dense((784, 512, 1), ...)` has two layers.
    rng:    draws the dropout masks.
    In train mode neurons are dropped, and the products are made with `copies`, which an Adam replaces by its own in the
    precision of the products. In eval mode nothing is dropped, and the parameters themselves are used.
    """

    def __init__(self, widths: Sequence[int], activation: str, slope: float, dropout: float, rng: torch.Generator):
        super().__init__()
        self.stack: list[nn.Linear] = [nn.utils.skip_init(nn.Linear, a, b) for a, b in pairwise(widths)]
        self.layers = nn.ModuleList(self.stack)
        self.activation = ACTIVATIONS[activation](slope)
        self.dropout = dropout
        self.rng = rng
        self.copies: list[tuple[Tensor, Tensor]] = [(layer.weight, layer.bias) for layer in self.stack]
        self.gradients: list[tuple[Tensor, Tensor]] = []
        self.beside: Callable[[Tensor], AbstractContextManager] = nullcontext  # see steps.Beside

    def forward(self, x: Tensor, tape: Tape | None = None) -> Tensor:
        """[n, first width] -> [n, last width]; in train mode, what `backward` needs is put on the tape."""
        weights = self.copies if self.training else [(layer.weight, layer.bias) for layer in self.stack]
        masks = self._masks(len(x), x.dtype)
        for (weight, bias), mask in zip(weights, masks, strict=False):  # the last layer has no mask
            out = self.activation.apply(F.linear(x, weight, bias))
            if tape is not None:
                tape.inputs.append(x)
                tape.hidden.append((out, mask))
            x = out if mask is None else out * mask
        if tape is not None:
            tape.inputs.append(x)
        return F.linear(x, *weights[-1])

    def backward(self, gradient: Tensor, tape: Tape, weights: bool = True, inputs: bool = False) -> Tensor:
        """The chain rule, from the last layer to the first: takes and returns the gradient of what went in and came out.

        gradient: of the loss by the pass's output, [n, last width]. Returns that by its input where `inputs` asks for it.
        weights:  whether the gradients by weights and biases are wanted; they replace those in `gradients`.
        """
        for place in reversed(range(len(self.stack))):
            if weights:
                of_weight, of_bias = self.gradients[place]
                with self.beside(gradient):
                    torch.mm(gradient.t(), tape.inputs[place], out=of_weight)
                    torch.sum(gradient, 0, out=of_bias)
            if place or inputs:
                gradient = gradient @ self.copies[place][0]
            if place:
                out, mask = tape.hidden[place - 1]
                gradient = self.activation.back(gradient if mask is None else gradient.mul_(mask), out)
        return gradient

    def _masks(self, count: int, dtype: torch.dtype) -> list[Tensor | None]:
        """A mask for each hidden layer, all drawn at once: three operations, not three a layer."""
        widths = [layer.out_features for layer in self.stack[:-1]]
        if not (self.training and self.dropout):
            return [None] * len(widths)
        whole = keep_mask((count * sum(widths),), self.dropout, self.rng, dtype)
        return [mask.view(count, -1) for mask in whole.split_with_sizes([count * width for width in widths])]

    def initialise(self, rng: torch.Generator) -> None:
        """PyTorch's own start, uniform within 1 / sqrt(inputs), drawn from `rng` (on the processor)."""
        with torch.no_grad():
            for layer in self.stack:
                bound = layer.in_features**-0.5
                layer.weight.uniform_(-bound, bound, generator=rng)
                layer.bias.uniform_(-bound, bound, generator=rng)


def count_parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())
