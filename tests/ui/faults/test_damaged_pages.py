"""Damaged files and rows: every page shows the rest, and names what is left out once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gencmp.data.pictures import digits_to_test
from gencmp.data.shipped import DATA, shipped_digits
from gencmp.files import ROOT, SHIPPED
from gencmp.runs import names
from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui import catalog
from gencmp.ui.paper.figures import _figures

PAGES = ("home", "train", "explore", "compare", "verdict", "runs", "vote", "paper")


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """A broken card beside a whole one, and a broken row beside two whole ones."""
    shipped = tmp_path / "checkpoints"
    shipped.mkdir()
    for path in SHIPPED.iterdir():
        (shipped / path.name).symlink_to(path)
    (shipped / "paper-vae").unlink()
    shutil.copytree(SHIPPED / "paper-vae", shipped / "paper-vae")
    (shipped / "paper-vae" / "card.json").write_text('{"run": [')
    (shipped / "study.json").unlink()
    (shipped / "study.json").write_text('{"runs": 3}')
    monkeypatch.setattr("gencmp.ui.verdict.seeds.SHIPPED", shipped)
    monkeypatch.setattr(Catalog.__init__, "__defaults__", (shipped,))
    monkeypatch.setattr(names.shipped_names, "__defaults__", (shipped,))
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    catalog.open_catalog.cache_clear()
    store = catalog.open_catalog().store
    for name in ("good", "bad", "better"):
        run = store.create(VaeConfig(), name=name)
        store.set_state(run.id, "finished")
        with store.database.transaction() as db:
            db.execute(
                "UPDATE runs SET config = ifnull(?, config) WHERE id = ?", ("{" if name == "bad" else None, run.id)
            )
    yield store
    catalog.open_catalog.cache_clear()


def shown(name: str) -> AppTest:
    """A page within the frame, as dashboard.py shows it."""

    def script(path: str) -> None:
        import runpy

        from gencmp.ui.frame import say_left_out

        runpy.run_path(path)
        say_left_out()

    return AppTest.from_function(script, args=(str(ROOT / "pages" / f"{name}.py"),), default_timeout=60).run()


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_the_rest_and_names_what_is_left_out_once(damaged: RunStore, page: str) -> None:
    at = shown(page)
    assert not at.exception and not at.error
    named = [each.value for each in at.warning if "card.json" in each.value.replace("\\", "")]
    if page not in ("paper",):
        assert len(named) == 1
    if page in ("runs",):
        assert "'bad'" in named[0].replace("\\", "")


# Routes


@pytest.fixture
def run(trained: Callable[..., Run], vae: VaeConfig) -> Run:
    return trained(vae, "mine")


@pytest.mark.parametrize("damage", [b"PK\x03\x04", b"half"])
def test_routes_answer_a_damaged_file_in_a_sentence(
    client: TestClient, store: RunStore, run: Run, damage: bytes
) -> None:
    folder = store.queries.folder(run.id)
    for path in (folder.arrays(3), folder.weights(3)):
        path.write_bytes(damage if damage != b"half" else path.read_bytes()[: path.stat().st_size // 2])
    for address in (
        f"pictures/{run.id}/3/samples.png", f"plane/{run.id}/3", f"weights/{run.id}/3/x", f"directions/{run.id}/3/x",
        f"posterior/{run.id}/3/x", f"ambiguity/{run.id}/3/x", f"compare/columns?columns={run.id}@3",
        f"compare/nearest?column={run.id}@3", f"compare/panel.png?columns={run.id}@3",
    ):  # fmt: skip
        answer = client.get(f"/gencmp/{address}")
        assert answer.status_code == 404 and "damaged" in answer.json()["error"], address
    assert client.get(f"/gencmp/pictures/{run.id}/2/samples.png").status_code == 200


def test_a_damaged_run_is_named_by_its_routes(client: TestClient, store: RunStore, run: Run) -> None:
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET origin = '[]' WHERE id = ?", (run.id,))
    assert "left out" in client.get(f"/gencmp/news/{run.id}").json()["error"]


@pytest.fixture
def without_mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """MNIST's files cut off, and the last pictures of a shipped model."""
    data, shipped = tmp_path / "data", tmp_path / "checkpoints"
    data.mkdir()
    for path in DATA.glob("*ubyte*"):
        (data / path.name).write_bytes(path.read_bytes()[:5000])
    shipped.mkdir()
    for path in SHIPPED.iterdir():
        (shipped / path.name).symlink_to(path)
    (shipped / "paper-gan").unlink()
    shutil.copytree(SHIPPED / "paper-gan", shipped / "paper-gan")
    (shipped / "paper-gan" / "epochs" / "00050.npz").write_bytes(b"PK")
    monkeypatch.setattr("gencmp.data.shipped.DATA", data)
    monkeypatch.setattr(Catalog.__init__, "__defaults__", (shipped,))
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    cached = (catalog.open_catalog, shipped_digits, digits_to_test, _figures)
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_without_mnist_and_without_pictures(without_mnist: None, page: str) -> None:
    at = shown(page)
    assert not at.exception and not at.error
    assert len(at.title) == 1 or page == "explore"
