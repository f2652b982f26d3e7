"""The explanation of a term in a browser: by pointer, keyboard and finger, whole at every edge, and the layout stands still."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import open_page

from gencmp.ui.glossary.explain import meaning

pytestmark = pytest.mark.still

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
PLACE = """() => {
  const tip = document.querySelector(".gc-tip").getBoundingClientRect();
  const header = document.querySelector("[data-testid=stHeader]").getBoundingClientRect();
  const top = document.elementFromPoint(tip.left + tip.width / 2, tip.top + 4);
  return { left: tip.left, right: tip.right, belowHeader: tip.top >= header.bottom, bottom: tip.bottom, isOnTop: top?.className };
}"""
LAYOUT = "() => [...document.querySelectorAll('.gc-home *')].map(each => JSON.stringify(each.getBoundingClientRect())).join()"


def shown(page: Any, words: str) -> None:
    """Waits for the explanation, and holds that nothing cuts it off or covers it."""
    tip = page.locator(".gc-tip")
    tip.filter(has_text=words).wait_for(timeout=60_000)
    found, width = page.evaluate(PLACE), page.viewport_size["width"]
    assert found["left"] >= 0 and found["right"] <= width and found["bottom"] <= page.viewport_size["height"], found
    assert found["belowHeader"] and found["isOnTop"] == "gc-tip", found


def hidden(page: Any) -> None:
    page.locator(".gc-tip").wait_for(state="hidden", timeout=60_000)


def test_hover_focus_and_escape(visit: Callable[..., Any], served: str) -> None:
    page = visit(served)
    term = page.locator("dfn", has_text="Fréchet distance").last
    term.wait_for(timeout=60_000)
    page.locator(".gc-vae .gc-tools").wait_for(timeout=60_000)
    before = page.evaluate(LAYOUT)

    term.hover()
    shown(page, meaning("Fréchet distance"))
    assert page.evaluate(LAYOUT) == before
    page.locator(".gc-tip").hover()  # it stays while the pointer is on it
    shown(page, meaning("Fréchet distance"))
    page.mouse.move(5, 850)
    hidden(page)

    term.focus()
    shown(page, meaning("Fréchet distance"))
    assert term.get_attribute("aria-describedby") == page.locator("[role=tooltip]").get_attribute("id")
    page.keyboard.press("Escape")
    hidden(page)
    assert term.evaluate("element => element === document.activeElement && !element.hasAttribute('aria-describedby')")
    page.keyboard.press("Tab")
    shown(page, meaning("±"))


def test_what_the_lines_of_a_chart_mean(visit: Callable[..., Any], served: str) -> None:
    page = visit(served)
    lines = page.locator(".gc-gan").get_by_role("button", name="What the lines mean")
    lines.wait_for(timeout=60_000)
    lines.focus()
    shown(page, f"D perfect: {meaning('D perfect')}")
    page.keyboard.press("Escape")
    hidden(page)
    page.keyboard.press("Enter")
    shown(page, f"Discriminator loss: {meaning('discriminator loss')}")


@pytest.mark.parametrize("path", ["", "verdict", "paper", "train", "explore", "compare"])
def test_a_tap_on_a_phone(visit: Callable[..., Any], served: str, path: str) -> None:
    page = visit(f"{served}/{path}", **PHONE)
    open_page(page, served, path)
    if path == "paper":  # there its rows unfold
        page.locator(".gencmp-folded summary").first.tap()
    terms = page.locator("dfn:visible")
    terms.first.wait_for(timeout=60_000)
    for term in (terms.first, terms.last):
        term.scroll_into_view_if_needed()
        said = term.get_attribute("data-tip")
        term.tap()
        shown(page, said)
        term.tap()
        hidden(page)
    terms.last.tap()
    shown(page, said)
    page.touchscreen.tap(380, 100)
    hidden(page)


def test_a_term_right_below_the_header_is_explained_below_it(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/paper", viewport={"width": 1440, "height": 400})
    term = page.locator("table dfn").nth(4)
    term.wait_for(timeout=60_000)
    term.evaluate(
        "(element) => { element.scrollIntoView({ block: 'start' }); document.querySelector('[data-testid=stMain]').scrollBy(0, -62) }"
    )
    term.focus()
    shown(page, term.get_attribute("data-tip"))
    assert page.locator(".gc-tip").bounding_box()["y"] > term.bounding_box()["y"]
