"""Whether fast products cost quality is measured by training: the same seeds in both precisions, compared figure by figure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gencmp.bench import quality
from gencmp.bench.targets import of_quality
from gencmp.errors import GencmpError
from gencmp.settings.configs import GanConfig, VaeConfig

SMALL = {"gan": GanConfig(epochs=2, limit=640), "vae": VaeConfig(epochs=2, limit=640)}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short runs, one after the other in this process; test_bench_intervals.py spreads jobs over the cores."""
    monkeypatch.setattr(quality, "preset", lambda kind, name: SimpleNamespace(config=SMALL[kind]))
    monkeypatch.setattr(quality, "each_of", one_by_one)


def one_by_one(function: Any, jobs: Any, progress: Any, done: str, at_once: int = 0) -> list[Any]:
    return [function(job) for job in jobs]


def run(precision: str, seed: int, value: float) -> dict[str, Any]:
    return {"model": "vae", "seed": seed, "asked": precision, "precision": "bfloat16", "figures": {"frechet": value}}


def test_the_same_seeds_are_trained_in_both_precisions_and_judged(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "matmul_dtype", lambda config, device: "bfloat16")
    told = quality.measure(lambda share, words: None, seeds=1, count=300)
    assert [(each["model"], each["asked"]) for each in told["runs"]] == [
        ("gan", "auto"), ("gan", "float32"), ("vae", "auto"), ("vae", "float32"),
    ]  # fmt: skip
    vae = told["runs"][3]["figures"]
    assert vae["late_negative_elbo"] > vae["negative_elbo"] > 0  # the mean over both epochs, and the last
    assert told["runs"][0]["figures"]["frechet"] > 0
    assert [row["fast"] for row in told["compared"][1:3]] == [
        [told["runs"][2]["figures"][name]] for name in ("frechet", "negative_elbo")
    ]
    assert len(quality.say(told)) == len(quality.COMPARED)


def test_a_machine_with_one_precision_has_nothing_to_compare(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "matmul_dtype", lambda config, device: "float32")
    with pytest.raises(GencmpError, match="nothing to compare"):
        quality.measure(lambda share, words: None)


def test_a_difference_is_held_against_the_spread_of_float32s_seeds() -> None:
    runs = [run("auto", 0, 1.0), run("auto", 1, 2.0), run("float32", 0, 3.0), run("float32", 1, 7.0)]
    row = quality._compared("vae", "frechet", runs)
    assert (row["fast"], row["float32"]) == ([1.0, 2.0], [3.0, 7.0])
    assert (row["difference"], row["spread"], row["in_spreads"]) == (-3.5, 4.0, 0.875)
    assert of_quality("vae", "frechet", "difference")({"compared": [row]}).value == 3.5
    with pytest.raises(KeyError, match="no frechet of the gan"):
        of_quality("gan", "frechet", "difference")({"compared": [row]})


def test_one_seed_has_no_spread() -> None:
    row = quality._compared("vae", "frechet", [run("auto", 0, 1.0), run("float32", 0, 3.0)])
    assert row["in_spreads"] is None
    assert of_quality("vae", "frechet", "in_spreads")({"compared": [row]}).value is None
