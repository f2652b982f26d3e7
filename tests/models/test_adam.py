"""One long tensor steps as many small ones do, and leaves and takes the same state."""

import subprocess
import sys
from copy import deepcopy

import pytest
import torch

from gencmp.files import ROOT
from gencmp.models.adam import Adam
from gencmp.models.layers import Dense


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def network(seed=1, widths=(5, 4, 3)):
    dense = Dense(widths, "relu", 0.0, 0.0, seeded())
    dense.initialise(seeded(seed))
    return dense


def stepped(adam, times, seed=0):
    rng = seeded(seed)
    for _ in range(times):
        adam.gradients.copy_(torch.randn(adam.gradients.shape, generator=rng))
        adam.step()


def flat(dense):
    return torch.cat([p.detach().flatten() for p in dense.parameters()])


def test_steps_are_torchs_own():
    ours, theirs = network(), network()
    adam = Adam([ours], 1e-2, (0.8, 0.95))
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


@pytest.mark.parametrize("products", [None, torch.bfloat16])
def test_parts_make_no_difference(monkeypatch, products):
    whole = Adam([network()], 1e-2, (0.8, 0.95), products)
    monkeypatch.setattr("gencmp.models.adam.PART", 16)
    parts = Adam([network()], 1e-2, (0.8, 0.95), products)
    assert (len(whole.parts), len(parts.parts)) == (1, 3)
    for adam in (whole, parts):
        stepped(adam, 3)
    assert torch.equal(parts.weights, whole.weights) and torch.equal(parts.copies, whole.copies)
    assert parts.steps == whole.steps == 3


def test_networks_share_one_step():
    one, two = network(1), network(2)
    before = flat(one), flat(two)
    adam = Adam([one, two], 1e-2, (0.9, 0.999))
    assert torch.equal(torch.cat(before), adam.weights)
    stepped(adam, 1)
    assert all((flat(each) - was).abs().min() > 0 for each, was in zip((one, two), before, strict=True))


def test_small_updates_are_not_lost_in_a_coarse_copy():
    dense = network()
    adam = Adam([dense], 1e-6, (0.9, 0.999), torch.bfloat16)
    before, coarse = flat(dense), adam.copies.clone()
    stepped(adam, 3)
    assert (flat(dense) - before).abs().max() == pytest.approx(3e-6, rel=0.3)
    assert torch.equal(adam.copies, flat(dense).bfloat16())
    assert (adam.copies != coarse).float().mean() < 0.1  # by themselves they would hardly ever have moved


@pytest.mark.parametrize("products", [None, torch.bfloat16])
def test_a_state_goes_on_where_it_stopped(products):
    whole, resumed = network(), network(seed=9)
    adam = Adam([whole], 1e-2, (0.9, 0.999), products)
    stepped(adam, 2)
    state, weights = {name: value.clone() for name, value in adam.state().items()}, deepcopy(whole.state_dict())
    stepped(adam, 1, seed=5)
    other = Adam([resumed], 1e-2, (0.9, 0.999), products)
    resumed.load_state_dict(weights)
    other.load(state)
    stepped(other, 1, seed=5)
    assert torch.equal(flat(whole), flat(resumed))
    assert torch.equal(adam.copies, other.copies)


def test_the_state_is_named_by_parameter():
    adam = Adam([network()], 1e-2, (0.9, 0.999))
    stepped(adam, 1)
    assert set(adam.state()) == {f"{n}/{name}" for n in range(4) for name in ("exp_avg", "exp_avg_sq", "step")}
    assert adam.state()["2/exp_avg"].shape == (3, 4)


def test_the_compiler_is_not_loaded_for_it():
    code = "import sys, torch; from gencmp.settings.presets import preset; from gencmp.training.build import build_trainer;"
    code += "t = build_trainer(preset('gan', 'quick').config, torch.device('cpu')); t.step(torch.rand(8, 784));"
    code += "sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=120).returncode == 0


def test_the_length_of_a_gradient():
    adam = Adam([network()], 1e-2, (0.9, 0.999))
    assert adam.gradient_norm().item() == 0
    adam.gradients[:2] = torch.tensor([3.0, 4.0])
    assert adam.gradient_norm().item() == pytest.approx(5)
