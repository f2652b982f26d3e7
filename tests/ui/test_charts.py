"""The charts' specifications: reference lines with known values, and traces that say what they show."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import pytest

from gencmp.events import MEASURES
from gencmp.settings.configs import GanConfig
from gencmp.ui import charts


def test_the_equilibrium_of_the_paper_is_known() -> None:
    rest = charts.equilibrium(0.9)
    assert rest["d"] == pytest.approx(0.45)
    assert rest["discriminator_loss"] == pytest.approx(1.376, abs=5e-4)
    assert rest["generator_loss"] == pytest.approx(0.799, abs=5e-4)
    assert rest["d_has_won"] == pytest.approx(0.325, abs=5e-4)


def test_without_smoothing_d_can_win_outright() -> None:
    rest = charts.equilibrium(1.0)
    assert rest["discriminator_loss"] == pytest.approx(1.386, abs=5e-4)
    assert rest["generator_loss"] == pytest.approx(0.693, abs=5e-4)
    assert rest["d_has_won"] == 0


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_every_measure_is_drawn_raw_and_smoothed(kind: str) -> None:
    figures = charts.live_charts(kind, GanConfig().to_dict(), 45.5)
    drawn = [
        (t["meta"]["column"], t["meta"]["smooth"])
        for figure in figures
        for t in figure["data"]
        if t["meta"]["of"] == "steps" and isinstance(t["meta"]["column"], str)
    ]
    assert sorted(drawn) == sorted((name, smooth) for name in MEASURES[kind] for smooth in (False, True))


def test_kl_stands_on_the_reconstruction_and_the_legend_names_what_is_drawn() -> None:
    [losses, _] = charts.vae_charts(45.5)
    names = [trace.get("name") for trace in losses["data"]]
    whole = losses["data"][names.index("Negative ELBO")]
    assert whole["meta"]["column"] == list(MEASURES["vae"])
    assert whole["fill"] == "tonexty" and names[names.index("Negative ELBO") - 1] == "Reconstruction"
    legend = losses["layout"]["meta"]["sum"]
    assert {legend["whole"], legend["part"], legend["beside"]} <= set(names)
    assert set(legend["tones"]) == {legend["rest"], *filter(None, names)}


def test_the_reference_lines_stand_where_they_should() -> None:
    [losses, _] = charts.gan_charts(GanConfig(real_label=1.0).to_dict())
    assert [round(shape["y0"], 3) for shape in losses["layout"]["shapes"]] == [1.386, 0.693, 0.0]
    [vae, _] = charts.vae_charts(45.5)
    assert [shape["y0"] for shape in vae["layout"]["shapes"]] == [45.5]


def test_an_overlay_is_a_plotly_figure_with_units_and_no_markup_from_names() -> None:
    rows: dict[str, Sequence[float]] = {"epoch": [1, 2], "kl": [3.0, 4.0]}
    figure = go.Figure(charts.overlay([("<b>mine</b>", "#000000", rows)], "kl", "KL (nats per image)"))
    assert figure.data[0].name == "&lt;b&gt;mine&lt;/b&gt;"
    assert list(figure.data[0].y) == [3.0, 4.0]
    assert figure.layout.yaxis.title.text == "KL (nats per image)"


def test_a_chart_is_told_in_words_to_those_who_cannot_see_it() -> None:
    rows: dict[str, Sequence[float]] = {"epoch": [1, 2], "kl": [3.0, 4.0]}
    curves = charts.overlay([("mine", "#000000", rows)], "kl", "KL (nats per image)")
    assert charts.spoken(curves) == "KL (nats per image). mine: last 4"
    marks = {"type": "scatter", "x": [6.83, 7.1], "y": ["GAN", "VAE"]}
    bars = {"type": "bar", "x": [0, 1], "y": [0.25, 0.75], "name": "GAN", "customdata": ["Coat", "Bag"]}
    layout = {"xaxis": {"title": {"text": "Fréchet distance"}}}
    assert charts.spoken({"data": [marks], "layout": layout}) == "Fréchet distance. GAN: 6.83, VAE: 7.1"
    assert charts.spoken({"data": [bars], "layout": layout}) == "Fréchet distance. GAN: Coat 0.25, Bag 0.75"


def test_no_chart_can_be_sent_away() -> None:
    assert not charts.PRIVATE["showSendToCloud"]
    assert not charts.STILL["showSendToCloud"]
