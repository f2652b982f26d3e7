"""Figures and verdicts as plain values: which is better, and how they are kept."""

import json
import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gencmp.evaluation.criteria import POOL, used_of
from gencmp.evaluation.judges.panel import PANEL, WEIGHTS, file_key, judge_folder, judge_key, member_folder
from gencmp.evaluation.measures import CRITERIA, Reading, lead, measure
from gencmp.evaluation.verdicts import Verdict, floor_key, keep_verdict, kept_verdict
from gencmp.files import home
from gencmp.settings.configs import GanConfig, VaeConfig


@pytest.fixture
def verdict() -> Verdict:
    others = (Reading("lenet-0", 9.0, 8.0, 10.0), Reading("pixels", 1.0, 0.5, 1.5))
    frechet = replace(measure("frechet", 3.0, 2.5, 3.5), space="convnet-0", others=others)
    measures = (frechet, measure("recall", 0.5, 0.4, 0.6))
    return Verdict(
        "mine", "gan", 7, "abcd", "mnist", 100, 0, judge_key("mnist"), 1.5, measures, (0.1,) * 10, (3,),
        judges={member.name: file_key(member_folder("mnist", member) / WEIGHTS) for member in PANEL},
        config=GanConfig().to_dict(),
    )  # fmt: skip


def test_every_criterion_says_all_there_is_to_say() -> None:
    for name, known in CRITERIA.items():
        assert known.name == name and known.label and known.source
        assert known.better in ("lower", "higher", "nearer floor")
        assert "95 %" in known.how, "with which interval"


def test_a_measure_carries_its_criterion() -> None:
    found = measure("kernel", 0.1, 0.0, 0.2)
    assert (found.label, found.better, found.source) == ("Kernel distance (KID)", "lower", "Bińkowski et al. 2018")


def test_lead_counts_errors_of_the_difference() -> None:
    """Errors of 3 and 4 make one of 5."""
    a, b = (
        measure("frechet", 10.0, 10 - 3 * 1.96, 10 + 3 * 1.96),
        measure("frechet", 20.0, 20 - 4 * 1.96, 20 + 4 * 1.96),
    )
    assert lead(a, b) == pytest.approx(2.0)
    assert lead(b, a) == pytest.approx(-2.0)
    assert lead(a, a) == 0


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [("frechet", (1, 2), 1), ("recall", (1, 2), -1), ("sharpness", (0.5, 0.9), -1), ("sharpness", (1.5, 0.4), 1)],
)
def test_lead_knows_which_way_is_better(name: str, values: Any, sign: int) -> None:
    """Without errors any difference counts; sharpness is best at the floor's 1."""
    a, b = (measure(name, value, value, value) for value in values)
    assert lead(a, b, measure(name, 1.0, 1.0, 1.0)) == sign * math.inf


def floored(value: float, error: float = 1.0) -> Any:
    return measure("sharpness", value, value - 1.96 * error, value + 1.96 * error)


def test_lead_counts_the_floors_error_where_it_lies_between() -> None:
    """3 and 5 from a floor of error 2, on its two sides: the difference of 2 has an error of √(1 + 1 + 4²)."""
    assert lead(floored(13), floored(5), floored(10, 2.0)) == pytest.approx(2 / math.sqrt(18))


def test_the_floors_error_moves_what_lies_surely_on_one_side_alike() -> None:
    assert lead(floored(30), floored(35), floored(10, 2.0)) == pytest.approx(5 / math.sqrt(2))
    assert lead(floored(-15), floored(-10), floored(10, 2.0)) == pytest.approx(-5 / math.sqrt(2))
    assert lead(floored(12), floored(35), floored(10, 2.0)) == pytest.approx(23 / math.sqrt(18)), "12 may lie below"


def test_lead_needs_the_floor_where_it_is_the_goal() -> None:
    with pytest.raises(ValueError, match="sharpness is compared with real digits"):
        lead(measure("sharpness", 1, 1, 1), measure("sharpness", 2, 2, 2))


def test_a_verdict_survives_json(verdict: Verdict) -> None:
    assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict
    assert verdict["recall"].value == 0.5
    assert "recall" in verdict and "elbo" not in verdict


