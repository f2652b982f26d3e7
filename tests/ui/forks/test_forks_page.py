"""Forks on the pages, without a browser: the dialog, the row above a run's card, the tree, and what the scripts are given."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.events import Changed
from gencmp.files import ROOT
from gencmp.runs.catalog import Catalog, StoredRun
from gencmp.runs.forks.fork import fork
from gencmp.runs.forks.repeat import repeat
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui.forks.ghosts import ghosts_of
from gencmp.ui.forks.links import compare_columns
from gencmp.ui.runs.tree import tree_html


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> list[RunStore]:
    """Nobody trains what pages queue."""
    found: list[RunStore] = []
    for module in ("gencmp.ui.watch", "gencmp.ui.forks.dialog", "gencmp.ui.forks.beside", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", found.append)
    return found


@pytest.fixture
def store(store_of_pages: RunStore) -> RunStore:
    return store_of_pages


@pytest.fixture
def parent(store: RunStore, trained: Callable[..., Run], vae: VaeConfig) -> Run:
    return trained(vae, name="<b>mine</b>")


def record(store: RunStore, run: Run) -> StoredRun:
    return StoredRun(store, store.queries.get(run.id))


def page(name: str, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    return at.run()


def words(at: AppTest) -> str:
    return " ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.warning, *at.error))


def parts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(component.proto.json) for component in at.get("bidi_component")]


def opened(parent: Run) -> AppTest:
    at = page("train", runs=parent.id)
    return at.button(key=f"fork.open.{parent.id}").click().run()


def rerun(at: AppTest, parent: Run | str) -> AppTest:
    """As a browser does, which reruns the open dialog alone: here its button is pressed again."""
    name = parent if isinstance(parent, str) else parent.id
    at.button(key=f"fork.open.{name}").click()
    return at.run()


def start(at: AppTest, parent: Run | str) -> AppTest:
    next(each for each in at.button if each.label == "Start" and each.key != "start").click()
    return rerun(at, parent)


# The dialog


def test_a_kept_epoch_and_other_settings_make_a_fork_that_is_shown(
    store: RunStore, parent: Run, started: list[RunStore]
) -> None:
    at = opened(parent)
    slider = at.select_slider(key=f"fork.{parent.id}.epoch")
    assert [slider.options, slider.value] == [["1", "2", "3"], 3]
    slider.set_value(2)
    at = rerun(at, parent)
    elbo = store.queries.epochs(parent.id)[1].test["negative_elbo"]
    assert f"{elbo:.1f} <dfn" in words(at).replace("\\", "")
    place = f"fork.{parent.id}.2"
    at.number_input(key=f"{place}.beta").set_value(4.0)
    at.number_input(key=f"{place}.epochs").set_value(5)
    at = start(at, parent)
    assert not at.exception and not at.error and started
    [child] = [run for run in store.queries.all() if run.id != parent.id]
    assert (child.origin["epoch"], child.origin["changes"]) == (2, {"epochs": 5, "beta": 4.0})
    assert at.query_params["runs"] in ([child.id], child.id)


def test_the_dialog_says_whether_the_fork_is_exact(store: RunStore, parent: Run) -> None:
    assert "continues this run exactly." in words(opened(parent))
    for path in (store.queries.folder(parent.id).path / "optimiser").iterdir():
        path.unlink()
    at = opened(parent)
    assert "continues this run exactly." in words(at)  # its newest state has the optimiser
    at.select_slider(key=f"fork.{parent.id}.epoch").set_value(1)
    at = rerun(at, parent)
    assert "starts a fresh one, so even with nothing changed it differs." in words(at)


def test_a_mistake_in_the_dialog_is_a_sentence_and_makes_no_run(store: RunStore, parent: Run) -> None:
    at = opened(parent)
    at.text_input(key=f"fork.{parent.id}.3.learning_rate").set_value("fast")
    at = start(at, parent)
    assert "wanted a number" in at.error[0].value.replace("\\", "") and len(store.queries.all()) == 1


def test_the_fields_start_with_the_settings_of_the_epoch(store: RunStore, parent: Run) -> None:
    store.add_change(parent.id, Changed(2, 7, {"beta": 1.0}, {"beta": 4.0}))
    at = opened(parent)
    assert at.number_input(key=f"fork.{parent.id}.3.beta").value == 4.0
    at.select_slider(key=f"fork.{parent.id}.epoch").set_value(1)
    at = rerun(at, parent)
    assert at.number_input(key=f"fork.{parent.id}.1.beta").value == 1.0
    assert at.number_input(key=f"fork.{parent.id}.1.epochs").value == 3


def test_a_shipped_model_can_be_gone_on_from(store: RunStore) -> None:
    at = page("train")
    at = rerun(at, "paper-vae")
    assert "starts a fresh one" in words(at) and not at.exception
    at = start(at, "paper-vae")
    [child] = store.queries.all()
    assert (child.origin["name"], child.origin["epoch"], "optimiser" in child.origin) == ("paper-vae", 51, False)


def test_a_run_without_a_kept_epoch_cannot_be_gone_on_from(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    store.set_state(run.id, "stopped")
    assert page("train", runs=run.id).button(key=f"fork.open.{run.id}").disabled


# Rolling back


def test_one_click_rolls_a_live_run_back(
    store: RunStore, parent: Run, started: list[RunStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.runs.forks.roll_back._stopped", lambda store, run_id, sleep: store.queries.get(run_id))
    with store.database.transaction() as db:
        db.execute(
            "UPDATE runs SET state = 'running', config = json_set(config, '$.epochs', 9) WHERE id = ?", (parent.id,)
        )
    store.beat(parent.id)
    at = page("train", runs=parent.id)
    at = at.button(key=f"back.{parent.id}").click().run()
    [child] = [run for run in store.queries.all() if run.id != parent.id]
    assert (child.origin["epoch"], child.origin["stopped_at"]) == (3, 3) and started
    assert store.take_commands(parent.id) == ["stop"]
    assert child.id in at.query_params["runs"]


def test_only_a_live_run_is_offered_to_be_rolled_back(store: RunStore, parent: Run) -> None:
    assert not [each for each in page("train", runs=parent.id).button if each.label == "Roll back"]


# Ghosts


def test_the_parents_curves_are_the_forks_ghost(store: RunStore, parent: Run) -> None:
    child = fork(store, record(store, parent), {"beta": 4.0}, 2)
    at = page("train", runs=child.id)
    [own, beside] = parts(at)
    assert own["ghosts"] == [{"model": parent.id, "since": 0, "until": 2, "beyond": True, "label": "parent"}]
    assert (beside["model"], beside["role"], beside["ghosts"]) == (parent.id, "For comparison", [])


def test_ghosts_of_three_generations_and_of_the_earlier_seed(store: RunStore, parent: Run) -> None:
    found = Catalog(store)
    child = fork(store, record(store, parent), {}, 1)
    copy = record(store, child)
    grandchild = fork(store, copy, {"epochs": 9}, 1)
    again, earlier = repeat(store, copy, 1), repeat(store, record(store, parent), 1)
    assert [(each["model"], each["since"], each["until"], each["beyond"]) for each in ghosts_of(grandchild, found)] == [
        (parent.id, 0, 1, False),
        (child.id, 1, 1, True),
    ]
    assert [(each["model"], each["label"]) for each in ghosts_of(again, found)] == [
        (parent.id, "parent"),
        (child.id, "seed 0, earlier"),
    ]
    assert ghosts_of(earlier, found) == [
        {"model": parent.id, "since": 0, "until": 0, "beyond": True, "label": "seed 0, earlier"}
    ]
    store.delete(parent.id)
    assert ghosts_of(earlier, found) == [] and [each["model"] for each in ghosts_of(grandchild, found)] == [child.id]


def test_the_news_of_a_fork_mark_where_it_left_its_parent(
    store: RunStore, parent: Run, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = fork(store, record(store, parent), {"beta": 4.0}, 2)
    monkeypatch.setattr("gencmp.ui.routes.answers.open_catalog", lambda: Catalog(store))
    monkeypatch.setattr("gencmp.ui.routes.runs.open_catalog", lambda: Catalog(store))
    [mark] = client.get(f"/gencmp/news/{child.id}").json()["changes"]
    assert mark["place"] == 2 and mark["words"].startswith("Fork of <b>mine</b> at epoch 2: β, the KL weight 1 → 4.")
    store.rename(parent.id, "renamed")
    assert client.get(f"/gencmp/news/{child.id}").json()["changes"][0]["words"].startswith("Fork of renamed at")
    store.delete(parent.id)
    [mark] = client.get(f"/gencmp/news/{child.id}").json()["changes"]
    assert mark["words"].startswith("Fork of <b>mine</b> (deleted since) at epoch 2: ")
    assert client.get(f"/gencmp/news/{store.create(VaeConfig()).id}").json()["changes"] == []


# Beside the parent, and the tree


def test_compare_opens_both_at_the_newest_epoch_that_they_share(
    store: RunStore, parent: Run, pictured: Callable[..., None]
) -> None:
    mine, child = record(store, parent), fork(store, record(store, parent), {"epochs": 9}, 2)
    assert compare_columns(mine, record(store, child)) == ""
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET state = 'running', epoch = 2 WHERE id = ?", (child.id,))
    store.beat(child.id)
    assert compare_columns(mine, record(store, child)) == f"{parent.id},{child.id}"
    store.set_state(child.id, "stopped")
    assert compare_columns(mine, record(store, child)) == ""
    arrays = store.queries.folder(parent.id).read_arrays(3)
    for epoch, wanted in ((3, (3, 3)), (4, (3, 3))):
        pictured(store, child, epoch, arrays)
        assert compare_columns(mine, record(store, child)) == f"{parent.id}@{wanted[0]},{child.id}@{wanted[1]}"
    late = fork(store, mine, {"epochs": 9}, 3)
    store.set_state(late.id, "stopped")
    pictured(store, late, 5, arrays)
    assert compare_columns(mine, record(store, late)) == f"{parent.id}@3,{late.id}@5"


def test_the_tree_has_each_fork_below_its_parent_with_words_and_links(
    store: RunStore, parent: Run, pictured: Callable[..., None]
) -> None:
    child = fork(store, record(store, parent), {"beta": 4.0}, 2)
    pictured(store, child, 3, store.queries.folder(parent.id).read_arrays(3))
    store.set_state(child.id, "stopped")
    grandchild = fork(store, record(store, child), {"epochs": 9}, 3)
    at = page("runs")
    at = at.segmented_control(key="runs.view").set_value("tree").run()
    [html] = [each.proto.body for each in at.get("html") if "gc-tree" in each.proto.body]
    assert html.count("<ul") == 3 and html.count("<li>") == 3 and "<b>mine" not in html and "&lt;b&gt;mine" in html
    for run in (parent, child, grandchild):
        assert f'href="train?runs={run.id}"' in html
    assert "From epoch 2: β, the KL weight 1 → 4" in html and "continues the optimiser" in html
    assert f"compare?columns={parent.id}%403%2C{child.id}%403" in html
    store.delete(child.id)
    at = at.run()
    [html] = [each.proto.body for each in at.get("html") if "gc-tree" in each.proto.body]
    assert ", deleted</del>" in html and f"runs={child.id}" not in html and f"runs={grandchild.id}" in html


def test_without_forks_the_tree_says_how_to_make_one(store: RunStore, parent: Run) -> None:
    at = page("runs")
    at = at.segmented_control(key="runs.view").set_value("tree").run()
    assert not at.exception and "Go on from an epoch” makes one." in words(at)


def test_thirty_runs_are_drawn_at_once(store: RunStore, vae: VaeConfig) -> None:
    root = store.create(vae, name="root")
    for number in range(30):
        line = [{"run": root.id, "name": "root", "epoch": number + 1}]
        store.create(vae, name=f"child {number}", origin={**line[0], "changes": {}, "before": {}, "line": line})
    from gencmp.runs.forks.family import families

    [tree] = families(Catalog(store))
    html = tree_html([tree], Catalog(store))
    assert html.count("<li>") == 31 and there(tree.run).id == root.id
