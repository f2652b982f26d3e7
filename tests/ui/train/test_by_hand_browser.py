"""A run stepped by hand in a real browser: only the network whose turn it is moves, slow motion, a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("stopped_after")

MOVED = """name => [...document.querySelectorAll(`[data-network=${name}] .gt-moved > div`)].map(bar => Number(bar.dataset.change))"""
STEP = "() => Number(document.querySelector('.gt-facts').textContent.match(/step ([0-9,]+)/)?.[1].replace(',', ''))"
PLACES = """() => ["gt-headline", "gt-machine", "gc-card"]
  .map(name => Math.round(document.querySelector(`.${name}`).getBoundingClientRect().top))"""
CAN_PRESS = """name => [...document.querySelectorAll(".gt-button")].some(
  each => each.querySelector("strong").textContent === name && each.getAttribute("aria-disabled") !== "true")"""


def start_paused(visit: Callable[..., Any], served: str, kind: str, first: str) -> Any:
    page = visit(f"{served}/train?models={kind}&images=500&epochs=500")
    page.locator(".gc-card").first.wait_for()
    page.locator("[class*=st-key-start_paused] label").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function(CAN_PRESS, arg=first, timeout=90_000)
    return page


def press(page: Any, name: str) -> None:
    page.locator(".gt-button").filter(has=page.get_by_text(name, exact=True)).click()


def stepped(page: Any, name: str, acts: str) -> None:
    """Press, and wait for the phase in which this one learned."""
    press(page, name)
    page.wait_for_function("acts => document.querySelector('.gt').dataset.acts === acts", arg=acts, timeout=60_000)


def badge(page: Any, words: str) -> None:
    page.wait_for_function("words => document.querySelector('.gc-badge').textContent === words", arg=words)


def test_each_phase_moves_one_network_alone_and_nothing_on_the_page_jumps(
    visit: Callable[..., Any], served: str
) -> None:
    page = start_paused(visit, served, "gan", "D step")
    assert not page.evaluate(CAN_PRESS, "G step")
    assert "after D's step" in page.locator(".gt-buttons").inner_text()
    assert not any(page.evaluate(MOVED, "generator") + page.evaluate(MOVED, "discriminator"))
    places = page.evaluate(PLACES)

    stepped(page, "D step", "discriminator")
    assert page.locator(".gt-headline").inner_text() == "D's phase: G stands still"
    assert all(page.evaluate(MOVED, "discriminator")) and not any(page.evaluate(MOVED, "generator"))
    assert page.locator("[data-network=discriminator] .gt-role").inner_text() == "learns now"
    assert page.evaluate("() => document.querySelectorAll('.gt-opinions em').length") == 16

    stepped(page, "G step", "generator")
    assert page.locator(".gt-headline").inner_text() == "G's phase: D stands still"
    assert all(page.evaluate(MOVED, "generator")) and not any(page.evaluate(MOVED, "discriminator"))
    assert page.locator("[data-network=discriminator]").get_attribute("data-gradient") == "passed"
    assert page.evaluate(PLACES) == places

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")


def test_ten_steps_slow_motion_hold_and_full_speed(visit: Callable[..., Any], served: str) -> None:
    page = start_paused(visit, served, "gan", "D step")
    press(page, "Ten")
    page.wait_for_function(f"() => ({STEP})() === 10 && ({CAN_PRESS})('D step')", timeout=60_000)
    press(page, "A hundred")
    press(page, "Hold")
    page.wait_for_function(f"() => ({CAN_PRESS})('Slow motion')")
    assert page.evaluate(STEP) < 110
    press(page, "Slow motion")
    badge(page, "training")
    held = page.evaluate(STEP)
    page.wait_for_function(f"held => ({STEP})() >= held + 2", arg=held, timeout=60_000)
    press(page, "Hold")
    badge(page, "paused")
    page.wait_for_function(f"() => ({CAN_PRESS})('Both')")
    page.get_by_role("button", name="Continue", exact=True).click()
    page.locator(".gt").wait_for(state="hidden")
    badge(page, "training")


def test_a_vae_shows_its_draws_and_those_of_the_picture_under_the_pointer(
    visit: Callable[..., Any], served: str
) -> None:
    page = start_paused(visit, served, "vae", "One step")
    stepped(page, "One step", "vae")
    assert all(page.evaluate(MOVED, "encoder") + page.evaluate(MOVED, "decoder"))
    assert page.locator(".gt-plane ellipse").count() == 8
    page.locator(".gt-row canvas").first.hover(position={"x": 5, "y": 5})
    page.get_by_text("The first picture:").wait_for()
    width = page.locator(".gt-row canvas").first.bounding_box()["width"]
    page.locator(".gt-row canvas").first.hover(position={"x": width - 5, "y": 5})
    page.get_by_text("The eighth picture:").wait_for()
