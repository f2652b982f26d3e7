"""The dashboard where others host it: behind a proxy that owns a prefix, in a frame of another origin, without site data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from browsing import dashboard
from prefix_proxy import prefix_proxy

from gencmp.ui.rights.hosting import FRAMES

pytestmark = pytest.mark.still

PREFIX = "/user/ada/proxy/8712"
DRAWN = "(selector, count) => document.querySelectorAll(selector).length === count"
CARDS = f"({DRAWN})('.gc-card canvas[data-shown]', 4) && ({DRAWN})('.gc-card .js-plotly-plot', 4)"
LOADED = "(selector, count) => [...document.querySelectorAll(selector)].filter((image) => image.naturalWidth).length === count"
WHOLE = {  # of each page, what its scripts, pictures and charts have drawn at last
    "": f"({DRAWN})('.gc-home canvas[data-shown]', 3) && ({DRAWN})('.gc-home .js-plotly-plot', 2)",
    "learn": "document.querySelectorAll('[class*=st-key-learn_card_] a').length >= 12",
    "train": CARDS,
    "explore": "(({ meter, vae, gan }) => vae.model && gan.model && meter.shown.vae && meter.shown.gan)"
    "(document.querySelector('.gx').gencmp)",
    "compare": f"({DRAWN})('.gm-sheet[data-shown]', 2) && ({DRAWN})('.gm-chart[data-drawn]', 2)",
    "verdict": "document.querySelectorAll('.gv-table').length > 1 && document.querySelector('.js-plotly-plot')",
    "runs": "document.querySelector('[data-testid=stDataFrame] canvas')",
    "vote": f"({LOADED})('.gc-strip img', 11)",
    "paper": f"({LOADED})('[data-testid=stImage] img', 6)",
}
OURS = ["", "train", "explore", "compare"]  # pages whose scripts ask our own routes
NO_SITE_DATA = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('Access is denied for this document.', 'SecurityError') } })"""

FRAME = (
    "src => document.body.append(Object.assign(document.createElement('iframe'), { src, width: 1400, height: 900 }))"
)


def until(page: Any, script: str, seconds: float = 60) -> None:
    page.wait_for_function(f"() => {{ try {{ return {script} }} catch {{ return false }} }}", timeout=seconds * 1000)


def choose_first_run(page: Any) -> None:
    """On the Runs page; its table is one canvas, with the boxes to tick at the left."""
    until(page, WHOLE["runs"])
    page.locator("[data-testid=stDataFrame]").click(position={"x": 15, "y": 52})


def open_round(page: Any) -> None:
    page.get_by_role("button", name="Open a round").click()
    page.get_by_role("button", name="Close the round").wait_for()


def answer(page: Any, times: int) -> None:
    """Questions, each after the one before; the place is shown as "3 of 16"."""
    for place in range(1, times + 1):
        page.get_by_text(f"{place} of 16").wait_for()
        page.locator(".gc-ask button:enabled").first.click()
    page.get_by_text(f"{times + 1} of 16").wait_for()


# Behind a proxy


@pytest.fixture(scope="module")
def stripped(served: str) -> Iterator[tuple[str, list[str]]]:
    with prefix_proxy(served, PREFIX) as found:
        yield found


@pytest.fixture(scope="module")
def kept(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, list[str]]]:
    home = tmp_path_factory.mktemp("kept")
    with dashboard(home, PREFIX) as url, prefix_proxy(url, PREFIX, strip=False) as found:
        yield found


@pytest.fixture
def root(request: pytest.FixtureRequest) -> Iterator[str]:
    """The dashboard's address behind a proxy; in the end nothing may have been asked for outside of it."""
    found, outside = request.getfixturevalue(getattr(request, "param", "stripped"))
    yield found
    assert outside == []


@pytest.mark.parametrize(("root", "paths"), [("stripped", [*WHOLE]), ("kept", OURS)], indirect=["root"])
def test_every_page_is_whole_behind_a_proxy(visit: Callable[..., Any], root: str, paths: Any) -> None:
    page = visit(f"{root}/")
    for path in paths:
        page.goto(f"{root}/{path}")
        until(page, WHOLE[path])
        links = page.locator("[data-testid=stTopNavLink]").evaluate_all("links => links.map((link) => link.href)")
        assert {f"{root}/{each}" for each in WHOLE} == set(links)


def test_doors_and_deep_links_keep_the_prefix(visit: Callable[..., Any], root: str) -> None:
    page = visit(f"{root}/train?runs=paper-vae")
    until(page, f"({DRAWN})('.gc-vae .js-plotly-plot', 2)")
    assert page.locator(".gc-card").count() == 2  # with the other shipped model beside it
    page.get_by_role("link", name="Home").click()
    until(page, WHOLE[""])
    page.get_by_role("button", name="Train them").click()
    until(page, CARDS)
    assert page.url == f"{root}/train"
    page.get_by_role("link", name="Runs").click()
    choose_first_run(page)
    page.locator(".gc-card").first.wait_for()
    page.get_by_role("button", name="Watch").click()
    page.wait_for_url(f"{root}/train?runs=paper-*")


def test_a_class_votes_behind_a_proxy(visit: Callable[..., Any], root: str) -> None:
    teacher = visit(f"{root}/vote")
    open_round(teacher)
    link = teacher.get_by_text("open this in a private window").inner_text().split()[-1]
    assert link == teacher.url and link.startswith(f"{root}/vote?round=")
    answer(visit(link), 2)
    teacher.get_by_text("2 of 16 answers").wait_for()


# Without site data


class _Course(BaseHTTPRequestHandler):
    """A page of another origin."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<link rel=icon href=data:,><h1>Course</h1>")

    def log_message(self, *words: object) -> None:
        """Nothing: it is asked once."""


@pytest.fixture(scope="module")
def course() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Course)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def framed(browser: Any, course: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashboard that may stand in the course page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FRAMES, course)
        with dashboard(tmp_path_factory.mktemp("framed")) as url:
            yield url


def test_cards_are_drawn_in_a_frame_of_another_origin(visit: Callable[..., Any], course: str, framed: str) -> None:
    """To which many browsers give no storage."""
    page = visit(course)
    page.evaluate(FRAME, f"{framed}/train")
    page.frames[1].wait_for_function(f"() => {CARDS}", timeout=60_000)


def test_a_page_that_the_owner_has_not_named_cannot_frame_it(browser: Any, course: str, served: str) -> None:
    page = browser.new_page()
    page.goto(course)
    with page.expect_event(
        "requestfailed", lambda found: "BLOCKED_BY_RESPONSE" in (found.failure or ""), timeout=30_000
    ):
        page.evaluate(FRAME, f"{served}/train")
    page.close()


def test_cards_are_drawn_where_site_data_are_blocked(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train", first=NO_SITE_DATA)
    until(page, CARDS)
    first, second = page.get_by_label("Smoothing of the curves").all()
    first.fill("0.5")
    assert second.input_value() == "0.5"
    page.get_by_role("link", name="Runs").click()
    choose_first_run(page)
    assert page.get_by_label("Smoothing of the curves").first.input_value() == "0.5"  # as long as the page lives


def test_a_vote_needs_no_site_data(visit: Callable[..., Any], served: str) -> None:
    teacher = visit(f"{served}/vote", first=NO_SITE_DATA)
    open_round(teacher)
    answer(visit(teacher.url, first=NO_SITE_DATA), 2)
    teacher.get_by_text("2 of 16 answers").wait_for()
