"""Train: the choice to start paused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.runs.store import RunStore
from gencmp.ui import catalog


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """The page's own, without workers."""
    catalog.open_catalog.cache_clear()
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    yield catalog.open_catalog().store
    catalog.open_catalog.cache_clear()


@pytest.mark.parametrize("paused", [True, False])
def test_runs_pause_before_their_first_step_if_that_is_chosen(store: RunStore, paused: bool) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=30).run()
    at = at.checkbox(key="start_paused").set_value(paused).run()
    at.button(key="start").click().run()
    assert not at.exception
    commands = [store.take_commands(run.id) for run in store.queries.queue()]
    assert commands == [["pause"] if paused else []] * 2


def test_a_link_can_ask_to_start_paused_and_the_address_follows_the_choice(store: RunStore) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=30)
    at.query_params["paused"] = "1"
    at = at.run()
    assert at.checkbox(key="start_paused").value
    at = at.checkbox(key="start_paused").set_value(False).run()
    assert "paused" not in at.query_params
    at = at.checkbox(key="start_paused").set_value(True).run()
    assert at.query_params["paused"] == "1"
