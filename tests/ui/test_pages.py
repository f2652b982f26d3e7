"""Every page without a browser, with an empty store and with a full one: no exception, and the right words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog, frame, server, watch

PAGES = ("home", "train", "compare", "verdict", "runs", "vote", "paper")


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunStore]]:
    """Pages queue runs here; nobody trains them."""
    started: list[RunStore] = []
    for module in ("gencmp.ui.watch", "gencmp.ui.go_on", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", started.append)
    catalog.open_catalog.cache_clear()
    yield started
    catalog.open_catalog.cache_clear()


@pytest.fixture
def store(no_workers: list[RunStore]) -> RunStore:
    """The pages' own: with the real clock, or every live run would look lost."""
    return catalog.open_catalog().store


def page(name: str, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    return at.run()


def parts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(component.proto.json) for component in at.get("bidi_component")]


def words(at: AppTest) -> str:
    return " ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.warning, *at.error, *at.info))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_an_empty_store(name: Any, store: RunStore) -> None:
    at = page(name)
    assert not at.exception
    assert len(at.title) == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_a_full_store(
    name: Any, store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    runs = [trained(gan, name="<script>alert(1)</script>"), trained(vae, name="[a](http://b)"), store.create(gan)]
    at = page(name, runs=",".join(run.id for run in runs)) if name == "train" else page(name)
    assert not at.exception
    assert not at.error


def test_the_frame_opens_and_names_the_pages(store: RunStore) -> None:
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
    assert not at.exception
    assert at.title[0].value == "Which model makes better digits?"


def test_home_compares_the_shipped_models(store: RunStore) -> None:
    [home] = parts(page("home"))
    assert home["models"] == {"gan": {"id": "paper-gan", "epoch": 50}, "vae": {"id": "paper-vae", "epoch": 51}}
    assert home["captions"]["gan"]["facts"].startswith("epoch 50 · Fréchet distance 6.8")
    assert "The paper is neither right nor wrong: which digits are clearer depends on what counts." in home["verdict"]


def test_a_run_that_has_a_shipped_models_name_does_not_take_its_place(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae, name="mine")
    with store._write() as db:  # as early versions let it
        db.execute("UPDATE runs SET name = 'paper-gan' WHERE id = ?", (run.id,))
    [home] = parts(page("home"))
    assert home["models"]["gan"] == {"id": "paper-gan", "epoch": 50}
    routes = TestClient(Starlette(routes=server.routes()))
    facts = [routes.get(f"/gencmp/kept/{name}").json() for name in (home["models"]["gan"]["id"], run.id)]
    assert [(each["kind"], each["shipped"]) for each in facts] == [("gan", True), ("vae", False)]


def test_train_shows_the_shipped_models_before_anything_is_trained(store: RunStore) -> None:
    at = page("train")
    assert "No runs yet. Press Start" in words(at)
    assert [part["model"] for part in parts(at)] == ["paper-gan", "paper-vae"]


def test_start_queues_both_and_puts_them_into_the_address(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    at = page("train")
    at.button(key="start").click().run()
    runs = store.all()
    assert {(run.kind, run.preset, run.state) for run in runs} == {
        ("gan", "paper", "queued"),
        ("vae", "paper", "queued"),
    }
    assert set("".join(at.query_params["runs"]).split(",")) == {run.id for run in runs}
    assert {part["model"] for part in parts(at)} == {run.id for run in runs}


def test_a_preset_and_settings_reach_the_run(store: RunStore) -> None:
    at = page("train")
    at.selectbox(key="preset.both").select("quick").run()
    at.number_input(key="seed.0").set_value(7)
    at.button(key="start").click().run()
    assert {run.config["seed"] for run in store.all()} == {7}
    assert {run.preset for run in store.all()} == {"quick"}


def test_a_mistake_is_told_at_its_field_and_start_waits(store: RunStore) -> None:
    at = page("train")
    at.text_input(key="gan.paper.generator_widths").set_value("128 wide").run()
    assert at.button(key="start").disabled
    assert "Layers of G: found '128 wide', wanted whole numbers" in words(at)


@pytest.mark.parametrize(("key", "value"), [("epochs.50 and 51", 0), ("gan.paper.generator_dropout", 1.0)])
def test_a_number_out_of_range_is_told_and_not_replaced_in_silence(store: RunStore, key: str, value: float) -> None:
    at = page("train")
    at.number_input(key=key).set_value(value).run()
    assert at.button(key="start").disabled
    assert "wanted" in words(at)


def test_the_buttons_reach_the_run(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    store.claim(run.id)
    store.set_state(run.id, "running")
    at = page("train", runs=run.id)
    at.button(key="bar.Pause").click().run()
    assert store.take_commands(run.id) == ["pause"]
    at.button(key="bar.Stop").click().run()
    assert store.take_commands(run.id) == ["stop"]


def test_a_stopped_run_is_resumed_and_another_seed_is_a_new_run(
    store: RunStore, gan: GanConfig, no_workers: list[RunStore]
) -> None:
    run = store.create(gan.replace(seed=4))
    store.set_state(run.id, "stopped")
    at = page("train", runs=run.id)
    at.button(key="bar.Resume").click().run()
    assert store.get(run.id).state == "queued"
    assert no_workers
    at.button(key="bar.Repeat with another seed").click().run()
    assert sorted(each.config["seed"] for each in store.all()) == [4, 5]


def test_a_finished_run_is_given_more_epochs(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, no_workers: list[RunStore]
) -> None:
    run = trained(gan)
    at = page("train", runs=run.id)
    assert at.number_input(key=f"more.{run.id}").value == 6
    at.number_input(key=f"more.{run.id}").set_value(5)
    at.button(key="more.start").click().run()
    assert (store.get(run.id).state, store.get(run.id).epochs) == ("queued", 5)
    assert no_workers and not at.exception


def test_a_run_that_has_diverged_begins_again_with_a_lower_rate(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig, no_workers: list[RunStore]
) -> None:
    run = trained(vae, name="lr")
    store.set_state(
        run.id, "failed", "At epoch 4, step 19, kl is nan: the training has diverged. Lower the learning rate."
    )
    at = page("train", runs=run.id)
    assert at.number_input(key="again.learning_rate").value == pytest.approx(1e-4)
    assert "starts with the weights after epoch 3 and a fresh optimiser" in words(at)
    at.button(key="again.start").click().run()
    assert "has no epochs left after epoch 3 of 3" in words(at)  # it had come to its end
    store.folder(run.id).weights(3).unlink()
    at = page("train", runs=run.id)
    at.button(key="again.start").click().run()
    again = there(store.find("lr from epoch 2"))
    assert (again.config["learning_rate"], again.origin["epoch"], again.state) == (pytest.approx(1e-4), 2, "queued")
    assert no_workers


def test_start_makes_no_run_for_a_device_that_is_not_there(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, no_workers: list[RunStore]
) -> None:
    sentence = "This machine has no device cuda. Choose auto, or one of: cpu."
    monkeypatch.setattr("gencmp.runs.device_probe.device_trouble", lambda name: sentence if name == "cuda" else "")
    at = page("train")
    at.selectbox(key="gan.paper.device").select("cuda").run()
    at.button(key="start").click().run()
    assert sentence in words(at) and store.all() == [] and not no_workers


def test_an_address_with_an_unknown_run_says_so(store: RunStore) -> None:
    at = page("train", runs="nobody")
    assert "A run in this page's address was not found" in words(at)
    assert not at.exception


def test_live_runs_are_found_without_an_address(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    at = page("train")
    assert [part["model"] for part in parts(at)] == [run.id]


def test_the_paper_page_reads_the_architecture_from_the_modules(store: RunStore) -> None:
    at = page("paper")
    at.toggle(key="modules.gan").set_value(True).run()
    table = at.dataframe[0].value
    totals = table[table["Layer"] == "total"].set_index("Network")["Parameters"].to_dict()
    assert totals == {"generator": 579_728, "discriminator": 566_273}


def test_no_traceback_reaches_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(st, "error", lambda words, **_: shown.append(words))
    assert frame.apologise(ValueError("secret path"))
    assert "secret" not in shown[0]
    assert "Reload the page" in shown[0]


def test_a_users_words_stay_words_in_markdown() -> None:
    assert frame.plain("[x](http://y) *z*") == r"\[x\]\(http\://y\) \*z\*"


def test_the_pages_start_without_torch() -> None:
    pages = "gencmp.ui.watch, gencmp.ui.train.settings_form, gencmp.ui.home, gencmp.ui.runs.table"
    script = f"import sys, dashboard, {pages}; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip().endswith("False")


def test_the_address_of_runs_is_their_ids(store: RunStore, gan: GanConfig, vae: VaeConfig) -> None:
    first, second = store.create(gan), store.create(vae)
    assert watch.address_of([first, second]) == f"{first.id},{second.id}"
