"""The form on Train that changes settings of runs while they train."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.events import Changed
from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.levers import LEVERS


@pytest.fixture
def store(store_of_pages: RunStore) -> RunStore:
    return store_of_pages


@pytest.fixture
def live(store: RunStore, vae: VaeConfig) -> Run:
    run = store.create(vae)
    store.claim(run.id)
    return run


def train_page(run: Run) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=30)
    at.query_params["runs"] = run.id
    return at.run()


def apply(at: AppTest) -> AppTest:
    return next(button for button in at.button if button.label == "Apply from the next step").click().run()


def test_what_was_changed_goes_to_the_run_and_nothing_else(store: RunStore, live: Run) -> None:
    at = train_page(live)
    at.number_input(key=f"lever.{live.id}.beta").set_value(4.0)
    at.text_input(key=f"lever.{live.id}.learning_rate").set_value("0.0001")
    at = apply(at)
    assert not at.exception and "changed from the next step." in " ".join(each.value for each in at.caption)
    [command] = store.take_commands(live.id)
    assert json.loads(command.removeprefix("change ")) == {"learning_rate": 0.0001, "beta": 4.0}


def test_nothing_changed_is_nothing_sent(store: RunStore, live: Run) -> None:
    assert "Nothing has changed." in [each.value for each in apply(train_page(live)).caption]
    assert store.take_commands(live.id) == []


@pytest.mark.parametrize(("rate", "said"), [("1e9", "found 1e+09, wanted"), ("fast", "wanted a number")])
def test_a_bad_value_says_so_at_the_lever(store: RunStore, live: Run, rate: str, said: str) -> None:
    at = train_page(live)
    at.text_input(key=f"lever.{live.id}.learning_rate").set_value(rate)
    assert said in apply(at).error[0].value.replace("\\", "")
    assert store.take_commands(live.id) == []


def test_a_run_that_has_just_ended_says_so(store: RunStore, live: Run) -> None:
    at = train_page(live)
    at.number_input(key=f"lever.{live.id}.beta").set_value(4.0)
    store.set_state(live.id, "finished")
    at = apply(at)
    assert not at.exception and store.take_commands(live.id) == []


def test_the_form_starts_with_the_present_values(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    store.claim(run.id)
    store.add_change(run.id, Changed(1, 7, {"real_label": 0.9}, {"real_label": 0.8}))
    at = train_page(run)
    assert at.number_input(key=f"lever.{run.id}.real_label").value == 0.8
    fields = {each.key for each in (*at.number_input, *at.text_input)}
    assert {f"lever.{run.id}.{name}" for name in LEVERS["gan"]} <= fields


def test_no_form_for_a_run_that_has_ended(store: RunStore, live: Run) -> None:
    store.set_state(live.id, "stopped")
    assert not [each for each in train_page(live).number_input if str(each.key).startswith("lever.")]
