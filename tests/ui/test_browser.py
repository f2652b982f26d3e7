"""The live pages in a real browser: Start, charts that grow, pictures that change, a reload, a second viewer, a phone."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("stopped_after")

POINTS = "kind => document.querySelector(`.gc-${kind} .gc-chart-0`)?.data?.[0].x.length ?? 0"
# a script: of each model, only the first news are ever answered
NEWS_ONCE = """(() => {
  const ask = window.fetch, asked = new Set();
  window.fetch = (url, ...rest) => {
    const path = String(url).split("?")[0], isAgain = asked.has(path);
    asked.add(path);
    return path.includes("/news/") && isAgain ? new Promise(() => {}) : ask(url, ...rest);
  };
})()"""
SHOWN = "kind => document.querySelector(`.gc-${kind} .gc-samples canvas`)?.dataset.shown ?? ''"


@pytest.fixture(scope="module")
def address(served: str) -> str:
    return served


def start(page: Any, images: int, epochs: int) -> None:
    """Both models, on a few digits."""
    page.locator(".gc-card").first.wait_for()
    for label, number in (("Images", images), ("Epochs", epochs)):
        field = page.get_by_role("spinbutton", name=label)
        field.fill(str(number))
        field.press("Enter")
        page.wait_for_timeout(500)
    press_start(page)
    ended = "['finished', 'stopped'].includes(b.textContent)"  # as the cards of earlier runs say until they are gone
    badges = "[...document.querySelectorAll('.gc-card:not(.gc-aside) .gc-badge')]"
    until(page, f"() => {badges}.length && {badges}.every(b => b.textContent && !({ended}))")


def press_start(page: Any) -> None:
    """Until the new runs are in the address, where earlier ones may have been."""
    runs = "new URLSearchParams(location.search).get('runs')"
    before = page.evaluate(f"() => {runs}")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function(f"before => {runs} !== before", arg=before)


def until(page: Any, script: str, argument: Any = None, seconds: float = 60) -> None:
    page.wait_for_function(script, arg=argument, timeout=seconds * 1000)


def test_start_trains_both_and_the_run_survives_a_reload_and_a_second_viewer(
    visit: Callable[..., Any], address: str
) -> None:
    page = visit(f"{address}/train")
    start(page, images=3000, epochs=40)
    for kind in ("gan", "vae"):
        until(page, f"kind => ({POINTS})(kind) > 5", kind)
    counted, shown = page.evaluate(POINTS, "gan"), page.evaluate(SHOWN, "gan")
    until(page, f"([kind, n]) => ({POINTS})(kind) > n + 20", ["gan", counted])
    until(page, f"([kind, before]) => ({SHOWN})(kind) !== before", ["gan", shown])

    url = page.url
    page.reload()
    until(page, f"([kind, n]) => ({POINTS})(kind) > n", ["gan", counted])
    assert page.url == url
    second = visit(url)
    until(second, f"([kind, n]) => ({POINTS})(kind) > n", ["vae", 5])
    assert second.locator(".gc-badge").first.inner_text() in ("training", "finished")

    third = visit(
        url, first=NEWS_ONCE
    )  # words that stand in for a picture go when it has come, whenever the next news come
    third.locator(".gc-vae .gc-samples canvas[data-shown]").wait_for()
    third.locator(".gc-vae .gc-scatter[data-drawn]").wait_for()
    assert third.locator(".gc-vae .gc-waits").count() == 2
    assert not any(each.is_visible() for each in third.locator(".gc-vae .gc-waits").all())

    second.get_by_role("button", name="Stop").click()
    for viewer in (page, second):
        until(
            viewer,
            "() => [...document.querySelectorAll('.gc-badge')].every(b => ['stopped', 'finished'].includes(b.textContent))",
            seconds=30,
        )


def test_a_zoom_is_kept_while_the_curve_grows(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train")
    start(page, images=3000, epochs=40)
    until(page, f"kind => ({POINTS})(kind) > 5", "vae")
    page.evaluate("() => Plotly.relayout(document.querySelector('.gc-vae .gc-chart-0'), {'xaxis.range': [0, 0.5]})")
    before = page.evaluate(POINTS, "vae")
    until(page, f"([kind, n]) => ({POINTS})(kind) > n + 10", ["vae", before])
    assert page.evaluate("() => document.querySelector('.gc-vae .gc-chart-0').layout.xaxis.range") == [0, 0.5]
    page.get_by_role("button", name="Stop").click()
    until(
        page, "() => [...document.querySelectorAll('.gc-badge')].every(b => b.textContent !== 'training')", seconds=10
    )


def test_an_update_costs_a_small_request_and_no_message_to_streamlit(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train")
    sizes, frames = [], []
    page.on("response", lambda r: sizes.append(len(r.body())) if "/gencmp/news/" in r.url else None)
    page.on("websocket", lambda ws: ws.on("framesent", lambda payload: frames.append(payload)))
    start(page, images=3000, epochs=40)
    until(page, f"kind => ({POINTS})(kind) > 40", "vae")
    page.reload()
    until(page, f"kind => ({POINTS})(kind) > 60", "vae")
    page.wait_for_timeout(1500)
    quiet = len(frames)
    sizes.clear()
    for _ in range(100):
        if len(sizes) >= 8:
            break
        page.wait_for_timeout(200)
    assert len(sizes) >= 8
    assert median(sizes) < 6000  # not each: where an answer took long, the next one brings all that was missed
    assert len(frames) == quiet


@pytest.mark.parametrize("path", ["", "train", "runs", "paper"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_every_page_without_scrolling_sideways(
    visit: Callable[..., Any], address: str, path: str, scheme: str
) -> None:
    page = visit(f"{address}/{path}", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page.wait_for_timeout(1500)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390


def test_home_is_alive(visit: Callable[..., Any], address: str) -> None:
    page = visit(address)
    until(page, "() => document.querySelectorAll('.gc-home canvas[data-shown]').length === 3")
    look = "() => [...document.querySelectorAll('.gc-home canvas')].map(c => c.toDataURL().length)"
    before = page.evaluate(look)
    until(page, f"before => ({look})().every((size, i) => size !== before[i])", before)


def test_the_buttons_of_a_live_chart_are_reached_by_keyboard(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train?runs=paper-gan,paper-vae")
    page.locator(".gc-scrub").first.focus()
    until(page, "() => document.querySelector('.gc-samples canvas').dataset.shown?.includes('/50/')")
    page.keyboard.press("ArrowLeft")
    until(page, "() => document.querySelector('.gc-samples canvas').dataset.shown.includes('/49/')")


def test_pause_and_go_on_are_offered_in_turn(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train")
    start(page, images=3000, epochs=40)
    until(page, f"kind => ({POINTS})(kind) > 3", "vae")
    for button, state in (("Pause", "paused"), ("Continue", "training"), ("Pause", "paused"), ("Continue", "training")):
        page.get_by_role("button", name=button, exact=True).click()
        until(
            page, "state => [...document.querySelectorAll('.gc-badge')].every(b => b.textContent === state)", state, 15
        )
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for()


CONTRAST = """() => {
  const button = [...document.querySelectorAll("button")].find((each) => each.innerText.includes("Start"));
  const levels = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const light = (colour) => levels(colour).reduce((sum, level) => sum + level, 0) / 3;
  let ground = button;
  while (/, 0\\)$|transparent/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  const words = getComputedStyle(button.querySelector("p")).color;
  return Math.abs(light(words) - light(getComputedStyle(ground).backgroundColor));
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_start_can_be_read_whether_it_can_be_pressed_or_not(
    visit: Callable[..., Any], address: str, scheme: str
) -> None:
    page = visit(f"{address}/train", color_scheme=scheme)
    page.get_by_role("button", name="Start", exact=True).wait_for()
    assert page.evaluate(CONTRAST) > 120
    page.locator("[class*=st-key-dataset] [role=combobox]").click()
    page.get_by_role("option", name="Your own pictures").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('button')].some((b) => b.innerText.includes('Start') && b.disabled)"
    )
    assert page.evaluate(CONTRAST) > 100


