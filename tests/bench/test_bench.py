"""The plain recipe is the paper's, and the benchmark sets it against ours in turns."""

from __future__ import annotations

import torch

from gencmp.bench import train as bench
from gencmp.bench.tools import plain_recipe
from gencmp.models.layers import count_parameters


def test_the_plain_recipe_has_the_papers_networks():
    assert count_parameters(plain_recipe.Generator()) == 579_728
    assert count_parameters(plain_recipe.Discriminator()) == 566_273
    assert count_parameters(plain_recipe.Vae()) == 534_276 + 534_544


def test_its_data_are_the_shipped_digits(tmp_path, mnist):
    images, labels = next(iter(plain_recipe.loader(tmp_path, 8, shuffle=False)))
    assert torch.equal(images.view(8, -1), mnist.train.images[:8] / 255)
    assert torch.equal(labels, mnist.train.labels[:8])


def tiny_numbers_left():
    """In the process that asks, with all of its threads."""
    return torch.full((1_000_000,), 1e-39).mul_(1).view(torch.int32).count_nonzero().item(), torch.get_num_threads()


def test_the_plain_recipe_runs_as_in_a_tutorial(tmp_path, vae):
    """In a process that leaves tiny numbers as they are, though this one flushes them."""
    assert tiny_numbers_left()[0] == 0
    with bench._plain_process(vae, tmp_path) as process:
        assert process.submit(plain_recipe.take, 2).result() > 0
        assert process.submit(tiny_numbers_left).result() == (1_000_000, torch.get_num_threads())


def test_the_benchmark_tells_ratio_floor_and_plain_words(monkeypatch):
    monkeypatch.setattr(bench, "BLOCKS", 3)
    monkeypatch.setattr(bench, "STEPS", 2)
    monkeypatch.setattr(bench, "MEASURED_EPOCHS", (1, 2))
    monkeypatch.setattr(bench, "_advance", lambda sides, steps: advanced.append(steps))
    advanced = []
    told = bench.measure(lambda share, words: None)
    assert [row["model"] for row in told["models"]] == ["gan", "vae"]
    for row in told["models"]:
        assert row["ratio_low"] <= row["ratio"] <= row["ratio_high"]
        assert row["floor_ms"] > 0
        assert [at["epoch"] for at in row["epochs"]] == [1, 2] and row["epochs"][0]["ratio"] == row["ratio"]
    # nothing before the first epoch; to the second, what eight steps of each (four blocks of two) have left of 938 and of 600
    assert advanced == [0, 930, 0, 592]
    assert len(bench.say(told)) == 4
    assert told["words"].startswith("On this machine the paper's 50 + 51 epochs take about")
