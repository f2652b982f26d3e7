"""What pages say of a cluster, none of which needs Ray."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.runs.executors.status import Node, Status, keep_status
from gencmp.runs.export import shareable
from gencmp.runs.run import moved_words, place_words
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui.train.before_start import start_words


@pytest.fixture
def on_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")


def captions(page: AppTest) -> list[str]:
    return [caption.value for caption in page.caption]


def test_train_has_a_line_about_the_cluster_only_where_there_is_one(
    store_of_pages: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_status(
        store_of_pages, Status(store_of_pages.clock(), places=16, busy=12, nodes=[Node("a", 8, 8), Node("b", 8, 4)])
    )
    page = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60)
    assert not any("cluster" in words for words in captions(page.run()))
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")
    page = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60).run()
    assert ":material/hub: 12 of 16 places busy on the cluster's 2 nodes." in captions(page)
    assert not page.exception


def test_a_setting_that_is_no_executor_is_told_on_the_page(
    store_of_pages: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "dask")
    page = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=60).run()
    assert any("is 'dask', wanted local" in words for words in captions(page)) and not page.exception


@pytest.mark.usefixtures("on_ray")
def test_a_card_says_where_its_run_trains_and_what_it_waits_for(
    client: TestClient, store: RunStore, vae: VaeConfig
) -> None:
    def facts(run_id: str) -> Any:
        return client.get(f"/gencmp/news/{run_id}").json()["run"]

    run = store.create(vae)
    assert facts(run.id)["waits"] == "Waiting for a place on the cluster."
    assert start_words(store, ["vae"]).startswith("A new run waits for a free place on the cluster.")
    store.claim(run.id, "ray")
    store.set_place(run.id, node="lab-3")
    assert facts(run.id)["node"] == "lab-3" and facts(run.id)["where"] == ""  # it has not begun
    store.put_back(run.id, "Lab-3 has gone: waiting for another place")
    assert facts(run.id)["waits"] == "Lab-3 has gone: waiting for another place."


def test_where_a_run_trained_and_that_its_processor_changed_is_said(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    assert place_words(run) == moved_words(run) == ""
    store.set_place(run.id, node="lab-3", moves=[{"epoch": 3, "before": "A, AVX2", "after": "B, AVX512"}])
    store.database.execute(
        "UPDATE runs SET machine = ?, precision = 'bfloat16', device = 'cpu'",
        ('{"processor": "B", "features": "AVX512"}',),
    )
    run = store.queries.get(run.id)
    assert place_words(run) == "on lab-3: B (AVX512), bfloat16"
    assert moved_words(run).startswith(
        "It went on with another processor (after epoch 3 on B, AVX512 instead of A, AVX2)"
    )
    assert "lab-3" not in str(shareable(run)) and shareable(run).place["moves"] == run.place["moves"]