def test_the_thread_from_a_link_to_explore_and_back(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train?preset=quick&images=1000&epochs=2&seed=9")
    press_start(page)
    page.locator(".gc-name", has_text="Quick").nth(1).wait_for()
    until(page, "() => [...document.querySelectorAll('.gc-badge')].every(b => b.textContent === 'finished')")
    name, other = page.locator(".gc-name").all_inner_texts()
    assert name == other and name.startswith("Quick ")
    assert all("seed 9, MNIST, 1,000 images" in about for about in page.locator(".gc-about").all_inner_texts())
    assert page.get_by_role("spinbutton", name="Seed").input_value() == "9"
    page.get_by_test_id("stMain").get_by_role("link", name="Explore").click()
    page.wait_for_url("**/explore?gan=*")
    note = page.locator(".gc-newest")
    note.wait_for()
    assert f"Your newest pair: GAN {name} and VAE {name}." in note.inner_text()
    page.get_by_role("button", name="Show the shipped models").click()
    page.wait_for_url("**gan=paper-gan*")
    note.wait_for(state="detached")
    page.get_by_role("link", name="Compare").click()  # without an address
    page.locator(".gc-newest").wait_for()
    page.get_by_role("button", name="Show the shipped models").click()
    page.wait_for_url("**columns=paper-gan@50,paper-vae@51*")
    page.get_by_role("link", name="Train").click()
    page.wait_for_url("**/train?runs=*")
    until(page, "name => document.querySelector('.gc-name')?.textContent === name", name)


def test_noise_is_not_called_a_digit(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train?preset=weak-discriminator&images=500&epochs=1")
    press_start(page)
    page.get_by_text("Not digits yet").wait_for(timeout=60_000)
    assert page.locator(".gc-card .gc-bars").count() == 1, "only the healthy model beside it has a histogram"


def test_a_pulled_lever_is_marked_on_the_charts(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}/train?models=vae")
    start(page, images=3000, epochs=100)
    until(page, f"kind => ({POINTS})(kind) > 3", "vae")
    page.get_by_role("button", name="Change settings").click()
    page.get_by_test_id("stPopoverBody").get_by_role("spinbutton").fill("8")
    page.get_by_role("button", name="Apply from the next step").click()
    until(page, "() => document.querySelector('.gc-vae .gc-chart-0').layout.annotations.some((a) => a.text === '▲')")
    said = page.evaluate("() => document.querySelector('.gc-vae .gc-chart-0').layout.annotations.at(-1).hovertext")
    assert "1 → 8" in said and said in page.locator(".gc-vae").first.inner_text()
