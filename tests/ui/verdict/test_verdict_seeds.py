"""The study of seeds on the Verdict page: what it says of them, and under which models it stands."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from there import there

from gencmp.evaluation.verdicts import Verdict, kept_verdict
from gencmp.files import SHIPPED
from gencmp.ui.verdict.seeds import is_of_the_study, seeds_words, spread_words
from gencmp.ui.verdict.strip import nice_ticks, strip_html


@pytest.fixture
def study() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHIPPED / "study.json").read_text("utf-8"))
    return found


@pytest.fixture
def gan() -> Verdict:
    found = [json.loads(path.read_text("utf-8")) for path in (SHIPPED / "verdicts").iterdir()]
    return there(kept_verdict(next(each["key"] for each in found if each["model"] == "paper-gan"), "mnist"))


def changed(study: dict[str, Any], kind: str, name: str, values: list[float]) -> dict[str, Any]:
    """The study with other values of one figure of one model, of the same errors."""
    runs = [run for run in study["runs"] if run["config"]["kind"] == kind]
    for run, value in zip(runs, values, strict=True):
        [found] = [each for each in run["verdict"]["measures"] if each["name"] == name]
        moved = value - found["value"]
        found |= {part: found[part] + moved for part in ("value", "low", "high")}
    return study


def test_a_clean_split_is_said_with_its_chance(study: dict[str, Any]) -> None:
    said = seeds_words(study, "frechet")
    assert said.startswith("Five GANs that differ only in their seed reach 6.51 to 7.39, five VAEs")
    assert "Every GAN is better than every VAE: the answer does not hinge on the seed." in said
    assert "in 0.79\u00a0% of such studies" in said  # 2 of the 252 ways to split ten


def test_the_spread_of_seeds_is_compared_with_that_of_pictures_drawn(study: dict[str, Any]) -> None:
    said = spread_words(study, "frechet")
    assert "The GANs' spread (standard deviation 0.32) is significantly more than" in said
    assert "The VAEs' spread (standard deviation 0.44) is not significantly more than" in said
    assert spread_words(study, "recall") == "", "its intervals in this study are too narrow"


def test_ranges_that_overlap_make_it_depend_on_the_seed(study: dict[str, Any]) -> None:
    mixed = changed(study, "gan", "frechet", [15.0, 16.7, 16.8, 17.0, 18.0])
    assert "Their ranges overlap: the answer depends on the seed" in seeds_words(mixed, "frechet")


def test_one_seed_among_the_others_models_leaves_a_difference_of_groups(study: dict[str, Any]) -> None:
    mixed = changed(study, "gan", "frechet", [5.0, 6.0, 7.0, 8.0, 16.5])
    assert "The GANs are better as a group, but single seeds are not" in seeds_words(mixed, "frechet")


def test_higher_recall_is_better(study: dict[str, Any]) -> None:
    assert "Every GAN is better than every VAE" in seeds_words(study, "recall")


def test_a_figure_of_one_model_alone_speaks_of_it_alone(study: dict[str, Any]) -> None:
    assert seeds_words(study, "elbo") == "Five VAEs that differ only in their seed reach -138 to -137."


def test_the_study_is_not_shown_under_other_data(study: dict[str, Any], gan: Verdict) -> None:
    assert is_of_the_study(gan, study)
    assert not is_of_the_study(replace(gan, dataset="fashion-mnist"), study)
    assert not is_of_the_study(replace(gan, asked=(3, 5)), study)


def test_a_strip_has_a_mark_for_each_value_and_says_them_all() -> None:
    found = strip_html({"gan": {"seed 0": 1.0, "seed 1": 2.0}, "vae": {"seed 0": 3.0}}, "Distance", ("real", 0.0))
    assert found.count('class="gv-mark" style') == 3
    assert "Distance. GAN: 1, 2; VAE: 3; real: 0." in found
    assert 'style="left:5.36%" title' not in found and "left:94.64%" in found  # 6 % of the length on either side


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.2, 1.0, [0.2, 0.4, 0.6, 0.8, 1.0]), (-138.2, -136.6, [-138.0, -137.5, -137.0]), (0.0, 18.0, [0.0, 5.0, 10.0, 15.0])],
)  # fmt: skip
def test_numbers_below_a_strip_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(ticks)
