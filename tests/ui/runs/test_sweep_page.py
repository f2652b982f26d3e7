"""Sweeps on the Runs page: which runs are one, where each stands on each axis, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.events import Checkup, Epoch
from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.runs.sweep import families
from gencmp.ui.runs.sweep_chart import Tried, axis_of, figure_of, spoken, stem_of, tried, varied


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    catalog.open_catalog.cache_clear()
    yield catalog.open_catalog().store
    catalog.open_catalog.cache_clear()


def sweep(store: RunStore, configs: Sequence[Config], elbo: Sequence[float | None], stem: str = "rates") -> list[Run]:
    """Runs that have ended, with these figures; those without one have not begun to train."""
    runs = []
    for number, (config, figure) in enumerate(zip(configs, elbo, strict=True), 1):
        run = store.create(config, stem=f"{stem} {number}")
        if figure is not None:
            test = {"negative_elbo": figure} if config.kind == "vae" else {}
            store.add_epoch(run.id, Epoch(3, 18, 1.0, 1.0, {}, {}, test))
            store.add_checkup(run.id, Checkup(3, 18, figure / 2, 1.0, [0.1] * 10, ()))
        store.set_state(run.id, "stopped" if figure is None else "finished")
        runs.append(store.queries.get(run.id))
    return runs


def of_rates(vae: VaeConfig) -> list[Config]:
    return [vae.replace(learning_rate=rate, latent_size=size) for rate in (0.0001, 0.01) for size in (2, 8)]


def opened() -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "runs.py"), default_timeout=30).run()
    return at.segmented_control(key="runs.view").set_value("sweep").run()


def charts_of(at: AppTest) -> list[Any]:
    return [json.loads(each.proto.spec) for each in at.get("plotly_chart")]


def said_by(at: AppTest) -> str:
    return " ".join(str(each.value) for each in at.caption)


# Which runs, and their axes


@pytest.mark.parametrize(
    ("name", "stem"), [("rates 12", "rates"), ("rates 3 (2)", "rates"), ("7", "7"), ("GAN Paper 3", "GAN Paper")]
)
def test_names_that_end_in_numbers_begin_alike(name: str, stem: str) -> None:
    assert stem_of(name) == stem


def test_runs_are_a_sweep_if_their_names_begin_alike_and_their_settings_differ(
    store: RunStore, vae: VaeConfig, gan: GanConfig
) -> None:
    sweep(store, of_rates(vae), [1.0, 2.0, 3.0, 4.0])
    sweep(store, [gan, gan.replace(seed=1), gan.replace(seed=2)], [1.0, 2.0, 3.0])  # of the same name, but GANs
    sweep(store, [vae, vae, vae], [1.0, 2.0, 3.0], "alike")
    sweep(store, [vae, vae.replace(seed=1)], [1.0, 2.0], "two")
    found = families(store.queries.all())
    assert {key: len(runs) for key, runs in found.items()} == {("rates", "vae"): 4, ("rates", "gan"): 3}
    assert varied(found["rates", "gan"]) == {"Seed": [2, 1, 0]} or varied(found["rates", "gan"]) == {"Seed": [0, 1, 2]}


def test_settings_with_their_units_and_the_best_run_first(store: RunStore, vae: VaeConfig) -> None:
    rows = tried(sweep(store, of_rates(vae), [150.0, None, 120.0, 130.0]), [150.0, None, 120.0, 130.0])
    assert [row.name for row in rows] == ["rates 3", "rates 4", "rates 1", "rates 2"]
    assert list(rows[0].settings) == ["Learning rate", "Latent size (numbers)"]


def test_the_folder_of_own_pictures_is_named_without_its_path(store: RunStore, vae: VaeConfig) -> None:
    runs = sweep(store, [vae.replace(dataset=f"/home/anna/{name}") for name in ("a", "b", "c")], [1.0, 2.0, 3.0])
    assert [sorted(values) for values in varied(runs).values()] == [["folder:a", "folder:b", "folder:c"]]


def test_numbers_stand_where_they_are() -> None:
    assert axis_of("x", [0, 5, 10]).places == [0.0, 0.5, 1.0]
    assert axis_of("x", [0.0001, 0.001, 0.01]).places == pytest.approx([0.0, 0.5, 1.0])  # by their logarithms
    assert axis_of("x", [3, 3]).places == [0.5, 0.5]


def test_widths_stand_in_order_and_words_too() -> None:
    axis = axis_of("x", [[1024, 1024], [128], [512, 256]])
    assert axis.places == [1.0, 0.0, 0.5] and [words for _, words in axis.ticks] == ["128", "512-256", "1024-1024"]
    assert axis_of("x", ["relu", "elu"]).places == [1.0, 0.0] and axis_of("x", ["auto", 2]).places == [1.0, 0.0]
    assert [words for _, words in axis_of("x", [True, False]).ticks] == ["no", "yes"]


def test_numbers_beside_an_axis_never_overlap_and_both_ends_have_one() -> None:
    ticks = axis_of("x", [*range(100)]).ticks
    assert (ticks[0][1], ticks[-1][1]) == ("0", "99")
    assert all(b - a >= 0.07 for (a, _), (b, _) in pairwise(ticks))


def test_a_line_a_run_the_best_on_top_in_the_models_colour() -> None:
    rows = [Tried("<b>", {"Seed": 0}, 1.0), Tried("b", {"Seed": 1}, 3.0), Tried("c", {"Seed": 2}, None)]
    figure = figure_of(rows, "Negative ELBO", "vae")
    assert [(trace["name"], trace["line"]["color"], trace["y"]) for trace in figure["data"]] == [
        ("b", "#CFC9BE", [1.0, 1.0]), ("&lt;b&gt;", "#0072B2", [0.0, 0.0]),
    ]  # fmt: skip
    assert figure["layout"]["xaxis"]["ticktext"] == ["Seed", "Negative ELBO"]
    assert spoken(rows, "Negative ELBO") == "Negative ELBO by setting. <b>: 1 with Seed 0. b: 3 with Seed 1"


# The page


def test_without_a_sweep_the_page_says_how_to_make_one(store: RunStore) -> None:
    at = opened()
    assert not at.exception and not at.get("plotly_chart")
    assert "No sweep yet: 3 runs" in said_by(at) and "python -m gencmp sweep vae" in said_by(at)


def test_a_sweep_is_a_chart_with_a_name_and_a_table(store: RunStore, vae: VaeConfig) -> None:
    sweep(store, of_rates(vae), [150.0, None, 120.0, 130.0])
    at = opened()
    assert not at.exception and list(at.selectbox(key="runs.sweep").options) == ["rates, 4 VAEs"]
    [chart] = at.get("plotly_chart")
    assert len(json.loads(chart.proto.spec)["data"]) == 3
    assert "rates 3: 120 with Learning rate 0.01, Latent size (numbers) 2" in str(chart.proto)
    assert "1 of 4 runs has no such figure." in said_by(at)
    table = at.dataframe[0].value
    assert list(table["Name"]) == ["rates 3", "rates 4", "rates 1", "rates 2"]
    at.segmented_control(key="sweep.measure").set_value("Fréchet distance").run()
    assert list(at.dataframe[0].value["Fréchet distance"])[:3] == [60.0, 65.0, 75.0]


def test_a_sweep_that_has_not_come_to_a_figure_is_a_table(store: RunStore, gan: GanConfig) -> None:
    sweep(store, [gan.replace(seed=seed) for seed in range(3)], [None, None, None])
    at = opened()
    assert not at.exception and not at.get("plotly_chart") and len(at.dataframe[0].value) == 3
    assert "3 of 3 runs have no such figure." in said_by(at)


def test_selected_runs_whose_settings_differ_are_drawn_so_too(store: RunStore, vae: VaeConfig, gan: GanConfig) -> None:
    sweep(store, of_rates(vae), [150.0, 140.0, 120.0, 130.0])
    sweep(store, [gan, gan, gan], [1.0, 2.0, 3.0], "alike")

    def selected() -> None:
        from gencmp.ui.catalog import open_catalog
        from gencmp.ui.runs.sweep import show_varied

        show_varied(open_catalog().recorded())

    at = AppTest.from_function(selected).run()
    assert not at.exception and [len(each["data"]) for each in charts_of(at)] == [4]
