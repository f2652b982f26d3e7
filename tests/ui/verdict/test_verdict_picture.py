"""The picture of a verdict: left is as real, the worse model lies at the right, and every judge has its own scale."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from gencmp.evaluation.comparison import Row
from gencmp.evaluation.measures import Measure, Reading, measure
from gencmp.evaluation.questions import answers
from gencmp.runs.run import Run
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.verdict.axis import axis
from gencmp.ui.verdict.picture import _row, both_trained_on


def figure(name: str, value: float, half: float, **others: float) -> Measure:
    """A measure by the first judge, and its values elsewhere."""
    found = tuple(Reading(space, each, each - half, each + half) for space, each in others.items())
    return replace(measure(name, value, value - half, value + half), space="first", others=found)


@pytest.fixture
def run_of(trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig) -> Callable[..., Run]:
    """A run of this kind that was trained on this device and in this precision."""
    runs = {config.kind: trained(config) for config in (gan, vae)}
    return lambda kind, device, precision: replace(runs[kind], device=device, precision=precision)


def row(name: str, gan: Measure, vae: Measure, floor: Measure) -> Row:
    return Row(name, gan, vae, floor, dict.fromkeys(gan.readings, 9.0))


@pytest.mark.parametrize(
    ("name", "gan", "vae", "real", "places"),
    [
        ("frechet", 6.0, 16.0, 1.0, (1 / 3, 1)),  # lower is better
        ("precision", 0.7, 0.5, 0.9, (0.5, 1)),  # higher
        ("specks", 0.4, 0.2, 0.3, (1, 1)),  # closer to real, on either side of it
        ("precision", 0.95, 0.5, 0.9, (-0.125, 1)),  # better than real
    ],
)
def test_real_is_left_and_the_worse_model_right(
    name: str, gan: float, vae: float, real: float, places: tuple[float, float]
) -> None:
    found = axis(row(name, figure(name, gan, 0.01), figure(name, vae, 0.01), figure(name, real, 0.001)))
    assert found and [found.spots[kind].place for kind in ("gan", "vae")] == pytest.approx(places)


def test_an_interval_that_holds_the_real_value_begins_there() -> None:
    found = axis(row("edges", figure("edges", 0.51, 0.05), figure("edges", 0.9, 0.01), figure("edges", 0.5, 0.001)))
    assert found and found.spots["gan"].low == 0
    assert found.spots["gan"].high == pytest.approx(0.06 / 0.4)


def test_each_space_has_a_scale_of_its_own() -> None:
    gan, vae = figure("frechet", 6.0, 0.1, pixels=0.9), figure("frechet", 11.0, 0.1, pixels=0.5)
    found = axis(row("frechet", gan, vae, figure("frechet", 1.0, 0.001, pixels=0.1)))
    assert found and found.others["gan"] == {"pixels": pytest.approx(1)}
    assert found.others["vae"] == {"pixels": pytest.approx(0.5)}


def test_two_models_as_good_as_real_ones_lie_close_to_them() -> None:
    real = figure("frechet", 1.0, 0.1)
    found = axis(row("frechet", figure("frechet", 1.01, 0.01), figure("frechet", 1.02, 0.01), real))
    assert found and max(spot.place for spot in found.spots.values()) < 0.05


def test_where_nothing_differs_all_lie_at_real() -> None:
    same = figure("missing", 0.0, 0.0)
    found = axis(row("missing", same, same, same))
    assert found and [spot.place for spot in found.spots.values()] == [0, 0]


def test_a_row_says_its_direction_its_figures_and_who_leads() -> None:
    whole = row("frechet", figure("frechet", 6.0, 0.1), figure("frechet", 16.0, 0.1), figure("frechet", 1.0, 0.1))
    [answer] = answers([whole])
    found = _row(answer, whole)
    words = html.unescape(re.sub("<[^>]*>", " ", found))
    assert (
        "lower is better" in words
        and "GAN 6.00\u00a0±\u00a00.10 · VAE 16.0\u00a0±\u00a00.1 · real digits 1.00" in words
    )
    assert "Fréchet distance: As a set, the GAN's digits are closer to real ones." in words
    assert found.count("gv-mark") == 3, "one for each model, one beside the leader"


def test_nothing_lies_beyond_the_row() -> None:
    far = row("density", figure("density", 16.0, 3.0), figure("density", 0.8, 0.5), figure("density", 0.9, 0.02))
    [answer] = answers([far])
    places = [float(each) for each in re.findall(r"left:([\d.-]+)%", _row(answer, far))]
    assert min(places) > 0 and max(places) < 100


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([("cpu", "bfloat16")] * 2, "both trained on CPU in bfloat16"),
        ([("cpu", "bfloat16"), ("cuda", "float32")], "trained: the GAN on CPU in bfloat16, the VAE on CUDA in float32"),
        ([("", ""), ("cpu", "float32")], "trained: the VAE on CPU in float32"),
        ([("", ""), ("", "")], ""),
    ],
)
def test_device_and_precision_are_named(places: list[tuple[str, str]], said: str, run_of: Callable[..., Run]) -> None:
    runs = [run_of(kind, *place) for kind, place in zip(("gan", "vae"), places, strict=True)]
    assert both_trained_on(runs) == said
