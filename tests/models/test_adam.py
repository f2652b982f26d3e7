"""One long tensor steps as many small ones do, and leaves and takes the same state."""

import subprocess
import sys
from copy import deepcopy
from typing import Any

import pytest
import torch

from gencmp.files import ROOT
from gencmp.models.adam import FlatAdam
from gencmp.models.layers import Dense, initialise


def seeded(seed: int = 0) -> Any:
    return torch.Generator().manual_seed(seed)


def network(seed: int = 1, widths: Any = (5, 4, 3)) -> Any:
    dense = Dense(widths, "relu", 0.0, 0.0, seeded())
    initialise(dense, seeded(seed))
    return dense


def stepped(adam: Any, times: Any, seed: int = 0) -> None:
    rng = seeded(seed)
    for _ in range(times):
        adam.gradients.copy_(torch.randn(adam.gradients.shape, generator=rng))
        adam.step()


def flat(dense: Any) -> Any:
    return torch.cat([p.detach().flatten() for p in dense.parameters()])


def test_steps_are_torchs_own() -> None:
    ours, theirs = network(), network()
    adam = FlatAdam(ours.parameters(), 1e-2, (0.8, 0.95))
    plain = torch.optim.Adam(theirs.parameters(), lr=1e-2, betas=(0.8, 0.95))
    for seed in range(5):
        stepped(adam, 1, seed)
        parts = torch.randn(adam.gradients.shape, generator=seeded(seed)).split(
            [p.numel() for p in theirs.parameters()]
        )
        for parameter, part in zip(theirs.parameters(), parts, strict=True):
            parameter.grad = part.view(parameter.shape)
        plain.step()
    torch.testing.assert_close(flat(ours), flat(theirs), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("compute_dtype", [None, torch.bfloat16])
def test_parts_make_no_difference(monkeypatch: pytest.MonkeyPatch, compute_dtype: Any) -> None:
    whole = FlatAdam(network().parameters(), 1e-2, (0.8, 0.95), compute_dtype)
    monkeypatch.setattr("gencmp.models.adam.PART", 16)
    parts = FlatAdam(network().parameters(), 1e-2, (0.8, 0.95), compute_dtype)
    assert (len(whole.parts), len(parts.parts)) == (1, 3)
    for adam in (whole, parts):
        stepped(adam, 3)
    assert torch.equal(parts.weights, whole.weights) and torch.equal(parts.compute_weights, whole.compute_weights)
    assert parts.steps == whole.steps == 3


def test_networks_share_one_step() -> None:
    one, two = network(1), network(2)
    before = flat(one), flat(two)
    adam = FlatAdam([*one.parameters(), *two.parameters()], 1e-2, (0.9, 0.999))
    assert torch.equal(torch.cat(before), adam.weights)
    stepped(adam, 1)
    assert all((flat(each) - was).abs().min() > 0 for each, was in zip((one, two), before, strict=True))


def test_small_updates_are_not_lost_in_a_coarse_copy() -> None:
    dense = network()
    adam = FlatAdam(dense.parameters(), 1e-6, (0.9, 0.999), torch.bfloat16)
    before, coarse = flat(dense), adam.compute_weights.clone()
    stepped(adam, 3)
    assert (flat(dense) - before).abs().max() == pytest.approx(3e-6, rel=0.3)
    assert torch.equal(adam.compute_weights, flat(dense).bfloat16())
    assert (adam.compute_weights != coarse).float().mean() < 0.1  # by themselves they would hardly ever have moved


@pytest.mark.parametrize("compute_dtype", [None, torch.bfloat16])
def test_a_state_goes_on_where_it_stopped(compute_dtype: Any) -> None:
    whole, resumed = network(), network(seed=9)
    adam = FlatAdam(whole.parameters(), 1e-2, (0.9, 0.999), compute_dtype)
    stepped(adam, 2)
    state, weights = deepcopy(adam.state_dict()), deepcopy(whole.state_dict())
    stepped(adam, 1, seed=5)
    other = FlatAdam(resumed.parameters(), 1e-2, (0.9, 0.999), compute_dtype)
    resumed.load_state_dict(weights)
    other.load_state_dict(state)
    stepped(other, 1, seed=5)
    assert torch.equal(flat(whole), flat(resumed))
    assert torch.equal(adam.compute_weights, other.compute_weights)


def test_the_state_is_in_the_layout_of_torchs_own() -> None:
    adam, network_of_torch = FlatAdam(network().parameters(), 1e-2, (0.9, 0.999)), network()
    stepped(adam, 1)
    plain = torch.optim.Adam(network_of_torch.parameters())
    for parameter in network_of_torch.parameters():
        parameter.grad = torch.ones_like(parameter)
    plain.step()
    ours, theirs = (each.state_dict()["state"] for each in (adam, plain))
    assert {n: {name: t.shape for name, t in state.items()} for n, state in ours.items()} == {
        n: {name: t.shape for name, t in state.items()} for n, state in theirs.items()
    }
    assert ours[2]["exp_avg"].shape == (3, 4)


def test_an_empty_state_is_that_of_a_new_optimiser() -> None:
    used, new = (FlatAdam(network().parameters(), 1e-2, (0.9, 0.999)) for _ in range(2))
    stepped(used, 2)
    used.load_state_dict({"state": {}})
    assert not used.steps and not any(moment.any() for moment in used.moments.values())
    used.weights.copy_(new.weights)
    for adam in (used, new):
        stepped(adam, 1)
    assert torch.equal(used.weights, new.weights)


def test_the_compiler_is_not_loaded_for_it() -> None:
    code = "import sys, torch; from gencmp.settings.presets import preset; from gencmp.training.build import build_trainer;"
    code += "t = build_trainer(preset('gan', 'quick').config, torch.device('cpu')); t.step(torch.rand(8, 784));"
    code += "sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0


def test_the_length_of_a_gradient() -> None:
    adam = FlatAdam(network().parameters(), 1e-2, (0.9, 0.999))
    assert adam.gradient_norm().item() == 0
    adam.gradients[:2] = torch.tensor([3.0, 4.0])
    assert adam.gradient_norm().item() == pytest.approx(5)
