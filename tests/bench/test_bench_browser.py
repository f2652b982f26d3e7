"""The browser's benchmark counts what it says it counts, and says what it lacks."""

from __future__ import annotations

import shutil
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gencmp.bench import browser as bench
from gencmp.bench.tools import arrivals, chromium, transfer
from gencmp.bench.tools.transfer import Transfer, visit
from gencmp.errors import GencmpError
from gencmp.files import SHIPPED

SLOW = """() => {
  const block = () => {
    const until = performance.now() + 100
    while (performance.now() < until);
    requestAnimationFrame(block)
  }
  block()
}"""


class Events:
    """A browser's events, told by hand."""

    def __init__(self) -> None:
        self.hearers: dict[str, Any] = {}

    def on(self, name: str, hearer: Any) -> None:
        self.hearers[name] = hearer

    def send(self, name: str) -> None:
        assert name == "Network.enable"

    def tell(self, name: str, event: Any) -> None:
        self.hearers[f"Network.{name}"](event)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: Any) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """The address of a page of 1,000 bytes that fetches a file of 50,000, each once."""
    (tmp_path / "picture.bin").write_bytes(bytes(50_000))
    page = "<!doctype html><link rel=icon href=data:,><script>fetch('picture.bin').then(() => { globalThis.here = true })</script>"
    (tmp_path / "index.html").write_text(page.ljust(1000))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_bytes_of_a_page_are_bodies_and_heads(browser: Any, site: str) -> None:
    with browser.new_context() as context:
        found, again = (visit(context, f"{site}/index.html", "() => globalThis.here").facts() for _ in range(2))
    assert found["requests"] == 2
    assert 51_000 < found["bytes"] < 51_000 + 2 * 500
    assert [(kind, of["requests"]) for kind, of in found["kinds"].items()] == [
        ("Streamlit's: fetch", 1),
        ("Streamlit's: document", 1),
    ]
    assert found["seconds"] > 0
    assert again["bytes"] < 1000  # the server says that nothing has changed


def test_what_comes_from_the_cache_is_no_request() -> None:
    found, listened = Transfer(), Events()
    transfer._listen(listened, found)
    asked = {"requestId": "1", "request": {"url": "http://here/gencmp/all.js"}, "type": "Script"}
    for id_, more in (("1", {}), ("2", {"fromDiskCache": True}), ("3", {})):
        listened.tell("requestWillBeSent", asked | {"requestId": id_})
        listened.tell("responseReceived", {"requestId": id_, "response": more})
        listened.tell("loadingFinished", {"requestId": id_, "encodedDataLength": 100})
    listened.tell("requestServedFromCache", {"requestId": "3"})
    listened.tell("requestWillBeSent", asked | {"requestId": "4", "request": {"url": "data:,"}})
    listened.tell("webSocketFrameReceived", {"response": {"opcode": 2, "payloadData": "AAAA"}})
    listened.tell("webSocketFrameReceived", {"response": {"opcode": 1, "payloadData": "words"}})
    assert found.facts()["requests"] == 1
    assert found.bytes == 100 + 3 + 5
    assert found.facts()["kinds"] == {"ours: script": {"bytes": 100, "requests": 1}}


def test_a_phone_repeats_what_a_browser_asked_for(browser: Any, served: str) -> None:
    found = arrivals.recorded(browser, served)
    assert any(path.startswith("/static/js/index.") for path in found.files)
    assert any(path.endswith("/all.js") for path in found.files)
    assert not any("plotly" in path for path in found.files)
    assert sum(path.endswith(".png") and path.startswith("/gencmp/") for path in found.news) == 3


def test_frames_are_those_that_a_page_can_draw(browser: Any) -> None:
    page = browser.new_page()
    page.evaluate(SLOW)
    page.evaluate(bench.FRAMES)
    page.wait_for_timeout(1000)
    rate = bench.frames_a_second(page.evaluate(bench.SEEN))
    page.close()
    assert 0 < rate <= 10.5  # a little above 10: moments are rounded; each frame takes 100 ms, whatever the machine


def test_frames_a_second_of_known_moments() -> None:
    assert bench.frames_a_second([0, 20, 40, 60, 80, 100]) == 50
    assert bench.frames_a_second([7]) == 0


def test_a_tiny_benchmark_tells_every_figure(browser: Any, served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BLOCKS": 2, "SECONDS": 1.0, "DECODED": 5, "PAGES": {"explore": "explore"}}.items():
        monkeypatch.setattr(bench, name, value)
    shares: list[float] = []
    told = bench.measured(browser, served, lambda share, words: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1
    for name in bench.WORDS:
        assert 0 < told[name]["low"] <= told[name]["median"] <= told[name]["high"]
    # Explore decodes with the last weights of both models, which hardly shrink on the way
    weights = sum(sorted((SHIPPED / name / "epochs").glob("*.safetensors"))[-1].stat().st_size for name in ("paper-gan", "paper-vae"))  # fmt: skip
    assert told["first_load"]["explore"]["bytes"] > 0.8 * weights
    assert len(bench.say(told)) == len(bench.WORDS) + 2


def test_without_playwright_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(GencmpError, match=r"Playwright, which is not installed.*requirements-dev\.txt"):
        bench.measure(lambda share, words: None)


def test_without_any_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    tried = []

    class Bare:
        chromium = property(lambda self: self)

        def launch(self, **way: Any) -> None:
            tried.append(way)
            raise sync_api.Error("There is no such browser.")

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "chromium" else None)
    with pytest.raises(GencmpError, match="needs Chromium, Chrome or Edge"):
        chromium.launched(Bare())
    assert [way.get("executable_path") or way.get("channel") for way in tried] == [
        "/usr/bin/chromium",
        "chrome",
        "msedge",
        None,
    ]
