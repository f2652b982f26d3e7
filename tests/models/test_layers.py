from typing import Any

import pytest
import torch
from there import there
from torch import nn

from gencmp.models.layers import (
    THREAD_INVARIANT,
    Dense,
    count_parameters,
    gradient_norm,
    in_pieces,
    initialise,
    keep_mask,
)


def seeded(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.95])
def test_the_dropout_rate_is_met(rate: float) -> None:
    mask = keep_mask((1000, 1000), rate, seeded())
    dropped = (mask == 0).double().mean().item()
    assert dropped == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 1e6) ** 0.5 + 1 / 65536)
    assert torch.unique(mask).tolist() == pytest.approx([0, 1 / (1 - rate)])


def test_the_four_neurons_of_a_random_word_are_independent() -> None:
    dropped = (keep_mask((400_000,), 0.3, seeded()) == 0).view(-1, 4).double()
    together = torch.corrcoef(dropped.T) - torch.eye(4)
    assert dropped.mean(0).tolist() == pytest.approx([0.3] * 4, abs=0.006)
    assert together.abs().max() < 0.015


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (2, 0)])
def test_a_mask_of_any_shape(shape: Any) -> None:
    assert keep_mask(shape, 0.3, seeded()).shape == shape


def test_same_seed_same_mask_and_then_another() -> None:
    rng = seeded(5)
    first, second = keep_mask((99,), 0.5, rng), keep_mask((99,), 0.5, rng)
    assert torch.equal(first, keep_mask((99,), 0.5, seeded(5)))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    ("name", "module"),
    [("leaky_relu", nn.LeakyReLU(0.2)), ("relu", nn.ReLU()), ("elu", nn.ELU()), ("tanh", nn.Tanh())],
)
def test_dense_is_linear_layers_with_an_activation_between(name: str, module: Any) -> None:
    dense = Dense((5, 4, 3), name, 0.2, 0.0, seeded())
    initialise(dense, seeded(1))
    plain = nn.Sequential(nn.Linear(5, 4), module, nn.Linear(4, 3))
    plain.load_state_dict(dict(zip(plain.state_dict(), dense.state_dict().values(), strict=True)))
    x = torch.randn(6, 5, generator=seeded(2))
    assert torch.equal(dense(x), plain(x))


def test_neurons_are_silent_whose_sum_is_negative_for_every_picture() -> None:
    dense = Dense((2, 4, 2, 1), "relu", 0.0, 0.0, seeded())
    first, second, _ = dense.stack
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0, 0], [0, 1], [-1, 0], [-1, -1]]))
        second.weight.copy_(torch.tensor([[1.0, 0, 0, 0], [0, 0, 1, 1]]))
        for layer in (first, second):
            layer.bias.zero_()
    rows = torch.tensor([[1.0, 0], [2, 3]])
    assert [float(each) for each in dense.silent(rows)] == [0.5, 0.5]  # the last two; what they feed
    assert [float(each) for each in dense.silent(-rows)] == [0.5, 0.5]
    assert [float(each) for each in dense.silent(torch.cat((rows, -rows)))] == [0, 0]


def test_dropout_follows_each_hidden_layer_in_train_mode_alone() -> None:
    dense = Dense((5, 40, 30, 3), "relu", 0.0, 0.3, seeded(7))
    initialise(dense, seeded(1))
    x, masks = torch.randn(6, 5, generator=seeded(2)), keep_mask((6 * 70,), 0.3, seeded(7)).split((6 * 40, 6 * 30))
    hidden = x
    for layer, mask in zip(dense.layers[:-1], masks, strict=True):
        hidden = torch.relu(layer(hidden)) * mask.view(6, -1)
    assert torch.equal(dense(x), dense.layers[-1](hidden))
    plain = dense.layers[2](torch.relu(dense.layers[1](torch.relu(dense.layers[0](x)))))
    assert torch.equal(dense.eval()(x), plain)


def test_the_first_weights_are_pytorchs_own_in_kind() -> None:
    dense = Dense((100, 50, 1), "relu", 0.0, 0.0, seeded())
    initialise(dense, seeded(3))
    first = dense.stack[0]
    assert first.weight.abs().max() <= 0.1
    assert first.weight.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.03)
    assert first.bias.abs().max() <= 0.1 and first.bias.std() > 0


def test_parameters_are_counted() -> None:
    assert count_parameters(Dense((3, 2, 1), "relu", 0.0, 0.0, seeded())) == 3 * 2 + 2 + 2 + 1


@pytest.mark.parametrize("name", ["leaky_relu", "relu", "elu", "tanh"])
@pytest.mark.parametrize("shape", [(257, 513), (1000, 784)])
def test_activations_have_the_same_bits_with_any_number_of_threads(name: str, shape: Any) -> None:
    x, found = torch.randn(shape, generator=seeded()) * 3, []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        found.append(THREAD_INVARIANT[name](x, 0.2))
    assert all(torch.equal(each, found[0]) for each in found)


@pytest.mark.parametrize("function", [torch.sigmoid, torch.exp, torch.tanh])
def test_functions_in_pieces_are_the_same_with_any_number_of_threads(function: Any) -> None:
    x, found = torch.randn(331, 784, generator=seeded()) * 3, []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        found.append(in_pieces(function, x))
    assert all(torch.equal(each, found[0]) for each in found)
    torch.testing.assert_close(found[0], function(x))


def test_autograd_follows_a_function_in_pieces() -> None:
    x = torch.randn(50, 784, generator=seeded(), requires_grad=True)
    in_pieces(torch.tanh, x).sum().backward()
    torch.testing.assert_close(x.grad, 1 - torch.tanh(x.detach()).square())


def test_convolutions_begin_as_pytorchs_own() -> None:
    layer = nn.Conv2d(8, 50, 5)
    layer.weight.data.zero_(), there(layer.bias).data.zero_()
    initialise(nn.Sequential(layer, nn.ReLU()), seeded(3))
    bound = (8 * 5 * 5) ** -0.5
    assert 0.99 * bound < layer.weight.abs().max() <= bound
    assert there(layer.bias).abs().max() <= bound and there(layer.bias).std() > 0


def test_the_length_of_a_gradient() -> None:
    layer = nn.Linear(2, 1)
    assert gradient_norm(layer.parameters()).item() == 0
    layer.weight.grad, layer.bias.grad = torch.tensor([[3.0, 0.0]]), torch.tensor([4.0])
    assert gradient_norm(layer.parameters()).item() == pytest.approx(5)
