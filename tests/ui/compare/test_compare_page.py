"""The Compare page without a browser: what it hands to its component, and an empty house."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog

SHIPPED = ["paper-gan", "paper-vae", "conv-gan", "conv-vae"]


@pytest.fixture(autouse=True)
def fresh_shelf() -> Iterator[None]:
    catalog.open_catalog.cache_clear()
    yield
    catalog.open_catalog.cache_clear()


def page() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "compare.py"), default_timeout=30).run()


def models(at: AppTest) -> list[dict[str, Any]]:
    (component,) = at.get("bidi_component")
    found: list[dict[str, Any]] = json.loads(component.proto.json)["models"]
    return found


def test_shipped_models_and_runs_can_be_chosen(pictured: Callable[..., None], gan: GanConfig, vae: VaeConfig) -> None:
    store = catalog.open_catalog().store
    for config, name in ((gan, "<script>alert(1)</script>"), (vae, "mine")):
        run = store.create(config, name=name)
        pictured(store, run, 1, {"samples": catalog.open_catalog().shipped()[0].folder.read_arrays(1)["samples"]})
    store.create(vae, name="nothing to see yet")
    at = page()
    assert not at.exception
    assert [model["name"] for model in models(at)] == [*SHIPPED, "mine", "<script>alert(1)</script>"]
    assert models(at)[len(SHIPPED)]["pictured"] == [1] and models(at)[0]["pictured"][-1] == 50


def test_an_empty_house_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    catalog.open_catalog().shipped_folder = tmp_path
    at = page()
    assert not at.exception and not at.get("bidi_component")
    assert "no model to compare yet" in at.markdown[0].value
    assert [button.label for button in at.button] == ["Train both"]


def test_columns_are_told_without_torch() -> None:
    code = """
import sys
from gencmp.panels.columns import columns_of
from gencmp.panels.facts import facts
from gencmp.panels.forms import content
from gencmp.panels.panel import make_panel
from gencmp.runs.store import RunStore
from gencmp.runs.catalog import Catalog
from gencmp.files import home
catalog = Catalog(RunStore(home()))
facts(columns_of(catalog, ["paper-gan", "real"]), catalog)
content(make_panel(catalog, ["paper-gan"]), "json")
assert "matplotlib" not in sys.modules
content(make_panel(catalog, ["paper-gan"]), "html")
assert not {"torch", "streamlit", "plotly"} & set(sys.modules), sorted(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_first_screen_and_what_it_fetches_need_no_torch(tmp_path: Path) -> None:
    code = """
import sys
sys.path.insert(0, "tests")
from starlette.testclient import TestClient
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest
from gencmp.ui.server import routes
at = AppTest.from_file("pages/compare.py", default_timeout=60).run()
assert not at.exception and at.get("bidi_component")
client = TestClient(Starlette(routes=routes()))
for path in (
    "compare/columns?columns=paper-gan@50,paper-vae@51,real", "compare/models", "compare/nearest?column=real", "real.png",
    "news/paper-gan?step=0&epoch=0", "pictures/paper-vae/51/samples.png",
):
    assert client.get("/gencmp/" + path).status_code == 200, path
assert not {"matplotlib", "torch"} & set(sys.modules)
assert client.get("/gencmp/compare/panel.png?columns=paper-gan,paper-vae").status_code == 200
assert not {"matplotlib.pyplot", "torch"} & set(sys.modules)
"""
    environment = os.environ | {"GENCMP_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr


def test_the_paper_page_shows_all_figures() -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "paper.py"), default_timeout=60).run()
    assert not at.exception
    assert len(at.get("image")) == 6
