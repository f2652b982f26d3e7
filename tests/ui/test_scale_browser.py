"""The axis of a chart of losses in a real browser: all values on demand, a logarithmic axis that is remembered, one's own zoom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.still

CHART = "document.querySelector('.gc-vae .gc-chart')"
AXIS = f"({CHART}?.layout?.yaxis ?? {{}})"
TOP = f"({AXIS}.range?.[1] ?? 0)"
NARROW = f"() => {TOP} > 150 && {TOP} < 200"  # the shipped VAE ends at 135 nats and began above 300

SLOW = 400  # ms that a press lasts: what a double click becomes on a page that is busy drawing


def test_an_axis_shows_what_matters_then_all_of_it_and_keeps_a_zoom(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train?runs=paper-gan,paper-vae")
    page.wait_for_function(NARROW)
    assert "the first steps lie above" in page.locator(".gc-vae .gc-chart-0").inner_text()
    page.get_by_role("button", name="All values: Losses of the VAE").click()
    page.wait_for_function(f"() => {TOP} > 300")
    assert "lie above" not in page.locator(".gc-vae .gc-chart-0").inner_text()
    page.locator(".gc-vae .gc-chart-0 .nsewdrag").dblclick(delay=SLOW)
    page.wait_for_function(NARROW)
    assert "the first steps lie above" in page.locator(".gc-vae .gc-chart-0").inner_text()

    page.evaluate(f"() => Plotly.relayout({CHART}, {{ 'yaxis.range[0]': 130, 'yaxis.range[1]': 140 }})")
    page.get_by_label("Smoothing of the curves").first.fill("0.5")
    page.wait_for_function(f"() => {AXIS}.range.join() === '130,140'")
    page.locator(".gc-vae .gc-chart-0 .nsewdrag").dblclick(delay=SLOW)
    page.wait_for_function(NARROW)
    assert "the first steps lie above" in page.locator(".gc-vae .gc-chart-0").inner_text()


def test_a_logarithmic_axis_is_remembered_and_taken_by_all_charts(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train?runs=paper-gan,paper-vae")
    log = page.get_by_role("button", name="Log axis: Losses of the VAE")
    log.click()
    types = (
        "() => ['gan', 'vae'].map(kind => document.querySelector(`.gc-${kind} .gc-chart`)?.layout?.yaxis.type).join()"
    )
    page.wait_for_function(f"() => ({types})() === 'log,log'")
    assert log.get_attribute("aria-pressed") == "true"
    page.goto(served)
    page.wait_for_function(f"() => ({types})() === 'log,log'")
    page.get_by_role("button", name="Log axis: Losses of the GAN").click()
    page.wait_for_function(f"() => ({types})() === 'linear,linear'")


def test_a_double_tap_shows_all_values_and_two_slow_taps_do_not(visit: Callable[..., Any], served: str) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    page = visit(f"{served}/train?runs=paper-gan,paper-vae", **phone)
    page.wait_for_function(NARROW)
    drawing = page.locator(".gc-vae .gc-chart-0 .nsewdrag")
    drawing.tap()
    page.wait_for_timeout(1000)
    drawing.tap()
    page.wait_for_timeout(1000)
    assert 150 < page.evaluate(f"() => {TOP}") < 200
    box = drawing.bounding_box()
    page.evaluate(  # two taps as a finger makes them: a browser that is driven waits for the page between taps
        """([x, y]) => {
            const at = document.elementFromPoint(x, y);
            const facts = { bubbles: true, pointerType: "touch", isPrimary: true, clientX: x, clientY: y };
            for (const type of ["pointerdown", "pointerup", "pointerdown", "pointerup"])
                at.dispatchEvent(new PointerEvent(type, facts));
        }""",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    page.wait_for_function(f"() => {TOP} > 300")
