"""The loss by hand and sizes that must agree, in a real browser: by keyboard, on a phone, and without their server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import axe, dashboard

pytestmark = pytest.mark.still

PAGE = """
import streamlit as st
from gencmp.ui.server import middleware, routes

if __name__ == "__main__":
    from gencmp.ui.learn import loss, sizes
    st.title("An experiment")
    {"loss": loss, "sizes": sizes}[st.query_params["lesson"]].show("lesson")
else:
    app = st.App(__file__, routes=routes(), middleware=middleware())
"""
WITHOUT_SERVER = """
const fetched = window.fetch;
window.gone = true;
window.fetch = (url, ...more) => {
  const lost = String(url).includes("/gencmp/kept/") && window.gone;
  return lost ? Promise.reject(new TypeError("no answer")) : fetched(url, ...more);
};
"""
GRAVE = """async () => {
  const { violations } = await axe.run(document.querySelector(".gw"), { resultTypes: ["violations"] });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}"""
TOO_WIDE = """() => [...document.querySelectorAll(".gw *")]
  .filter(each => each.getBoundingClientRect().right > innerWidth + 1).map(each => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def served(browser: Any, served_home: Any) -> Iterator[str]:
    """A page that has nothing but the experiment."""
    script = served_home / "experiment.py"
    script.write_text(PAGE)
    with dashboard(served_home, script=str(script)) as url:
        yield url


@pytest.fixture
def opened(visit: Callable[..., Any], served: str) -> Callable[..., Any]:
    """A function that opens an experiment and waits until it is drawn."""

    def open_experiment(name: str, **facts: Any) -> Any:
        page = visit(f"{served}/?lesson={name}", **facts)
        page.locator(".gw h2").first.wait_for()
        return page

    return open_experiment


def total(page: Any) -> float:
    """The loss in nats, as it is shown."""
    return float(page.locator(".gw-whole .gw-total strong").inner_text().split()[0].replace(",", ""))


def test_a_digit_is_taken_apart_by_keyboard(opened: Callable[..., Any]) -> None:
    page = opened("loss")
    page.get_by_role("radio", checked=True).focus()
    before = total(page)
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("radio", checked=True).get_attribute("title") == "Take this 1"
    assert total(page) != before

    page.locator(".gw-heat").focus()
    place = page.locator(".gw-pixel strong")
    said = place.inner_text()
    page.keyboard.press("ArrowLeft")
    assert place.inner_text() != said

    page.get_by_role("button", name="1,000 more").click()
    assert page.locator(".gw-kls tbody tr").first.inner_text().count("±") == 1
    assert "1,001 draws" in page.locator(".gw").inner_text()

    summed, dial = total(page), page.get_by_role("slider", name="Weight of KL")
    dial.focus()
    dial.press("ArrowRight")
    assert dial.get_attribute("aria-valuetext") == "β = 2" and total(page) > summed
    kl = page.locator(".gw-whole .gw-total").inner_text().split("× ")[1]
    assert f"+ 2 × {kl}" in page.locator(".gw-code").inner_text()


def test_another_epoch_has_another_loss(opened: Callable[..., Any]) -> None:
    page = opened("loss")
    last = total(page)
    page.get_by_role("combobox").select_option("1")
    page.wait_for_function(
        "last => parseFloat(document.querySelector('.gw-whole .gw-total strong').textContent) > last", arg=last
    )


def test_a_size_turned_alone_breaks_and_pytorch_says_so(opened: Callable[..., Any]) -> None:
    page = opened("sizes")
    verdict = page.get_by_role("status")
    assert verdict.inner_text().startswith("Fits") and page.locator(".gw-message").count() == 0
    dial = page.get_by_role("slider", name="The decoder takes")
    dial.focus()
    dial.press("ArrowRight")
    assert verdict.inner_text().startswith("Breaks")
    message = page.locator(".gw-message").inner_text()
    assert message == "RuntimeError: mat1 and mat2 shapes cannot be multiplied (100x2 and 3x256)"
    page.get_by_role("button", name="Make them equal").click()
    assert verdict.inner_text().startswith("Fits")
    page.get_by_role("radio", name="GAN").click()
    assert verdict.inner_text() == "Fits The noise has 100 random numbers, and the generator takes as many."


def test_without_its_server_it_says_so_and_tries_again(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/?lesson=loss", first=WITHOUT_SERVER)
    page.get_by_text("The VAE could not be fetched").wait_for()
    page.evaluate("() => { window.gone = false }")
    page.get_by_role("button", name="Try again").click()
    page.locator(".gw-heat").wait_for()


@pytest.mark.parametrize("name", ["loss", "sizes"])
def test_it_can_be_read_on_a_phone_and_in_the_dark(opened: Callable[..., Any], name: str) -> None:
    page = opened(name, color_scheme="dark")
    if name == "sizes":
        page.get_by_role("slider").first.press("ArrowRight")
    page.evaluate(axe())
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function("dark => document.querySelector('.gw').dataset.ground === dark", arg=scheme)
        assert page.evaluate(GRAVE) == [], scheme
    for width in (390, 768, 1920):
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate(TOO_WIDE) == [], width
