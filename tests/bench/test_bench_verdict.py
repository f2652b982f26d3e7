"""The verdict's benchmark: a process of its own, its stages, and how far its figures are from the shipped ones."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from gencmp.bench import verdict as bench
from gencmp.errors import GencmpError
from gencmp.evaluation import verdicts
from gencmp.evaluation.judges.panel import file_key, judge_key
from gencmp.evaluation.verdicts import kept_verdict
from gencmp.files import SHIPPED
from gencmp.settings.presets import preset


@pytest.fixture
def known() -> Any:
    return bench.shipped()


@pytest.fixture
def gan(known: Any) -> Any:
    return next(each for each in known.values() if each.model == "paper-gan")


def moved(verdict: Any, name: Any, by: Any) -> Any:
    """The same verdict with one figure moved."""
    return replace(verdict, measures=tuple(replace(m, value=m.value + by) if m.name == name else m for m in verdict.measures))  # fmt: skip


def test_the_shipped_verdicts_are_of_the_shipped_weights(known: Any) -> None:
    models = ["conv-gan", "conv-vae", "paper-gan", "paper-vae"]
    assert sorted(each.model for each in known.values()) == [*models, "real digits"]
    for model in models:
        last = sorted((SHIPPED / model / "epochs").glob("*.safetensors"))[-1]
        assert known[file_key(last)].model == model


def test_the_same_figures_differ_by_nothing(known: Any) -> None:
    found = bench.compare(known.values(), known)
    assert found == {"compared": sum(len(each.measures) for each in known.values()), "largest": 0.0, "where": "", "unlike": []}  # fmt: skip
    assert "equals the shipped one" in bench._agreement(found)


def test_a_difference_is_told_in_widths_of_the_interval(known: Any, gan: Any) -> None:
    wide = gan["frechet"].high - gan["frechet"].low
    found = bench.compare([moved(gan, "frechet", -0.5 * wide), *known.values()], known)
    assert found["largest"] == pytest.approx(0.5)
    assert found["where"] == "paper-gan: Fréchet distance"
    assert "0.5 of its 95 % interval" in bench._agreement(found)


def test_a_figure_without_an_interval_is_named_when_it_differs(known: Any, gan: Any) -> None:
    (name, *_) = [each.name for each in gan.measures if each.high == each.low]
    found = bench.compare([moved(gan, name, 1)], known)
    assert found["unlike"] == [f"paper-gan: {gan[name].label}"] and found["largest"] == 0
    assert gan[name].label in bench._agreement(found)


def test_other_weights_have_nothing_to_be_compared_with(known: Any, gan: Any) -> None:
    found = bench.compare([replace(gan, key="others")], known)
    assert found["compared"] == 0
    assert "no shipped figures" in bench._agreement(found)


def test_a_stage_lasts_until_the_next_words() -> None:
    marks = [(0.0, "start"), (2.0, "a"), (3.0, "a"), (4.5, "b"), (5.0, "a")]
    assert bench.stages(marks, 7.0) == [("start", 2.0), ("a", 2.5), ("b", 0.5), ("a", 2.0)]


def test_nothing_kept_is_found_in_the_format_of_the_benchmark(monkeypatch: pytest.MonkeyPatch, gan: Any) -> None:
    dataset = preset("gan", "paper").config.dataset
    assert gan.judge == judge_key(dataset)
    assert kept_verdict(gan.key, dataset) == gan
    monkeypatch.setattr(verdicts, "FORMAT", bench.UNKEPT)
    assert kept_verdict(gan.key, dataset) is None


def speaker(*lines: Any) -> tuple[str, ...]:
    """A process that says these and ends."""
    script = (
        f"import json\nfor said in json.loads({json.dumps(json.dumps(lines))}): print(json.dumps(said), flush=True)"
    )
    return sys.executable, "-c", script


def test_a_process_is_timed_and_its_figures_compared(monkeypatch: pytest.MonkeyPatch, known: Any) -> None:
    last = {"threads": 2, "verdicts": [each.to_dict() for each in known.values()]}
    lines = {"share": 0.0, "words": "first"}, {"share": 0.5, "words": "second"}, {"share": 1.0, "words": "Done"}, last
    monkeypatch.setattr(bench, "COMMAND", speaker(*lines))
    shares: list[float] = []
    told = bench.measure(lambda share, words: shares.append(share))
    assert [each["stage"] for each in told["stages"]] == [bench.START, "first", "second"]
    assert told["seconds_low"] <= told["seconds"] <= told["seconds_high"]
    assert sum(each["seconds"] for each in told["stages"]) == pytest.approx(told["seconds"], abs=0.1)
    assert shares == sorted(shares) and shares[-1] == 1
    assert set(told["pictures"]) == {each.model for each in known.values()}
    assert "Of these: " in bench.say(told)[-1]
    json.dumps(told)


def test_a_process_that_fails_tells_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "COMMAND", (sys.executable, "-c", "raise SystemExit('no judge here')"))
    with pytest.raises(GencmpError, match="without a verdict: no judge here"):
        bench.measure(lambda share, words: None)
