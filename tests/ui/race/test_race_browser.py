"""A race in a real browser: figures, the other clock, and a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import axe

pytestmark = pytest.mark.still

GRIDS = "() => document.querySelectorAll('.gc-race canvas[data-shown]').length === 2"
FINDINGS = """async () => (await axe.run(document.querySelector(".gc-race"), { resultTypes: ["violations"] })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact)).map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`)"""
END = "() => { const [line] = document.querySelector('.gc-race .gc-chart')?.data ?? []; return line?.x.at(-1) ?? 0 }"


def test_a_race_has_figures_and_a_clock_and_a_phone_two_columns(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train?runs=paper-gan,paper-vae&view=race")
    page.wait_for_function(GRIDS)
    table = page.get_by_role("table").inner_text()
    assert "138.0" in table and "1,068,820" in table and "51 of 51" in table
    page.wait_for_function(f"() => ({END})() > 400")  # the shipped GAN trained for 8 minutes
    page.get_by_role("radio", name="Epochs").click()
    page.wait_for_function(f"() => ({END})() === 50")
    page.get_by_role("radio", name="Negative ELBO, test").click()
    page.wait_for_function(f"() => ({END})() === 51")
    assert page.evaluate("() => location.search").endswith("&measure=test&axis=epochs")  # a link opens with this chart
    page.evaluate(axe())
    assert page.evaluate(FINDINGS) == []

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.gc-grids figure')].map(each => each.getBoundingClientRect().top)).size === 1"
    )
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")


def test_a_link_opens_a_race_with_its_chart(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/train?runs=paper-gan,paper-vae&view=race&measure=test&axis=epochs")
    page.wait_for_function(f"() => ({END})() === 51")
    assert page.get_by_role("radio", name="Negative ELBO, test").get_attribute("aria-checked") == "true"
