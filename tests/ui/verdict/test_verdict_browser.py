"""The picture of a verdict in a browser: on the first screen, on a phone, and under the pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.still

SHIPPED = "verdict?runs=paper-gan,paper-vae"
ROWS = ".gv-row"


@pytest.fixture
def verdict(visit: Callable[..., Any], served: str) -> Callable[[int, int], Any]:
    """The page with the shipped models, in a window of this size, once its picture is there."""

    def opened(width: int, height: int) -> Any:
        page = visit(f"{served}/{SHIPPED}", viewport={"width": width, "height": height})
        page.locator(ROWS).first.wait_for()
        # the boxes of models arrive after the picture and push it down
        page.get_by_role("combobox", name="VAE").wait_for()
        return page

    return opened


def test_the_whole_picture_is_on_the_first_screen(verdict: Callable[[int, int], Any]) -> None:
    page = verdict(1440, 900)
    bottoms = page.eval_on_selector_all(ROWS, "rows => rows.map(row => row.getBoundingClientRect().bottom)")
    assert len(bottoms) == 17 and max(bottoms) <= 900
    lefts = page.eval_on_selector_all(".gv-group", "groups => groups.map(group => group.getBoundingClientRect().left)")
    assert lefts[0] < lefts[1] == lefts[2], "the longest group beside the other two"


def test_a_phone_shows_the_same_in_one_column(verdict: Callable[[int, int], Any]) -> None:
    page = verdict(390, 844)
    boxes = page.eval_on_selector_all(".gv-group", "all => all.map(each => each.getBoundingClientRect().toJSON())")
    boxes.append(page.locator(".gv-table").first.evaluate("table => table.getBoundingClientRect().toJSON()"))
    tops = [box["top"] for box in boxes]
    assert len(tops) == 4 and tops == sorted(set(tops)) and max(box["right"] for box in boxes) <= 390
    sizes = page.eval_on_selector_all(
        ".gv-verdict *, .gv-strip *", "all => all.map(each => parseFloat(getComputedStyle(each).fontSize))"
    )
    assert min(sizes) >= 12


def test_the_figures_of_a_row_appear_under_the_pointer(verdict: Callable[[int, int], Any]) -> None:
    page = verdict(1440, 900)
    row = page.locator(ROWS, has_text="Legibility")
    figures = row.locator(".gv-values")
    assert figures.bounding_box()["width"] <= 1
    row.hover()
    page.wait_for_function(
        "() => document.querySelector('.gv-row:hover > .gv-values')?.getBoundingClientRect().width > 200"
    )
    assert "More of the VAE's digits are legible." in figures.inner_text()
