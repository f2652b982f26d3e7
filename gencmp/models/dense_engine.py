"""The fast path for dense networks: forward and backward passes written out by hand, without autograd.

At this size a step consists of a hundred small operations, and autograd's bookkeeping takes much of its time. The engine
also writes gradients directly where the optimiser reads them, and applies activations in place. The reference
implementation is `layers.Dense` with `loss.backward()`; tests compare this engine with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from gencmp.models.adam import FlatAdam
from gencmp.models.layers import PIECE, Dense

aten = torch.ops.aten


def in_pieces_(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """layers.in_pieces for a function that works in place; returns x. Not for use with autograd."""
    if x.device.type != "cpu" or x.numel() <= PIECE:
        return function(x)
    for piece in x.view(-1).split(PIECE):
        function(piece)
    return x


@dataclass(frozen=True)
class Activation:
    """An in-place activation, and its backward pass: (gradient by the output, output) -> gradient by the input.

    With out = f(x), elementwise:  dL/dx = dL/dout · f'(x).
    f' can be computed from `out` alone, so x need not be kept:
    leaky ReLU: 1 or the slope, by the sign of out;  ELU: 1, or out + 1 below 0;  tanh: 1 - out².
    """

    apply: Callable[[Tensor], Tensor]
    back: Callable[[Tensor, Tensor], Tensor]


ACTIVATIONS: dict[str, Callable[[float], Activation]] = {  # by leaky slope, which only leaky ReLU uses
    "leaky_relu": lambda slope: Activation(
        lambda x: F.leaky_relu_(x, slope), lambda g, out: aten.leaky_relu_backward(g, out, slope, True)
    ),
    "relu": lambda slope: Activation(torch.relu_, lambda g, out: aten.threshold_backward(g, out, 0)),
    "elu": lambda slope: Activation(
        lambda x: in_pieces_(F.elu_, x), lambda g, out: aten.elu_backward(g, 1, 1, 1, True, out)
    ),
    "tanh": lambda slope: Activation(lambda x: in_pieces_(torch.tanh_, x), lambda g, out: aten.tanh_backward(g, out)),
}


@dataclass(frozen=True)
class Tape:
    """What a forward pass records for the backward pass: the input of each layer, and for each hidden layer the
    activation's output and the dropout mask."""

    inputs: list[Tensor] = field(default_factory=list)
    hidden: list[tuple[Tensor, Tensor | None]] = field(default_factory=list)

    def last(self, count: int) -> Tape:
        """A tape of only the last `count` rows."""
        hidden = [(out[-count:], None if mask is None else mask[-count:]) for out, mask in self.hidden]
        return Tape([x[-count:] for x in self.inputs], hidden)


class WeightGradStream:
    """A second CUDA stream for the gradients of weights, which the rest of the backward pass does not depend on: on an
    H100 it saves 2 % of the GAN's step and a tenth of the VAE's."""

    def __init__(self) -> None:
        self.stream = torch.cuda.Stream()
        self.held: list[Tensor] = []

    @contextmanager
    def __call__(self, gradient: Tensor) -> Iterator[None]:
        """Run the block's work, which may read `gradient`, on the second stream; `join` waits for it."""
        self.held.append(gradient)  # keeps its memory from being reused before the stream has read it
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            yield

    def join(self) -> None:
        """Make the main stream wait for all gradients."""
        torch.cuda.current_stream().wait_stream(self.stream)
        self.held.clear()


class DenseEngine:
    """Forward and backward passes of a Dense network, on the optimiser's weights and gradients and in their precision.

    compute_weights, gradients: (weight, bias) of each layer, views of the optimiser's tensors. `backward` overwrites the
        gradients of the previous step.
    """

    def __init__(self, network: Dense, optimiser: FlatAdam, weight_grad_stream: WeightGradStream | None = None):
        self.network = network
        self.activation = ACTIVATIONS[network.activation](network.slope)
        self.compute_dtype = optimiser.compute_weights.dtype
        self.compute_weights = _layers(network, optimiser, optimiser.compute_weights)
        self.gradients = _layers(network, optimiser, optimiser.gradients)
        self.weight_grad_stream = weight_grad_stream

    def forward(self, x: Tensor, tape: Tape) -> Tensor:
        """[n, first width] -> [n, last width], like the network itself in train mode; fills the tape for `backward`."""
        x = x.to(self.compute_dtype)
        masks = self.network.masks(len(x), x.dtype)
        for (weight, bias), mask in zip(self.compute_weights[:-1], masks, strict=True):
            out = self.activation.apply(F.linear(x, weight, bias))
            tape.inputs.append(x)
            tape.hidden.append((out, mask))
            x = out if mask is None else out * mask
        tape.inputs.append(x)
        return F.linear(x, *self.compute_weights[-1])

    def backward(self, gradient: Tensor, tape: Tape, weights: bool = True, inputs: bool = False) -> Tensor:
        """The chain rule, from the last layer to the first.

        gradient: of the loss by the output, [n, last width].
        weights:  whether to compute the gradients by weights and biases.
        inputs:   whether to return the gradient by the input, [n, first width].
        """
        gradient = gradient.to(self.compute_dtype)
        for place in reversed(range(len(self.compute_weights))):
            if weights:
                self._weight_gradients(place, gradient, tape.inputs[place])
            # A layer:                y = x Wᵀ + b for each row, so y_j = Σ_i W_ji x_i + b_j.
            # Each x_i reaches L by way of every y_j:  dL/dx_i = Σ_j dL/dy_j · W_ji.
            # For all rows at once:   dL/dx = dL/dy · W.
            if place or inputs:
                gradient = gradient @ self.compute_weights[place][0]
            # Between two layers:     x = mask · out, out = f(y), elementwise.
            # Dropout:                dL/dout = mask · dL/dx, with the mask of the forward pass.
            # Activation:             dL/dy = f'(y) · dL/dout, see Activation.
            if place:
                out, mask = tape.hidden[place - 1]
                gradient = self.activation.back(gradient if mask is None else gradient.mul_(mask), out)
        return gradient

    def _weight_gradients(self, place: int, gradient: Tensor, x: Tensor) -> None:
        # A layer:                    y = x Wᵀ + b for each of the n rows.
        # Each row adds its share:    dL/dW_ji = Σ_n dL/dy_nj · x_ni, so dL/dW = (dL/dy)ᵀ · x.
        # The bias has an input of 1: dL/db = Σ_n dL/dy_n.
        by_weight, by_bias = self.gradients[place]
        with self.weight_grad_stream(gradient) if self.weight_grad_stream else nullcontext():
            torch.mm(gradient.t(), x, out=by_weight)
            torch.sum(gradient, 0, out=by_bias)


def _layers(network: Dense, optimiser: FlatAdam, whole: Tensor) -> list[tuple[Tensor, Tensor]]:
    """(weight, bias) of each layer, as views of `whole`, one of the optimiser's tensors."""
    views: dict[Tensor, Tensor] = dict(zip(optimiser.parameters, optimiser.split(whole), strict=True))
    return [(views[layer.weight], views[layer.bias]) for layer in network.stack]
