"""Convolutional networks: PyTorch's own modules in a row, as large as the dense networks, and described as they are built."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gencmp.errors import ConfigError, SnapshotError
from gencmp.models.convolutional import Convolutional, convolutional_networks
from gencmp.models.layers import count_parameters, initialise, keep_mask
from gencmp.models.snapshot import Snapshot, pack, unpack, weights_of
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.settings.layers import network_layers
from gencmp.training.build import build_model, build_trainer
from gencmp.training.describe import describe

CONFIGS = [GanConfig(network="conv"), VaeConfig(network="conv"), VaeConfig(network="conv", latent_size=20)]


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def named(config: Config) -> dict[str, Convolutional]:
    networks, first = convolutional_networks(config, seeded(7)), seeded(1)
    for network in networks.values():
        initialise(network, first)
    return networks


def plain(network: Convolutional, activation: nn.Module) -> nn.Sequential:
    """The same of PyTorch's modules alone, with the shapes written out."""
    modules: list[nn.Module] = []
    for layer in network.layers:
        if isinstance(layer, nn.Conv2d) and not modules:
            modules.append(nn.Unflatten(1, (1, 28, 28)))
        if isinstance(layer, nn.ConvTranspose2d) and isinstance(modules[-2], nn.Linear):
            modules.append(nn.Unflatten(1, (layer.in_channels, 7, 7)))
        if isinstance(layer, nn.Linear) and modules:
            modules.append(nn.Flatten())
        modules += [layer, activation]
    return nn.Sequential(*modules[:-1], nn.Flatten())


@pytest.mark.parametrize("config", CONFIGS[:2], ids=lambda config: config.kind)
@pytest.mark.parametrize(
    ("name", "module"), [("leaky_relu", nn.LeakyReLU(0.1)), ("relu", nn.ReLU()), ("elu", nn.ELU())]
)
def test_networks_are_pytorchs_modules_in_a_row(config: Config, name: str, module: nn.Module) -> None:
    for network in named(config.replace(activation=name, leaky_slope=0.1)).values():
        x = torch.randn(5, network.described[0].weight[1] if isinstance(network.layers[0], nn.Linear) else 784)
        found = network.eval()(x)
        torch.testing.assert_close(found, plain(network, module)(x))
        assert found.abs().max() > 0


def test_each_layer_halves_or_doubles_the_side_of_a_picture() -> None:
    encoder, decoder = named(VaeConfig(network="conv", latent_size=3)).values()
    assert encoder(torch.rand(4, 784)).shape == (4, 6)
    assert decoder(torch.rand(4, 3)).shape == (4, 784)
    sides = [layer.outputs[1] for layer in encoder.described if len(layer.outputs) > 1]
    assert sides == [14, 7]
    assert [layer.inputs[1] for layer in decoder.described if len(layer.inputs) > 1] == [7, 14]


@pytest.mark.parametrize("config", CONFIGS)
def test_they_have_at_least_half_and_at_most_twice_the_parameters_of_the_dense_ones(config: Config) -> None:
    models = (build_model(each, seeded()) for each in (config, config.replace(network="dense")))
    counts = [{name: count_parameters(network) for name, network in model.networks.items()} for model in models]
    for name, count in counts[0].items():
        assert 0.5 <= count / counts[1][name] <= 2


@pytest.mark.parametrize("config", CONFIGS)
def test_the_description_has_the_shapes_of_the_weights(config: Config) -> None:
    for name, network in build_model(config, seeded()).networks.items():
        described = network_layers(config)[name]
        found = [tuple(p.shape) for p in network.parameters()]
        assert found == [shape for layer in described for shape in (layer.weight, layer.bias)]
        assert sum(layer.parameters for layer in described) == count_parameters(network)


def test_dropout_follows_each_layer_but_the_last_in_train_mode_alone() -> None:
    network = named(GanConfig(network="conv", discriminator_dropout=0.4))["discriminator"]
    rng, x = seeded(7), torch.randn(3, 784)
    hidden = x
    for layer, described in zip(network.layers[:-1], network.described[:-1], strict=True):
        shape = described.inputs if described.kind == "convolution" else (-1,)
        hidden = nn.functional.leaky_relu(layer(hidden.reshape(3, *shape)), 0.2)
        hidden = hidden * keep_mask(hidden.shape, 0.4, rng)
    torch.testing.assert_close(network(x), network.layers[-1](hidden))
    assert torch.equal(network.eval()(x), network(x))


def test_first_weights_keep_the_size_of_numbers_from_layer_to_layer() -> None:
    for name, network in build_trainer(CONFIGS[0], torch.device("cpu")).networks.items():
        assert isinstance(network, Convolutional)
        x = torch.randn(200, 100) / 3**0.5 if name == "generator" else 2 * torch.rand(200, 784) - 1
        first, last = x.square().mean(), network.eval()(x)
        assert 0.3 < last.square().mean() / first < 3
        assert last.std(0).mean() > 0.5 * last.std(), "what comes out depends on what goes in"
        assert all(not layer.bias.any() for layer in network.layers)  # type: ignore[operator]


def test_a_file_of_weights_says_how_its_layers_are_built_and_other_ones_are_refused() -> None:
    config = VaeConfig(network="conv")
    content = pack(Snapshot(config, 1, 1, 0.0, weights_of(build_model(config, seeded()))))
    assert unpack(content).config == config
    with pytest.raises(
        SnapshotError, match=r"cannot build: their layers are others than its settings make here\. Update"
    ):
        unpack(content.replace(rb"\"stride\": 2", rb"\"stride\": 3"))


def test_a_description_in_words() -> None:
    rows = {(row["network"], row["layer"]): row["then"] for row in describe(GanConfig(network="conv"))}
    assert rows["generator", "32 × 7² → 16 × 14², transposed convolution 4 × 4"] == "leaky ReLU 0.2, dropout 0.3"
    assert rows["discriminator", "1 × 28² → 16 × 14², convolution 4 × 4"] == "leaky ReLU 0.2, dropout 0.3"
    assert rows["discriminator", "32 × 7² → 256"] == "leaky ReLU 0.2, dropout 0.3"
    assert rows["discriminator", "256 → 1"].startswith("a logit")


def test_an_unknown_network_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="Networks: found 'round', wanted one of dense, conv"):
        VaeConfig(network="round")
