"""The plain recipe is the paper's, and the benchmark sets it against ours in turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from gencmp.bench import train as bench
from gencmp.bench.tools import peers, plain_recipe
from gencmp.bench.tools.turns import in_turns, ratio
from gencmp.data.digits import Digits
from gencmp.models.layers import count_parameters
from gencmp.settings.configs import VaeConfig


def test_the_plain_recipe_has_the_papers_networks() -> None:
    assert count_parameters(plain_recipe.Generator()) == 579_728
    assert count_parameters(plain_recipe.Discriminator()) == 566_273
    assert count_parameters(plain_recipe.Vae()) == 534_276 + 534_544


def test_its_data_are_the_shipped_digits(tmp_path: Path, mnist: Digits) -> None:
    images, labels = next(iter(plain_recipe.loader(tmp_path, 8, shuffle=False)))
    assert torch.equal(images.view(8, -1), mnist.train.images[:8] / 255)
    assert torch.equal(labels, mnist.train.labels[:8])


def tiny_numbers_left() -> Any:
    """In the process that asks, with all of its threads."""
    return torch.full((1_000_000,), 1e-39).mul_(1).view(torch.int32).count_nonzero().item(), torch.get_num_threads()


def test_the_plain_recipe_runs_as_in_a_tutorial(tmp_path: Path, vae: VaeConfig) -> None:
    """In a process that leaves tiny numbers as they are, though this one flushes them."""
    assert tiny_numbers_left()[0] == 0
    with bench._plain_process(vae, tmp_path) as process:
        assert process.submit(plain_recipe.take, 2).result() > 0
        assert process.submit(tiny_numbers_left).result() == (1_000_000, torch.get_num_threads())


def test_the_benchmark_tells_ratio_floor_and_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "BLOCKS", 3)
    monkeypatch.setattr(bench, "STEPS", 2)
    monkeypatch.setattr(bench, "MEASURED_EPOCHS", (1, 2))
    advanced: list[Any] = []
    monkeypatch.setattr(peers, "installed", lambda config: ["PyTorch", "no such compiler"])
    monkeypatch.setattr(bench, "_advance", lambda sides, steps: advanced.append(steps))
    told = bench.measure(lambda share, words: None)
    assert [row["model"] for row in told["models"]] == ["gan", "vae"]
    for row in told["models"]:
        assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]
        assert row["floor_ms"] > 0
        assert [at["epoch"] for at in row["epochs"]] == [1, 2] and row["epochs"][0]["ratio"] == row["ratio"]
        first, *rungs = row["ladder"]
        assert (first["rung"], first["ratio"], first["against_plain"]) == ("the plain recipe", 1, 1)
        assert [rung["rung"] for rung in rungs][:4] == [
            "digits in memory", "the textbook's step", "Adam in one operation", "gradients by hand"
        ]  # fmt: skip
        assert len(rungs) == 4 + (row["precision"] == "bfloat16")
        assert [peer["peer"] for peer in row["peers"]] == ["PyTorch", "no such compiler"]
        assert row["peers"][0]["ms"] > 0 and "error" in row["peers"][1]
        assert all(rung["ratio_low"] <= rung["ratio"] <= rung["ratio_high"] and rung["ms"] > 0 for rung in rungs)
    # nothing before the first epoch; to the second, what eight steps of each (four blocks of two) have left of 938 and of 600
    assert advanced == [0, 930, 0, 592]
    assert len(bench.say(told)) == 4 + sum(2 + len(row["ladder"]) + len(row["peers"]) for row in told["models"])
    assert told["words"].startswith("On this machine the paper's 50 + 51 epochs take about")


def test_a_rung_is_against_the_one_before_in_the_same_block() -> None:
    taken = {"a": iter([9, 4, 8]), "b": iter([9, 2, 2])}
    sides = {name: lambda steps, name=name: next(taken[name]) * steps for name in taken}
    times = in_turns(sides, blocks=2, steps=10)
    assert times == {"a": [40, 80], "b": [20, 20]}  # the first block warms up
    assert ratio(times["a"], times["b"]) == {"ratio": 3, "ratio_low": 2, "ratio_high": 4}
