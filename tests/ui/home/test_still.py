"""Home's first sight: in the server's first answer, on Home alone, and only where there is something to show."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gencmp.errors import StoreError
from gencmp.ui.catalog import open_catalog
from gencmp.ui.first_page import IndexPage
from gencmp.ui.home import still as module
from gencmp.ui.home.still import SCHEME, STYLES, Still, still
from gencmp.ui.home.words import said_of
from gencmp.ui.requests.headers import policy
from gencmp.ui.routes.assets import STATIC


class Words(HTMLParser):
    """The words of a page, and the addresses of its pictures."""

    def __init__(self, page: str):
        super().__init__()
        self.words = ""
        self.pictures: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs)["src"])

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(autouse=True)
def _fresh_catalog() -> Any:
    open_catalog.cache_clear()
    yield
    open_catalog.cache_clear()


def test_it_has_the_words_of_the_page_and_its_three_pictures() -> None:
    found = Words(still("./gencmp/static/x").body)
    shipped = {record.run.id: record for record in open_catalog().shipped()}
    captions, verdict = said_of(shipped["paper-gan"], shipped["paper-vae"])
    assert "Which model makes better digits?" in found.words
    assert verdict in found.words
    for caption in captions.values():
        shown = [re.sub(r"\[([^|\]]+)(\|[^\]]+)?\]", r"\1", caption[part]) for part in ("facts", "distance")]
        assert f"{caption['title']} {shown[0]}{shown[1]}" in found.words
    assert found.pictures == [
        f"./gencmp/{each}"
        for each in ("pictures/paper-gan/50/samples.png", "real.png", "pictures/paper-vae/51/samples.png")
    ]


def test_its_styles_and_pictures_are_asked_for_before_streamlits_scripts() -> None:
    head = still("./gencmp/static/x").head
    for name in STYLES:
        assert (STATIC / f"{name}.css").is_file()
        assert f'href="./gencmp/static/x/{name}.css"' in head
    assert head.count('rel="preload" as="image"') == 3


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<html><head></head><body><div id=root></div></body></html>")


@pytest.mark.parametrize(
    ("prefix", "path", "is_there"),
    [
        ("", "/", True),
        ("", "/train", False),
        ("/some", "/some/", True),
        ("/some", "/some", True),
        ("/some", "/some/vote", False),
    ],
)
def test_home_alone_has_it(prefix: str, path: str, is_there: bool) -> None:
    app = IndexPage(Starlette(routes=[Route(path, page)]), prefix)
    answer = TestClient(app).get(path, headers={"Accept": "text/html"}).text
    assert ('<body><div class="gc gc-home gc-still"' in answer) == is_there
    assert answer.endswith("<div id=root></div></body></html>")


def test_the_browser_may_run_its_script() -> None:
    (script,) = re.findall(r"<script>(.*?)</script>", SCHEME, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" in policy("localhost")


def test_without_the_shipped_models_or_a_store_there_is_nothing_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_catalog(), "shipped", list)
    assert still("") == Still("", "")

    def broken() -> Any:
        raise StoreError("no store")

    monkeypatch.setattr(module, "open_catalog", broken)
    assert still("") == Still("", "")
