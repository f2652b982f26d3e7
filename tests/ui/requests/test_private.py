"""What a run was trained on is shown to the teacher alone: no path, and no picture of a folder until the teacher shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui import server
from gencmp.ui.rights import hosting
from gencmp.ui.rights.guard import RULES
from gencmp.ui.rights.rules import ClassRules
from gencmp.ui.routes import answers, runs

PICTURES = ["digits/{}", "real.png?of={}", "compare/nearest?column={}", "compare/nearest?column=real&of={}",
    "pictures/{}/1/reconstructions.png", "moment/{}/1/real", "compare/panel.json?columns={},real"]  # fmt: skip
WORDS = ["news/{}", "race/{}", "kept/{}", "tested/{}", "compare/columns?columns={},real", "compare/models?columns={}",
    "compare/panel.json?columns={}"]  # fmt: skip


@pytest.fixture
def own(trained: Callable[..., Run], vae: VaeConfig, digits_folder: Path, store: RunStore) -> Run:
    run = trained(vae.replace(dataset=str(digits_folder), epochs=1))
    store.set_state(run.id, "failed", f"{digits_folder}/train cannot be read")
    return run


@pytest.fixture
def open_server(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> Starlette:
    found = Catalog(store)
    for module in (answers, runs, server):
        monkeypatch.setattr(module, "open_catalog", lambda: found)
    hosting.serve("localhost")
    return Starlette(routes=server.routes(), middleware=server.middleware())


def at(app: Starlette, host: str) -> TestClient:
    return TestClient(app, base_url=f"http://{host}", client=("127.0.0.1", 5000))


@pytest.mark.parametrize("path", PICTURES)
def test_pictures_of_a_folder_are_the_teachers(open_server: Starlette, own: Run, path: str) -> None:
    refused = at(open_server, "class.example").get("/gencmp/" + path.format(own.id))
    assert refused.status_code == 403 and "shown to the teacher only" in refused.json()["error"]
    assert at(open_server, "localhost").get("/gencmp/" + path.format(own.id)).status_code in (200, 204)


@pytest.mark.parametrize("path", PICTURES)
def test_the_teacher_may_show_them(open_server: Starlette, own: Run, store: RunStore, path: str) -> None:
    store.set_setting(RULES, ClassRules(shows_pictures=True).to_json())
    assert at(open_server, "class.example").get("/gencmp/" + path.format(own.id)).status_code in (200, 204)


@pytest.mark.parametrize("path", [*WORDS, *PICTURES])
def test_no_path_leaves_the_computer(open_server: Starlette, own: Run, digits_folder: Path, path: str) -> None:
    content = at(open_server, "class.example").get("/gencmp/" + path.format(own.id)).text
    assert str(digits_folder) not in content and str(digits_folder.parent) not in content


def test_a_folder_that_is_gone_is_no_secret_and_no_path(
    open_server: Starlette, own: Run, digits_folder: Path, store: RunStore
) -> None:
    store.set_setting(RULES, ClassRules(shows_pictures=True).to_json())
    moved = digits_folder.rename(digits_folder.with_name("moved"))
    try:
        answer = at(open_server, "class.example").get(f"/gencmp/digits/{own.id}")
    finally:
        moved.rename(digits_folder)
    assert answer.status_code in (200, 404) and str(digits_folder.parent) not in answer.text
