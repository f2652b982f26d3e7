"""The benchmark of intervals: what it counts, on draws with a known answer, and one small run of the real thing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gencmp.bench import intervals as bench
from gencmp.evaluation.measures import Measure, Reading, measure


def drawn(value: float, half: float) -> list[Measure]:
    """One draw: a figure by two judges, the second of which prints intervals a tenth as wide."""
    other = Reading("lenet-0", value, value - half / 10, value + half / 10)
    return [replace(measure("precision", value, value - half, value + half), space="convnet-0", others=(other,))]


def test_it_counts_how_often_an_interval_holds_the_mean() -> None:
    """Of the values 0.4, 0.5, 0.6 and 0.7 the mean is 0.55: within 0.1 of two."""
    first, second = bench._rows("m", [drawn(value, 0.1) for value in (0.4, 0.5, 0.6, 0.7)])
    assert (first["space"], first["held"], first["mean"], first["half"]) == (
        "convnet-0",
        0.5,
        pytest.approx(0.55),
        pytest.approx(0.1),
    )
    assert (second["space"], second["held"]) == ("lenet-0", 0.0)


def test_it_counts_how_often_one_model_is_called_different_from_itself() -> None:
    first, second = bench._rows("m", [drawn(value, 0.1) for value in (0.50, 0.55, 0.50, 0.90)])
    assert first["called"] == pytest.approx(1 / 3) and second["called"] == 1


def test_a_small_run_tells_of_every_figure() -> None:
    heard = []
    told = bench.measure(lambda share, words: heard.append((share, words)), draws=2, count=60, models=("paper-vae",))
    assert heard == [(0.5, "1 of 2 drawn and measured"), (1.0, "2 of 2 drawn and measured")]
    assert {(row["measure"], row["space"]) for row in told["rows"]} >= {
        ("recall", "convnet-0"), ("recall", "lenet-0"), ("recall", "pixels"), ("frechet", "hog"), ("legible", "convnet-0+lenet-0"), ("edges", ""),
    }  # fmt: skip
    assert all(0 <= row["held"] <= 1 and row["half"] >= 0 for row in told["rows"])
    assert f"Of {len(told['rows'])} intervals of 60 pictures" in told["words"] and len(bench.say(told)) == len(
        told["rows"]
    )
    json.dumps(told)
