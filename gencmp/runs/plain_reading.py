"""Python code that draws pictures from an exported model with PyTorch and safetensors alone, written for its own layers."""

from __future__ import annotations

from math import prod

from gencmp.latent.networks import FED_BY_LATENT
from gencmp.settings.configs import Config, GanConfig
from gencmp.settings.layers import CONVOLUTION, DENSE, Layer, network_layers

ACTIVATIONS = {"relu": "nn.ReLU()", "elu": "nn.ELU()", "tanh": "nn.Tanh()"}


def plain_reading(config: Config, weights: str) -> str:
    """weights: the path of the file, as the code shall have it. The code leaves `pictures`, [64, 28, 28] in [0, 1]."""
    name = FED_BY_LATENT[config.kind]
    layers = network_layers(config)[name]
    modules, places = _modules(layers, _activation(config))
    if isinstance(config, GanConfig):
        numbers = f"64, {config.noise_size}"
        noise = f"2 * torch.rand({numbers}) - 1" if config.noise == "uniform" else f"torch.randn({numbers})"
        drawn = f"((torch.tanh({name}({noise})) + 1) / 2)"
    else:
        noise = f"torch.randn(64, {layers[0].inputs[0]})"
        drawn = f"torch.sigmoid({name}({noise}))"
    rows = "\n".join(f"    {module}," for module in modules)
    return f'''import torch
from safetensors.torch import load_file
from torch import nn

{name} = nn.Sequential(
{rows}
)
file = load_file("{weights}")
for layer, place in enumerate({places}):  # the modules that have weights
    for part in ("weight", "bias"):
        getattr({name}[place], part).data = file[f"model/{name}/layers.{{layer}}.{{part}}"].float()
with torch.no_grad():
    pictures = {drawn}.reshape(64, 28, 28)
'''


def _modules(layers: tuple[Layer, ...], activation: str) -> tuple[list[str], list[int]]:
    """The modules as code, and which of them are the layers."""
    modules: list[str] = []
    places: list[int] = []
    for number, layer in enumerate(layers):
        if number:
            modules.append(activation)
        if layer.kind != DENSE and (number == 0 or layers[number - 1].kind == DENSE):
            modules.append(f"nn.Unflatten(1, {layer.inputs})")
        if layer.kind == DENSE and number and layers[number - 1].kind != DENSE:
            modules.append("nn.Flatten()")
        places.append(len(modules))
        modules.append(_module(layer))
    return modules, places


def _module(layer: Layer) -> str:
    if layer.kind == DENSE:
        return f"nn.Linear({prod(layer.inputs)}, {prod(layer.outputs)})"
    kind = "Conv2d" if layer.kind == CONVOLUTION else "ConvTranspose2d"
    sizes = f"{layer.kernel}, stride={layer.stride}, padding={layer.padding}"
    return f"nn.{kind}({layer.inputs[0]}, {layer.outputs[0]}, {sizes})"


def _activation(config: Config) -> str:
    values = config.to_dict()
    return ACTIVATIONS.get(values["activation"], f"nn.LeakyReLU({values['leaky_slope']:g})")
