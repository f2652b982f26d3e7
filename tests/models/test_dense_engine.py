"""The passes written by hand are autograd's, and have the same bits with any number of threads."""

from typing import Any

import pytest
import torch
from there import there

from gencmp.models.adam import FlatAdam
from gencmp.models.dense_engine import ACTIVATIONS, DenseEngine, Tape, in_pieces_
from gencmp.models.layers import Dense, initialise


def seeded(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


def engine_of(dense: Any, compute_dtype: Any = None) -> Any:
    adam = FlatAdam(dense.parameters(), 1e-3, (0.9, 0.999), compute_dtype)
    return DenseEngine(dense, adam), adam


@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "elu", "tanh"])
def test_the_way_back_is_autograds(double: None, activation: str, dropout: float) -> None:
    dense = Dense((5, 8, 7, 3), activation, 0.2, dropout, seeded(7))
    initialise(dense, seeded(1))
    x, upstream = torch.randn(6, 5, generator=seeded(2), requires_grad=True), torch.randn(6, 3, generator=seeded(3))
    wanted = torch.autograd.grad(dense(x), [x, *dense.parameters()], upstream)

    dense.rng.manual_seed(7)
    engine, _ = engine_of(dense)
    tape = Tape()
    out = engine.forward(x.detach(), tape)
    found = engine.backward(upstream, tape, inputs=True)
    gradients = [gradient for pair in engine.gradients for gradient in pair]
    assert not out.requires_grad
    torch.testing.assert_close([found, *gradients], list(wanted), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "elu", "tanh"])
def test_forward_has_the_bits_of_the_network(activation: str) -> None:
    dense = Dense((5, 300, 3), activation, 0.2, 0.3, seeded(7))
    initialise(dense, seeded(1))
    x = torch.randn(200, 5, generator=seeded(2))
    wanted = dense(x)
    dense.rng.manual_seed(7)
    assert torch.equal(engine_of(dense)[0].forward(x, Tape()), wanted)


def test_the_way_back_may_leave_the_weights_gradients_alone() -> None:
    dense = Dense((5, 8, 3), "relu", 0.0, 0.0, seeded())
    initialise(dense, seeded(1))
    (engine, adam), tape = engine_of(dense), Tape()
    engine.forward(torch.ones(2, 5), tape)
    assert engine.backward(torch.ones(2, 3), tape, weights=False, inputs=True).shape == (2, 5)
    assert not adam.gradients.any()


def test_the_tape_of_the_last_rows_is_that_of_their_own_pass(double: None) -> None:
    dense = Dense((5, 8, 7, 3), "tanh", 0.0, 0.0, seeded())
    initialise(dense, seeded(1))
    x, upstream = torch.randn(6, 5, generator=seeded(2)), torch.randn(2, 3, generator=seeded(3))
    engine, adam = engine_of(dense)
    found = []
    for rows in (x, x[4:]):
        tape = Tape()
        engine.forward(rows, tape)
        engine.backward(upstream, tape.last(2))
        found.append(adam.gradients.clone())
    torch.testing.assert_close(*found, rtol=1e-12, atol=1e-12)


def test_passes_are_in_the_precision_to_compute_with() -> None:
    dense = Dense((5, 8, 3), "relu", 0.0, 0.3, seeded())
    initialise(dense, seeded(1))
    (engine, adam), tape = engine_of(dense, torch.bfloat16), Tape()
    out = engine.forward(torch.ones(2, 5), tape)
    engine.backward(torch.ones(2, 3), tape)
    assert engine.compute_dtype == out.dtype == there(tape.hidden[0][1]).dtype == torch.bfloat16
    assert adam.gradients.dtype == torch.bfloat16 and adam.gradients.any()
    assert dense.layers[0].weight.dtype == torch.float32


@pytest.mark.parametrize("name", ["leaky_relu", "relu", "elu", "tanh"])
@pytest.mark.parametrize("shape", [(257, 513), (1000, 784)])
def test_activations_have_the_same_bits_with_any_number_of_threads(name: str, shape: Any) -> None:
    x, by_out = (torch.randn(shape, generator=seeded(seed)) * 3 for seed in (0, 1))
    found = []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        out = ACTIVATIONS[name](0.2).apply(x.clone())
        found.append((out, ACTIVATIONS[name](0.2).back(by_out, out)))
    assert all(torch.equal(a, b) for each in found[1:] for a, b in zip(each, found[0], strict=True))


@pytest.mark.parametrize("function", [torch.sigmoid_, torch.exp_, torch.tanh_])
def test_functions_in_pieces_are_the_same_with_any_number_of_threads(function: Any) -> None:
    x, found = torch.randn(331, 784, generator=seeded()) * 3, []
    for threads in (1, 2, 3, 5, 8):
        torch.set_num_threads(threads)
        found.append(in_pieces_(function, x.clone()))
    assert all(torch.equal(each, found[0]) for each in found)
    torch.testing.assert_close(found[0], function(x))
