"""A race without a browser: which view the address means, what the chart can show, the form, and the route."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gencmp.events import Checkup
from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog, server
from gencmp.ui.race.view import measures
from gencmp.ui.train.race_form import variants_of


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """The pages' own. They queue runs here; nobody trains them."""
    for module in ("gencmp.ui.train.race_form", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", lambda store: None)
    catalog.open_catalog.cache_clear()
    yield catalog.open_catalog().store
    catalog.open_catalog.cache_clear()


def page(**address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def drawn(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(component.proto.json) for component in at.get("bidi_component")]


def races(at: AppTest) -> list[list[str]]:
    """The names in each race on the page."""
    return [[each["name"] for each in part["variants"]] for part in drawn(at) if "variants" in part]


def ids(*runs: Run) -> str:
    return ",".join(run.id for run in runs)


def test_three_runs_are_a_race_and_two_are_cards_unless_the_address_says_otherwise(store: RunStore) -> None:
    runs = [store.create(VaeConfig(seed=seed), name=f"v{seed}") for seed in range(3)]
    assert races(page(runs=ids(*runs))) == [["v0", "v1", "v2"]]
    assert races(page(runs=ids(*runs[:2]))) == []
    assert races(page(runs=ids(*runs[:2]), view="race")) == [["v0", "v1"]]
    assert races(page(runs=ids(*runs), view="cards")) == []
    assert races(page(runs=ids(*runs), view="<b>")) == [["v0", "v1", "v2"]]
    assert races(page(runs=ids(runs[0]), view="race")) == []


def test_variants_of_one_model_look_different(store: RunStore) -> None:
    runs = [store.create(VaeConfig(seed=seed)) for seed in range(4)]
    [race] = [part for part in drawn(page(runs=ids(*runs))) if "variants" in part]
    assert len({(each["tone"], each["dash"]) for each in race["variants"]}) == 4
    assert [each["parameters"] for each in race["variants"]] == [1_068_820] * 4


def test_a_race_of_both_models_is_measured_by_what_both_have() -> None:
    gan, vae = ({"kind": kind, "name": kind, "model": kind, "tone": kind, "dash": "solid"} for kind in ("gan", "vae"))
    keys = [[each["key"] for each in measures(of)] for of in ([gan, vae], [vae, vae], [gan, gan])]
    assert keys == [["frechet", "test"], ["loss", "test", "frechet"], ["frechet", "loss"]]
    [_, test] = measures([gan, vae])
    assert [trace["name"] for trace in test["chart"]["data"]] == ["vae"]


def test_the_forms_variants_are_presets_with_changes(store: RunStore) -> None:
    picked = [("vae quick", ""), ("vae quick", "latent_size=8 batch-size=50"), ("", ""), ("gan form", "")]
    own = GanConfig(noise_size=7)
    variants, mistakes = variants_of(picked, {"epochs": 2}, {"gan": (own, "own")})
    assert mistakes == []
    quick, changed, form = [config for config, *_ in variants]
    assert isinstance(changed, VaeConfig) and (changed.latent_size, changed.batch_size) == (8, 50)
    assert quick.epochs == changed.epochs == form.epochs == 2
    assert isinstance(form, GanConfig) and form.noise_size == 7


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ("latent_size=x", "Latent size: found 'x'"),
        ("nothing=1", "found 'nothing=1', wanted a setting of the VAE as name=value"),
        ("latent_size", "name=value"),
        ("epochs=0", "Epochs"),
    ],
)
def test_what_cannot_be_is_told_with_its_place(store: RunStore, changes: str, wanted: str) -> None:
    variants, [mistake] = variants_of([("", ""), ("vae quick", changes)], {}, {})
    assert variants == []
    assert mistake.startswith("Variant 2: ") and wanted in mistake


def test_the_dialog_starts_a_race(store: RunStore) -> None:
    def dialog() -> None:
        from gencmp.ui.train.race_form import race_dialog

        race_dialog({})

    at = AppTest.from_function(dialog, default_timeout=30).run()
    assert not at.exception
    next(each for each in at.button if each.label == "Start the race").click().run()
    assert not at.exception
    runs = store.queries.all()
    assert sorted(run.based_on for run in runs) == ["latent-20", "quick"]
    assert {run.config["epochs"] for run in runs} == {5}
    assert set("".join(at.query_params["runs"]).split(",")) == {run.id for run in runs}
    assert "".join(at.query_params["view"]) == "race"


def test_the_route_tells_what_is_new_with_seconds_of_training(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae)
    for epoch in (1, 3):
        store.add_checkup(run.id, Checkup(epoch, epoch, 10.0 / epoch, 0.1, [0.1] * 10, []))
    client = TestClient(Starlette(routes=server.routes()))
    first = client.get(f"/gencmp/race/{run.id}").json()
    assert first["run"]["word"] == "finished"
    assert [row["epoch"] for row in first["epochs"]] == [1, 2, 3]
    assert all(row["seconds"] > 0 and row["test"]["negative_elbo"] > 0 for row in first["epochs"])
    assert [row["epoch"] for row in first["checkups"]] == [1, 3]
    later = client.get(f"/gencmp/race/{run.id}?step={run.step}&epoch=2&checkup=1").json()
    assert later["steps"]["step"] == []
    assert [row["epoch"] for row in later["epochs"]] == [row["epoch"] for row in later["checkups"]] == [3]
    [final] = client.get("/gencmp/race/paper-vae").json()["checkups"]
    assert final["epoch"] == 51
    assert client.get("/gencmp/race/none").status_code == 404
