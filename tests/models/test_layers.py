import pytest
import torch
from torch import nn

from gencmp.models.adam import Adam
from gencmp.models.layers import ACTIVATIONS, Dense, Tape, count_parameters, in_pieces, keep_mask


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5, 0.95])
def test_the_dropout_rate_is_met(rate):
    mask = keep_mask((1000, 1000), rate, seeded())
    dropped = (mask == 0).double().mean().item()
    assert dropped == pytest.approx(rate, abs=4 * (rate * (1 - rate) / 1e6) ** 0.5 + 1 / 65536)
    assert torch.unique(mask).tolist() == pytest.approx([0, 1 / (1 - rate)])


def test_the_four_neurons_of_a_random_word_are_independent():
    dropped = (keep_mask((400_000,), 0.3, seeded()) == 0).view(-1, 4).double()
    together = torch.corrcoef(dropped.T) - torch.eye(4)
    assert dropped.mean(0).tolist() == pytest.approx([0.3] * 4, abs=0.006)
    assert together.abs().max() < 0.015


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (2, 0)])
def test_a_mask_of_any_shape(shape):
    assert keep_mask(shape, 0.3, seeded()).shape == shape


def test_same_seed_same_mask_and_then_another():
    rng = seeded(5)
    first, second = keep_mask((99,), 0.5, rng), keep_mask((99,), 0.5, rng)
    assert torch.equal(first, keep_mask((99,), 0.5, seeded(5)))
    assert not torch.equal(first, second)


@pytest.mark.parametrize(
    ("name", "module"),
    [("leaky_relu", nn.LeakyReLU(0.2)), ("relu", nn.ReLU()), ("elu", nn.ELU()), ("tanh", nn.Tanh())],
)
def test_dense_is_linear_layers_with_an_activation_between(name, module):
    dense = Dense((5, 4, 3), name, 0.2, 0.0, seeded())
    dense.initialise(seeded(1))
    plain = nn.Sequential(nn.Linear(5, 4), module, nn.Linear(4, 3))
    plain.load_state_dict(dict(zip(plain.state_dict(), dense.state_dict().values(), strict=True)))
    x = torch.randn(6, 5, generator=seeded(2))
    assert torch.equal(dense(x), plain(x))


def test_dropout_follows_each_hidden_layer_in_train_mode_alone():
    dense = Dense((5, 40, 30, 3), "relu", 0.0, 0.3, seeded(7))
    dense.initialise(seeded(1))
    x, masks = torch.randn(6, 5, generator=seeded(2)), keep_mask((6 * 70,), 0.3, seeded(7)).split((6 * 40, 6 * 30))
    hidden = x
    for layer, mask in zip(dense.layers[:-1], masks, strict=True):
        hidden = torch.relu(layer(hidden)) * mask.view(6, -1)
    assert torch.equal(dense(x), dense.layers[-1](hidden))
    plain = dense.layers[2](torch.relu(dense.layers[1](torch.relu(dense.layers[0](x)))))
    assert torch.equal(dense.eval()(x), plain)


def test_the_first_weights_are_pytorchs_own_in_kind():
    dense = Dense((100, 50, 1), "relu", 0.0, 0.0, seeded())
    dense.initialise(seeded(3))
    first = dense.layers[0]
    assert first.weight.abs().max() <= 0.1
    assert first.weight.std().item() == pytest.approx(0.1 / 3**0.5, rel=0.03)
    assert first.bias.abs().max() <= 0.1 and first.bias.std() > 0


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "elu", "tanh"])
def test_the_way_back_is_autograds(double, activation, dropout):
    dense = Dense((5, 8, 7, 3), activation, 0.2, dropout, seeded(7))
    dense.initialise(seeded(1))
    x, upstream = torch.randn(6, 5, generator=seeded(2), requires_grad=True), torch.randn(6, 3, generator=seeded(3))
    wanted = torch.autograd.grad(dense(x), [x, *dense.parameters()], upstream)

    dense.rng.manual_seed(7)
    Adam([dense], 1e-3, (0.9, 0.999))
    tape = Tape()
    out = dense(x.detach(), tape)
    found = dense.backward(upstream, tape, inputs=True)
    gradients = [gradient for pair in dense.gradients for gradient in pair]
    assert not out.requires_grad
    torch.testing.assert_close([found, *gradients], list(wanted), rtol=1e-12, atol=1e-12)


def test_the_way_back_may_leave_the_weights_gradients_alone():
    dense = Dense((5, 8, 3), "relu", 0.0, 0.0, seeded())
    dense.initialise(seeded(1))
    adam, tape = Adam([dense], 1e-3, (0.9, 0.999)), Tape()
    dense(torch.ones(2, 5), tape)
    assert dense.backward(torch.ones(2, 3), tape, weights=False, inputs=True).shape == (2, 5)
    assert not adam.gradients.any()


def test_parameters_are_counted():
    assert count_parameters(Dense((3, 2, 1), "relu", 0.0, 0.0, seeded())) == 3 * 2 + 2 + 2 + 1


@pytest.mark.parametrize("name", ["leaky_relu", "relu", "elu", "tanh"])
@pytest.mark.parametrize("shape", [(257, 513), (1000, 784)])
def test_activations_have_the_same_bits_with_any_number_of_threads(name, shape):
    x, by_out = (torch.randn(shape, generator=seeded(seed)) * 3 for seed in (0, 1))
    found = []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        out = ACTIVATIONS[name](0.2).apply(x.clone())
        found.append((out, ACTIVATIONS[name](0.2).back(by_out, out)))
    assert all(torch.equal(a, b) for each in found[1:] for a, b in zip(each, found[0], strict=True))


@pytest.mark.parametrize("function", [torch.sigmoid_, torch.exp_, torch.tanh_])
def test_functions_in_pieces_are_the_same_with_any_number_of_threads(function):
    x, found = torch.randn(331, 784, generator=seeded()) * 3, []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        found.append(in_pieces(function, x.clone()))
    assert all(torch.equal(each, found[0]) for each in found)
    torch.testing.assert_close(found[0], function(x))
