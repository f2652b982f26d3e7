"""The layers of both models' networks, described from the settings without torch: one list that builds the networks and that
every reader of weights follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

from gencmp.settings.configs import CONVOLUTIONAL, Config, GanConfig, VaeConfig

SIDE = 28
PIXELS = SIDE * SIDE
DENSE, CONVOLUTION, TRANSPOSED = "dense", "convolution", "transposed convolution"

Shape = tuple[int, ...]  # (numbers,), or (maps, side, side)


@dataclass(frozen=True)
class Layer:
    """One layer with weights; its activation is the network's.

    inputs, outputs: shapes, (numbers,) or (maps, side, side). A layer reads the numbers of the one before it in order, maps
        row by row, whatever their shape.
    kernel, stride, padding: of a convolution, which reads [kernel, kernel] numbers around every `stride`th place; of a
        transposed one, which spreads each number over as many places.
    """

    kind: str
    inputs: Shape
    outputs: Shape
    kernel: int = 0
    stride: int = 0
    padding: int = 0

    @property
    def weight(self) -> Shape:
        """The shape of the weights, as PyTorch has them: [out, in] of a dense layer, [out, in, kernel, kernel] of a convolution,
        [in, out, kernel, kernel] of a transposed one."""
        if self.kind == DENSE:
            return prod(self.outputs), prod(self.inputs)
        maps = self.outputs[0], self.inputs[0]
        return (*(maps if self.kind == CONVOLUTION else maps[::-1]), self.kernel, self.kernel)

    @property
    def bias(self) -> Shape:
        """One number for each neuron, or for each map."""
        return (prod(self.outputs) if self.kind == DENSE else self.outputs[0],)

    @property
    def parameters(self) -> int:
        return prod(self.weight) + prod(self.bias)

    @property
    def multiplications(self) -> int:
        """Of one picture, forward; those with the numbers beyond a map's edge included."""
        places = {DENSE: 1, CONVOLUTION: prod(self.outputs[1:]), TRANSPOSED: prod(self.inputs[1:])}
        return prod(self.weight) * places[self.kind]

    def to_dict(self) -> dict[str, Any]:
        """As it stands in a file of weights: plain JSON values, without what a dense layer has not."""
        plain: dict[str, Any] = {"kind": self.kind, "inputs": list(self.inputs), "outputs": list(self.outputs)}
        if self.kind != DENSE:
            plain |= {"kernel": self.kernel, "stride": self.stride, "padding": self.padding}
        return plain


def network_layers(config: Config) -> dict[str, tuple[Layer, ...]]:
    """Network name -> its layers, from input to output."""
    build = _convolutional if config.network == CONVOLUTIONAL else _dense
    return build(config)


def shapes(layers: Sequence[Layer]) -> list[Shape]:
    """What goes in, and what each layer gives."""
    return [layers[0].inputs, *(layer.outputs for layer in layers)]


def layer_words(layer: Layer) -> str:
    """ "784 → 512"; "16 × 14² → 32 × 7², convolution 4 × 4"."""
    ways = " → ".join(_shape_words(shape) for shape in (layer.inputs, layer.outputs))
    return ways if layer.kind == DENSE else f"{ways}, {layer.kind} {layer.kernel} × {layer.kernel}"


def _shape_words(shape: Shape) -> str:
    return f"{shape[0]} × {shape[1]}²" if len(shape) > 1 else str(shape[0])


def parameter_count(config: Config) -> int:
    """Weights and biases of all networks of a model."""
    return sum(layer.parameters for layers in network_layers(config).values() for layer in layers)


def _dense(config: Config) -> dict[str, tuple[Layer, ...]]:
    if isinstance(config, GanConfig):
        made = (config.noise_size, *config.generator_widths, PIXELS)
        widths = {"generator": made, "discriminator": (PIXELS, *config.discriminator_widths, 1)}
    else:
        assert isinstance(config, VaeConfig)
        encoder = (PIXELS, *config.encoder_widths, 2 * config.latent_size)
        widths = {"encoder": encoder, "decoder": (config.latent_size, *config.decoder_widths, PIXELS)}
    return {
        name: tuple(Layer(DENSE, (before,), (after,)) for before, after in pairwise(each))
        for name, each in widths.items()
    }


# Convolutional networks

PICTURE, HALF, QUARTER = (1, SIDE, SIDE), (16, 14, 14), (32, 7, 7)  # maps, side, side
HALVES = (4, 2, 1)  # kernel, stride and padding that halve the side, or double it
# The same by a wider kernel, for the last layer of the VAE's decoder: its digits come out sharper, with a Fréchet distance of 16.0
# instead of 17.3 after 20 epochs (one seed)
WIDE_HALVES = (6, 2, 2)
# Neurons between the maps and the few numbers at the other end; most of the weights are theirs. The VAE has two such layers:
# with one, its plane of two latent numbers is folded less finely, and the loss is higher.
HIDDEN = {"gan": (256,), "vae": (256, 256)}


def _convolutional(config: Config) -> dict[str, tuple[Layer, ...]]:
    """Four by four weights (six by six, where the VAE draws its picture) at every second place, as in DCGAN (Radford et al. 2016),
    so that each layer halves or doubles the side; and hidden dense layers, as its authors' code has for MNIST.

    The paper's section 3 speaks of convolutions and de-convolutions, but gives no sizes. These networks have seven to nine
    tenths of its dense networks' parameters.
    """
    hidden = HIDDEN[config.kind]
    if isinstance(config, GanConfig):
        return {"generator": _growing(config.noise_size, hidden, HALVES), "discriminator": _shrinking(hidden, 1)}
    assert isinstance(config, VaeConfig)
    numbers = config.latent_size
    return {"encoder": _shrinking(hidden, 2 * numbers), "decoder": _growing(numbers, hidden, WIDE_HALVES)}


def _shrinking(hidden: tuple[int, ...], outputs: int) -> tuple[Layer, ...]:
    sides, shapes = (PICTURE, HALF, QUARTER), (QUARTER, *((width,) for width in (*hidden, outputs)))
    return (
        *(Layer(CONVOLUTION, *both, *HALVES) for both in pairwise(sides)),
        *(Layer(DENSE, *both) for both in pairwise(shapes)),
    )


def _growing(inputs: int, hidden: tuple[int, ...], last: tuple[int, int, int]) -> tuple[Layer, ...]:
    """last: kernel, stride and padding of the layer that gives the picture."""
    shapes = (*((width,) for width in (inputs, *hidden)), QUARTER)
    return (
        *(Layer(DENSE, *both) for both in pairwise(shapes)),
        Layer(TRANSPOSED, QUARTER, HALF, *HALVES),
        Layer(TRANSPOSED, HALF, PICTURE, *last),
    )
