"""Every page can be read and reached, by axe, at every width from a phone to a projector, in both themes and by keyboard;
and nothing leaves the machine.

A page is opened once for all tests of it, and then made wider and narrower, light and dark. In the end every control is pressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import PAGES, axe, open_page

pytestmark = pytest.mark.still


@pytest.fixture(scope="module", params=PAGES, ids=lambda path: path or "home")
def path(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def page(browser: Any, served: str, path: str) -> Iterator[Any]:
    """One page after the other, each opened once. `hosts` are those that it and whatever it opens have asked."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    found = context.new_page()
    found.hosts = set()
    context.on("request", lambda request: found.hosts.add(urlsplit(request.url).hostname or "localhost"))
    found.on("websocket", lambda socket: found.hosts.add(urlsplit(socket.url).hostname))
    open_page(found, served, path)
    yield found
    context.close()


def resize(page: Any, width: int, height: int = 900) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def dress(page: Any, scheme: str) -> None:
    """Streamlit follows the system from light to dark."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(
        "scheme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === scheme", arg=scheme
    )


# By axe

FINDINGS = """async rules => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...rules });
  const grave = ({ id, impact }) => ["serious", "critical"].includes(impact) || ["heading-order", "empty-table-header"].includes(id);
  return violations.filter(grave)
    .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${any[0]?.message ?? ""} ${html.slice(0, 200)}`));
}"""


COLOURS_ALONE = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # the rest is the same in both themes


@pytest.mark.parametrize(("scheme", "rules"), [("light", {}), ("dark", COLOURS_ALONE)], ids=["light", "dark"])
def test_axe_finds_nothing_serious(page: Any, scheme: str, rules: dict[str, Any]) -> None:
    page.evaluate(axe())
    dress(page, scheme)
    for width in (390, 768, 1440):
        resize(page, width)
        assert page.evaluate(FINDINGS, rules) == [], width


# At every width

CUT_OFF = """() => {
  const controls = "a, button, input, select, textarea, summary, [role=radio], [role=combobox], [role=slider]";
  const scrollsByDesign = "[data-testid=stTable], [data-testid=stDataFrame], .gm-scroll, .gc-strip";
  const seen = element => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const faults = [];
  for (const control of document.querySelectorAll(controls)) {
    const box = control.getBoundingClientRect();
    if (!seen(control) || box.width < 2 || control.closest(`[aria-hidden=true], .gc-unseen, [data-testid=stSidebar], ${scrollsByDesign}`)) continue;
    if (control.closest("[data-testid=stSkipLink]") || box.bottom < 0) continue;
    for (let around = control.parentElement; around; around = around.parentElement) {
      const edge = around.getBoundingClientRect(), style = getComputedStyle(around);
      if (style.overflowX === "visible" && around !== document.body) continue;
      if (edge.width < 3) break; // hidden on purpose, for screen readers
      if (box.left < edge.left - 2 || box.right > edge.right + 2) {
        faults.push(`cut off: ${control.outerHTML.slice(0, 160)}`);
        break;
      }
    }
  }
  for (const label of document.querySelectorAll("[data-testid=stWidgetLabel] p")) {
    const words = label.textContent.split(/\\s+/), style = getComputedStyle(label);
    if (seen(label) && words.length === 1 && label.clientHeight > 1.7 * parseFloat(style.lineHeight))
      faults.push(`broken within a word: ${label.textContent}`);
  }
  const main = document.querySelector("[data-testid=stMain]");
  if (main.scrollWidth > main.clientWidth) faults.push(`scrolls sideways by ${main.scrollWidth - main.clientWidth} px`);
  return faults;
}"""


# 720: a laptop of 1440 pixels at a zoom of 200 %
@pytest.mark.parametrize(("width", "height"), [(390, 844), (720, 450), (768, 1024), (1024, 768), (1440, 900)])
def test_nothing_is_cut_off(page: Any, width: int, height: int) -> None:
    resize(page, width, height)
    page.wait_for_function(
        f"() => ({CUT_OFF})().length === 0 || performance.now() > (window.until ??= performance.now() + 3000)"
    )
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_shows_through_the_header(page: Any, scheme: str) -> None:
    resize(page, 720, 450)
    dress(page, scheme)
    header = {"x": 300, "y": 0, "width": 400, "height": 58}
    main = "document.querySelector('[data-testid=stMain]')"
    page.evaluate(f"() => {main}.scrollTo(0, 0)")
    page.mouse.move(10, 440)
    before = page.screenshot(clip=header, animations="disabled")
    page.evaluate(f"() => {main}.scrollTo(0, 150)")
    assert page.screenshot(clip=header, animations="disabled") == before


# Charts without eyes, and by keyboard


def test_a_chart_says_its_name_and_values_and_shows_its_tools_on_demand(visit: Callable[..., Any], served: str) -> None:
    page = visit(served)
    values = page.get_by_role("group", name="Chart: Losses of the GAN").locator(".gc-unseen")
    page.wait_for_function("() => document.querySelector('.gc-gan .gc-unseen')?.textContent.includes('at epoch 50.0')")
    assert "Loss (nats) at epoch 50.0: Discriminator loss 1." in values.inner_text()

    # and its tools are shown on demand
    button = page.get_by_role("button", name="Tools of the chart: Losses of the GAN")
    bar = page.locator(".gc-gan .modebar")
    button.wait_for()
    assert not bar.is_visible()
    button.focus()
    page.keyboard.press("Enter")
    bar.wait_for()
    assert page.evaluate("() => document.activeElement.matches('.modebar-btn')")
    legend = page.locator(".gc-gan .annotation", has_text="Generator loss").bounding_box()
    assert bar.bounding_box()["y"] > legend["y"] + legend["height"]
    page.keyboard.press("Escape")
    bar.wait_for(state="hidden")
    assert page.evaluate("() => document.activeElement.matches('.gc-tools')")


def test_a_phone_says_where_one_is(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/paper", viewport={"width": 390, "height": 844})
    sign = page.get_by_role("button", name="Paper: show all pages")
    box = sign.bounding_box()
    assert min(box["width"], box["height"]) >= 44
    sign.click()
    page.get_by_role("link", name="Train").click()
    page.get_by_role("button", name="Train: show all pages").wait_for()


COVERED = """() => {
  const bar = document.querySelector(".gx-scrubber").getBoundingClientRect();
  return [...document.querySelectorAll(".gx-panel > header")].map(each => each.getBoundingClientRect())
    .some(each => each.top < bar.bottom - 1 && each.bottom > bar.top + 1 && each.bottom > 60);
}"""


def test_on_a_phone_the_epochs_stay_in_view_and_cover_no_models_name(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/explore", viewport={"width": 390, "height": 844})
    page.locator(".gx-choice [aria-checked=true]").first.wait_for()
    main = page.locator("[data-testid=stMain]")
    for scrolled in range(0, 800, 40):
        main.evaluate("(main, to) => main.scrollTo(0, to)", scrolled)
        bar = page.locator(".gx-scrubber").bounding_box()
        assert 0 < bar["y"] < 844 - bar["height"] + 1, scrolled
        if scrolled < 440:  # then the GAN's name scrolls away, under the bar
            assert not page.evaluate(COVERED), scrolled


# For a projector

SMALL = """() => {
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), faults = [];
  for (let each = words.nextNode(); each; each = words.nextNode()) {
    const around = each.parentElement;
    if (!each.textContent.trim() || around.closest("style, script, [data-testid=stIconMaterial], option, .gc-unseen")) continue;
    if (!around.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const size = parseFloat(getComputedStyle(around).fontSize);
    if (size < 18) faults.push(`${size} px: ${each.textContent.trim().slice(0, 60)}`);
  }
  return faults;
}"""
LEGEND = ".gc-gan .annotation-text:has-text('Generator loss')"
PRESENTING = "() => document.documentElement.dataset.presenter === '1'"
BLOCKED = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('SecurityError') } })"


def test_a_projector_shows_no_words_below_18_pixels(page: Any) -> None:
    resize(page, 1920, 1080)
    switch = page.get_by_role("button", name="Large type for a projector")
    if not page.evaluate(PRESENTING):
        switch.click()
    resize(page, 1920, 1080)
    assert page.evaluate(SMALL) == []
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 1920
    switch.click()


def test_the_browser_remembers_the_presenters_switch_and_a_link_changes_nothing(
    visit: Callable[..., Any], served: str
) -> None:
    page = visit(f"{served}/paper?presenter=1", viewport={"width": 1920, "height": 1080})
    page.wait_for_function(PRESENTING)
    page.goto(f"{served}/paper")
    switch = page.get_by_role("button", name="Large type for a projector")
    assert switch.get_attribute("aria-pressed") == "false"
    switch.click()
    assert page.evaluate(PRESENTING)
    page.reload()
    page.wait_for_function(PRESENTING)
    switch.click()
    page.reload()
    switch.wait_for()
    assert not page.evaluate(PRESENTING)


def test_the_presenters_switch_works_where_storage_is_blocked(visit: Callable[..., Any], served: str) -> None:
    page = visit(served, first=BLOCKED, viewport={"width": 1920, "height": 1080})
    before = page.locator(LEGEND).first.evaluate("each => getComputedStyle(each).fontSize")
    page.get_by_role("button", name="Large type for a projector").click()
    page.get_by_role("link", name="Train").click()
    page.locator(".gc-home").wait_for(state="detached")  # the legend before is Home's
    page.locator(LEGEND).first.wait_for()
    after = page.locator(LEGEND).first.evaluate("each => getComputedStyle(each).fontSize")
    assert (before, after) == ("12px", "18px")


# Nothing leaves the machine

LINKS = """() => [...document.querySelectorAll("a[href]")].map(each => [each.href, `${each.innerText} ${each.title} ${each.ariaLabel ?? ""}`])"""


# Presses one control after the other, also those that appear meanwhile, until none is left or the page has been left.
# Start and what resumes a training are left out: their requests are the live pages' own tests.
PRESS_ALL = """async () => {
  const pressed = {}, path = location.pathname, leads = /(Train them|Explore|Verdict|Watch)$/;
  const name = each => each.getAttribute("aria-label") || each.dataset.title || each.innerText.trim() || each.title || each.type || each.tagName;
  const controls = () => [...document.querySelectorAll("button, summary, input[type=checkbox], [role=button]")];
  const next = () => {
    const counted = {}, leadOn = each => leads.test(name(each));
    for (const each of controls().sort((a, b) => leadOn(a) - leadOn(b))) { // those that lead to another page last
      const called = name(each), key = `${called} ${(counted[called] = (counted[called] ?? 0) + 1)}`;
      if (pressed[key] || each.disabled || /^(Start|play_arrow|Resume)/.test(called) || !each.checkVisibility()) continue;
      pressed[key] = true;
      return each;
    }
  };
  for (let each = next(); each && location.pathname === path; each = next()) {
    each.click();
    await new Promise(done => setTimeout(done, 25));
  }
  return Object.keys(pressed);
}"""


LOCAL = {"localhost", "127.0.0.1"}


def test_a_link_that_leads_elsewhere_says_so(page: Any) -> None:
    for href, words in page.evaluate(LINKS):
        address = urlsplit(href)
        host = address.hostname or ""
        assert not address.scheme.startswith("http") or host in LOCAL or host in words, href


def test_no_control_asks_another_machine(page: Any, path: str) -> None:
    resize(page, 1440)
    if path == "runs":  # all of them, so that their curves are overlaid
        page.locator(".dvn-scroller").first.click(position={"x": 16, "y": 16})
        page.locator(".js-plotly-plot").first.wait_for()
    names = page.evaluate(PRESS_ALL)
    page.wait_for_timeout(500)  # what the last one asks for
    assert page.hosts <= LOCAL
    assert len(names) > (0 if path == "learn" else 2)  # whose cards are links
    if path in ("", "train"):
        assert any("Download plot" in name for name in names), names
