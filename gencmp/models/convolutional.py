"""Convolutional networks of both models, which section 3 of the paper speaks of; built from the description of their layers.

The GAN follows DCGAN (Radford, Metz & Chintala 2016, "Unsupervised representation learning with deep convolutional
generative adversarial networks"), adapted to 28 x 28 pixels: strides instead of pooling, transposed convolutions in G, and
one hidden dense layer between the maps and the few numbers. It has no batch normalisation: D judges a picture by itself, in
training as on the pages, and G draws the same digit from the same noise, whatever else is in the batch; dropout in D, as in
the paper, takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
from torch import Tensor, nn

from gencmp.models.layers import ACTIVATIONS, keep_mask
from gencmp.settings.configs import Config
from gencmp.settings.layers import CONVOLUTION, DENSE, Layer, network_layers

# Rows in eval mode: the maps of 1000 do not fit the processor's cache, and take one and a half times as long
AT_ONCE = 200


class Convolutional(nn.Module):
    """Layers as described, with an activation and dropout after each but the last; the outside sees flat rows of numbers.

    layers, activation, slope: see settings/layers.py and layers.Dense.
    rng: draws the dropout masks in train mode.
    compute_dtype: the precision of layers and activations in train mode; weights and what comes out stay in float32. In eval
        mode everything is in float32.

    A convolution's bits depend on the number of threads. So activations need not be computed in pieces, as those of dense
    layers are, which makes a step of the VAE take 0.85 times as long.
    """

    def __init__(
        self, layers: Sequence[Layer], activation: str, slope: float, dropout: float, rng: torch.Generator
    ):  # fmt: skip
        super().__init__()
        self.described = tuple(layers)
        self.layers = nn.ModuleList([_module(layer) for layer in layers])
        self.activation = activation
        self.slope = slope
        self.dropout = dropout
        self.rng = rng
        self.compute_dtype = torch.float32

    def forward(self, x: Tensor) -> Tensor:
        """[n, numbers of the input] -> [n, numbers of the output]"""
        if not self.training:
            return torch.cat([self._through_layers(some) for some in x.split(AT_ONCE)])
        if self.compute_dtype == torch.float32:
            return self._through_layers(x)
        with torch.autocast(x.device.type, self.compute_dtype):
            return self._through_layers(x).float()

    def _through_layers(self, x: Tensor) -> Tensor:
        last = len(self.described) - 1
        for place, (described, layer) in enumerate(zip(self.described, self.layers, strict=True)):
            x = layer(x.view(len(x), *_read_as(described)))
            if place < last:
                x = ACTIVATIONS[self.activation](x, self.slope)
                if self.training and self.dropout:
                    x = x * keep_mask(x.shape, self.dropout, self.rng, x.dtype)
        return x.flatten(1)


def convolutional_networks(config: Config, rng: torch.Generator) -> dict[str, Convolutional]:
    """The networks of a config by name, uninitialised. rng: for dropout, on the device."""
    activation, slope = config.activation, config.leaky_slope  # type: ignore[attr-defined]
    return {
        name: Convolutional(layers, activation, slope, getattr(config, f"{name}_dropout", 0.0), rng)
        for name, layers in network_layers(config).items()
    }


def initialise_for_depth(network: Convolutional, rng: torch.Generator) -> None:
    """First weights, drawn from `rng` (on the CPU), under which numbers keep their size from layer to layer (He et al. 2015,
    "Delving deep into rectifiers"): uniform within ±sqrt(6 / inputs of a neuron), of the last layer sqrt(3 / inputs); biases 0.

    Of the GAN alone. With PyTorch's own, smaller ones, what G draws hardly depends on the noise at first, since without batch
    normalisation nothing makes up for it: after an epoch all its pictures were the same. A VAE's loss sees to that, and biases of 0
    would leave the decoder grey at z = 0.
    """
    with torch.no_grad():
        for described, layer in zip(network.described, network.layers, strict=True):
            inputs = described.multiplications / prod(described.outputs)
            bound = ((6 if layer is not network.layers[-1] else 3) / inputs) ** 0.5
            layer.weight.uniform_(-bound, bound, generator=rng)  # type: ignore[operator]
            layer.bias.zero_()  # type: ignore[operator]


def repeat_on_gpu() -> None:
    """Ask cuDNN for algorithms that add up in the same order each time, in this process from now on.

    By default, a GPU's convolutions do not repeat to the bit.
    """
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


def _read_as(layer: Layer) -> tuple[int, ...]:
    return (prod(layer.inputs),) if layer.kind == DENSE else layer.inputs


def _module(layer: Layer) -> nn.Module:
    """Without initial weights."""
    module: nn.Module
    if layer.kind == DENSE:
        module = nn.utils.skip_init(nn.Linear, prod(layer.inputs), prod(layer.outputs))
    else:
        kind, sizes = nn.Conv2d if layer.kind == CONVOLUTION else nn.ConvTranspose2d, (layer.stride, layer.padding)
        module = nn.utils.skip_init(kind, layer.inputs[0], layer.outputs[0], layer.kernel, *sizes)
    return module
