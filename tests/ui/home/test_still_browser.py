"""Home's first sight in a real browser: where the page will stand, to the pixel, and gone when it stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gencmp.bench.start import GRIDS, SEEN

pytestmark = pytest.mark.still

PARTS = {  # of the first sight, and what they become
    ".gc-still h1": "[data-testid=stMain] h1",
    ".gc-still h1 + p": "[data-testid=stMain] [data-testid=stMarkdown] p",
    ".gc-still figure": "[data-testid=stMain] .gc-grids figure",
    ".gc-still img": "[data-testid=stMain] .gc-grids canvas",
    ".gc-still figcaption": "[data-testid=stMain] .gc-grids figcaption",
    ".gc-still .gc-verdict": "[data-testid=stMain] .gc-verdict",
}
RECTANGLES = """selectors => selectors.map(each => [...document.querySelectorAll(each)].map(part => {
  const { x, y, width, height } = part.getBoundingClientRect(), { color, fontSize, fontWeight, filter } = getComputedStyle(part);
  return [x, y, width, height, color, fontSize, fontWeight, filter];
}))"""
SCRIPTS = "**/static/js/index.*.js"  # Streamlit's first ones, without which nothing else comes


@pytest.mark.parametrize(
    ("size", "scheme"),
    [((1440, 900), "light"), ((1920, 1080), "dark"), ((800, 1000), "dark"), ((390, 844), "light")],
)
def test_it_stands_where_the_page_will_stand(browser: Any, served: str, size: Any, scheme: Any) -> None:
    facts = {"viewport": dict(zip(("width", "height"), size, strict=True)), "color_scheme": scheme}
    with browser.new_context(**facts) as context:
        page = context.new_page()
        page.route(SCRIPTS, lambda route: route.abort())
        page.goto(served)
        page.wait_for_function(SEEN)
        page.evaluate("() => document.fonts.ready")
        first = page.evaluate(RECTANGLES, list(PARTS))
        page.unroute(SCRIPTS)
        page.reload()
        page.wait_for_function(GRIDS)
        page.wait_for_function("() => !document.getElementById('gc-still')")
        page.evaluate("() => document.fonts.ready")
        then = page.evaluate(RECTANGLES, list(PARTS.values()))
    assert [len(found) for found in first] == [1, 1, 3, 3, 3, 1]
    for found, becomes in zip(first, then, strict=True):
        for one, two in zip(found, becomes, strict=True):
            assert one[:4] == pytest.approx(two[:4], abs=0.5)
            assert one[4:] == two[4:]


def test_who_has_scrolled_meanwhile_stays_there(browser: Any, served: str) -> None:
    with browser.new_context(viewport={"width": 390, "height": 500}) as context:
        page = context.new_page()
        held: list[Any] = []
        page.route(SCRIPTS, lambda route: held.append(route))
        page.goto(served, wait_until="commit")
        page.wait_for_function(SEEN)
        page.evaluate("() => document.getElementById('gc-still').scrollTo(0, 300)")
        while held:
            held.pop().continue_()
        page.wait_for_function(GRIDS)
        page.wait_for_function("() => !document.getElementById('gc-still')")
        assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTop") == 300


def test_it_goes_too_when_the_page_has_something_else_to_say(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train")
    assert page.locator("#gc-still").count() == 0
    page.evaluate("""() => document.body.insertAdjacentHTML("afterbegin", '<div id="gc-still"></div>')""")
    page.wait_for_function("() => !document.getElementById('gc-still')")