def sentences(verdict: Verdict) -> dict[str, Any]:
    """As version 0.1 kept it: each figure with the words of its criterion, and nothing of how many were used."""
    told = verdict.to_dict()
    words = ("label", "unit", "better", "how", "source")
    told["measures"] = [each.to_dict() | {name: getattr(each, name) for name in words} for each in verdict.measures]
    return {name: value for name, value in told.items() if name not in ("format", "used", "judges", "config")}


def test_what_is_kept_are_figures_and_the_format_and_no_sentence(verdict: Verdict) -> None:
    told = verdict.to_dict()
    assert told["format"] == 4
    assert {name for each in told["measures"] for name in each} == {"name", "value", "low", "high", "space", "others"}
    assert told["measures"][0]["others"][0] == {"space": "lenet-0", "value": 9.0, "low": 8.0, "high": 10.0}
    words = {getattr(each, name) for each in verdict.measures for name in ("label", "how", "source")}
    assert not any(word in json.dumps(told, ensure_ascii=False) for word in words)


def test_a_verdict_with_sentences_is_read_and_says_the_same(verdict: Verdict) -> None:
    used = replace(used_of(count=100, training=30), pool=POOL)
    copies = replace(measure("copies", 0.1, 0.0, 0.2), used=used)
    measures = (*(replace(each, used=used, space="", others=()) for each in verdict.measures), copies)
    before = replace(verdict, used=used, measures=measures, judges={}, config={})
    assert "next 29 on average; 100 pictures" in before["copies"].how
    assert Verdict.from_dict(sentences(before)) == before


def test_a_verdict_of_a_later_format_is_none(verdict: Verdict) -> None:
    keep_verdict(verdict, "abcd", asked=100)
    (path,) = (home() / "verdicts").iterdir()
    path.write_text(json.dumps(verdict.to_dict() | {"format": 5}))
    assert kept_verdict("abcd", "mnist", 100, 0) is None


def test_a_kept_verdict_is_found_by_weights_count_and_seed(verdict: Verdict) -> None:
    keep_verdict(verdict, "abcd", asked=100)
    assert kept_verdict("abcd", "mnist", 100, 0) == verdict
    for key, count, seed in (("abce", 100, 0), ("abcd", 99, 0), ("abcd", 100, 1)):
        assert kept_verdict(key, "mnist", count, seed) is None


def test_a_new_judge_voids_the_old_verdicts(verdict: Verdict) -> None:
    for name in ("convnet-0", "lenet-1"):
        keep_verdict(replace(verdict, judges={**verdict.judges, name: "another"}), "abcd", asked=100)
    assert kept_verdict("abcd", "mnist", 100, 0) is None


def test_a_measure_is_read_in_each_space(verdict: Verdict) -> None:
    found = verdict["frechet"]
    assert list(found.readings) == ["convnet-0", "lenet-0", "pixels"]
    assert (found.read_in("lenet-0").value, found.read_in("lenet-0").space) == (9.0, "lenet-0")
    assert found.spread == (3.0, 9.0), "by the judges; pixels have another scale"
    assert verdict["recall"].spread == (0.5, 0.5)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"model": "half'])
def test_a_damaged_verdict_is_none(verdict: Verdict, content: str) -> None:
    keep_verdict(verdict, "abcd", asked=100)
    (path,) = (home() / "verdicts").iterdir()
    path.write_text(content)
    assert kept_verdict("abcd", "mnist", 100, 0) is None


def test_a_folder_of_other_pictures_has_another_judge_and_floor(digits_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(digits_folder, tmp_path / "few")
    config = VaeConfig(dataset=str(tmp_path / "few"))
    before = judge_folder(config.dataset), floor_key(config)
    assert (judge_folder(config.dataset), floor_key(config)) == before
    (tmp_path / "few" / "new.png").write_bytes(b"1")
    assert judge_folder(config.dataset) != before[0] and floor_key(config) != before[1]


def test_file_keys_follow_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"1")
    assert file_key(tmp_path / "a") == file_key(tmp_path / "b") != ""
    (tmp_path / "b").write_bytes(b"2")
    assert file_key(tmp_path / "a") != file_key(tmp_path / "b")
    assert file_key(tmp_path / "none") == ""


def test_reading_verdicts_needs_no_torch() -> None:
    subprocess.run(
        [sys.executable, "-c", "import sys, gencmp.evaluation.measures; sys.exit('torch' in sys.modules)"], check=True
    )
