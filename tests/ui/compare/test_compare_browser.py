"""Compare in a real browser: orders, epochs, the cursor, the address, a download, and a panel that works without a server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import dashboard

from gencmp.cli.main import main
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

pytestmark = pytest.mark.still

SHOWN = "wanted => [...document.querySelectorAll('.gm-sheet')].map(c => c.dataset.shown ?? '').join() === wanted"
PIXELS = "() => document.querySelector('.gm-sheet').toDataURL()"
TWO = "paper-gan@50,paper-vae@51"


@pytest.fixture(scope="module")
def house(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, RunStore]]:
    """A dashboard's address, and its store."""
    home = tmp_path_factory.mktemp("home")
    with dashboard(home) as url:
        yield url, RunStore(home)


@pytest.fixture(scope="module")
def address(house: tuple[str, RunStore]) -> str:
    return house[0] + "/compare"


def until(page: Any, script: Any, argument: Any = None, seconds: int = 40) -> None:
    page.wait_for_function(script, arg=argument, timeout=seconds * 1000)


def test_orders_epochs_and_the_address_that_gives_them_back(visit: Callable[..., Any], address: str) -> None:
    page = visit(address)
    until(page, SHOWN, TWO)
    seed = page.evaluate(PIXELS)
    page.get_by_role("radio", name="By D", exact=True).click()
    until(page, f"before => ({PIXELS})() !== before", seed)
    page.get_by_role("radio", name="By digit").click()
    until(page, "() => document.querySelectorAll('.gm-counts span').length === 20")
    page.get_by_label("Epoch of column 1").select_option("31")
    until(page, SHOWN, "paper-gan@31,paper-vae@51")
    page.get_by_role("button", name="+ column").click()
    until(page, SHOWN, "paper-gan@31,paper-vae@51,real@0")
    page.wait_for_url("**columns=paper-gan@31,paper-vae@51,real**order=digit**")
    page.wait_for_timeout(300)
    digits, url = page.evaluate(PIXELS), page.url
    again = visit(url)
    until(again, SHOWN, "paper-gan@31,paper-vae@51,real@0")
    assert again.evaluate(PIXELS) == digits and again.url == url


def test_one_clock_and_one_cursor_for_both(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}?columns={TWO}")
    until(page, "() => document.querySelectorAll('.gm-chart[data-drawn]').length === 2")
    page.locator(".gm-chart").first.hover(position={"x": 220, "y": 110})
    until(page, "() => [...document.querySelectorAll('.gm-chart')].every(c => c.querySelector('.hoverlayer .legend'))")
    page.get_by_label("Epoch of all models").fill("5")
    until(page, SHOWN, "paper-gan@5,paper-vae@5")
    assert (
        page.evaluate(
            "() => new Set([...document.querySelectorAll('.gm-chart')].map(c => c.layout.xaxis.range[1])).size"
        )
        == 1
    )


def test_a_picture_tells_its_nearest_training_digit_to_a_pointer_and_to_keys(
    visit: Callable[..., Any], address: str
) -> None:
    page = visit(f"{address}?columns={TWO}&order=confidence")
    until(page, SHOWN, TWO)
    page.locator(".gm-sheet").first.hover(position={"x": 100, "y": 100})
    page.locator(".gm-near", has_text="distance").wait_for(timeout=40_000)
    assert re.search(r"Judge: an? \d, .* confident\. D\(x\) = ", page.locator(".gm-near").inner_text())
    page.mouse.move(5, 5)
    page.locator(".gm-near").wait_for(state="detached")
    page.locator(".gm-sheet").nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.locator(".gm-near").wait_for()


def test_every_row_of_an_evolution_tells_its_nearest(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}?columns={TWO}&view=evolution")
    until(page, SHOWN, TWO)
    until(page, "() => document.querySelectorAll('.gm-epochs span').length > 15")
    page.locator(".gm-sheet").first.hover(position={"x": 70, "y": 20})
    near = page.locator(".gm-near", has_text="distance")
    near.wait_for(timeout=40_000)
    words = near.inner_text()
    assert "picture 2" in words and re.search(r"After epoch 1\. Judge: an? \d", words)


def test_a_divider_is_dragged_and_stays_and_both_sides_tell(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}?columns={TWO}&view=swipe&order=digit")
    until(page, SHOWN, TWO)
    divider = page.get_by_role("slider", name="Divider between the two pictures")
    box = divider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 50)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] - 9, box["y"] + 20)
    page.locator(".gm-here.gc-vae").wait_for()
    assert divider.get_attribute("aria-valuenow") == "25"
    page.mouse.move(box["x"] + 9, box["y"] + 20)
    page.locator(".gm-here.gc-gan").wait_for()
    divider.focus()
    page.keyboard.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "27"


def test_a_swipe_is_downloaded_as_it_is_seen(visit: Callable[..., Any], address: str, tmp_path: Path) -> None:
    page = visit(f"{address}?columns={TWO}&view=swipe&at=37.5")
    until(page, SHOWN, TWO)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="HTML", exact=True).click()
    waiting.value.save_as(tmp_path / "page.html")
    out = tmp_path / "cli.html"
    assert main(["panel", *TWO.split(","), "--view", "swipe", "--at", "37.5", "--out", str(out)]) == 0
    assert (tmp_path / "page.html").read_bytes() == out.read_bytes()
    offline = visit(out.as_uri(), offline=True)
    divider = offline.get_by_role("slider", name="Divider between the two pictures")
    assert divider.get_attribute("aria-valuenow") == "38"
    before = offline.locator("svg").screenshot()
    box = offline.locator("#swipe image").first.bounding_box()
    offline.mouse.move(box["x"] + 20, box["y"] + 40)
    offline.mouse.down()
    offline.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 60)
    offline.mouse.up()
    assert divider.get_attribute("aria-valuenow") == "80" and offline.locator("svg").screenshot() != before


def test_new_epochs_appear_and_the_latest_is_followed(
    visit: Callable[..., Any], house: tuple[str, RunStore], pictured: Callable[..., None]
) -> None:
    url, store = house
    samples = Catalog(store).find("paper-vae").folder.read_arrays(3)
    run = store.create(VaeConfig(), name=f"still at it {store.queries.count()}")  # a second try has another
    pictured(store, run, 1, samples)
    page = visit(f"{url}/compare?columns={run.id},{run.id}@1")
    until(page, SHOWN, f"{run.id}@1,{run.id}@1")
    pictured(store, run, 2, samples)
    until(page, SHOWN, f"{run.id}@2,{run.id}@1")
    assert page.get_by_label("Epoch of column 2").locator("option").all_inner_texts() == [
        "latest, 2",
        "epoch 1",
        "epoch 2",
    ]
    assert f"columns={run.id}@2,{run.id}@1" in page.get_by_role("link", name="PNG", exact=True).get_attribute("href")
    store.set_state(run.id, "finished")


def test_a_run_that_came_later_is_in_the_list_when_it_is_opened(
    visit: Callable[..., Any], house: tuple[str, RunStore], pictured: Callable[..., None]
) -> None:
    url, store = house
    samples = Catalog(store).find("paper-vae").folder.read_arrays(3)
    page = visit(f"{url}/compare?columns={TWO}")
    until(page, SHOWN, TWO)
    run = store.create(VaeConfig(), name=f"came later {store.queries.count()}")
    pictured(store, run, 1, samples)
    store.set_state(run.id, "finished")
    column = page.get_by_label("Column 1", exact=True)
    column.focus()
    column.locator("option", has_text=run.name).wait_for(state="attached")
    column.select_option(label=run.name)
    until(page, SHOWN, f"{run.id}@1,paper-vae@51")


def test_a_run_that_was_deleted_meanwhile_is_a_sentence_with_a_way_out(
    browser: Any, house: tuple[str, RunStore], pictured: Callable[..., None]
) -> None:
    url, store = house
    run = store.create(VaeConfig(), name="soon gone")
    pictured(store, run, 1, Catalog(store).find("paper-vae").folder.read_arrays(3))
    page = browser.new_page()
    page.goto(f"{url}/compare?columns={run.id},paper-vae@51")
    until(page, SHOWN, f"{run.id}@1,paper-vae@51")
    store.delete(run.id)
    page.get_by_label("Epoch of column 2").select_option("31")
    page.get_by_text("There is no run or shipped model").wait_for()
    page.get_by_role("button", name="Show the default columns").click()
    until(page, SHOWN, TWO)
    page.close()


def test_letters_that_the_server_lacks_are_told(visit: Callable[..., Any], address: str) -> None:
    page = visit(f"{address}?columns={TWO}")
    until(page, SHOWN, TWO)
    page.get_by_label("Title").fill("Größe ελ \U0010fff0")
    page.get_by_text("PNG and PDF leave them out").wait_for()
    page.get_by_label("Title").fill("Größe ελ")
    page.get_by_text("PNG and PDF leave them out").wait_for(state="detached")


def test_a_download_is_the_command_lines_file_and_reruns_nothing(
    visit: Callable[..., Any], address: str, tmp_path: Path
) -> None:
    page = visit(f"{address}?columns={TWO}&order=digit")
    until(page, SHOWN, TWO)
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.get_by_label("Title").fill("Ours & theirs")
    page.wait_for_url("**title=**")
    page.reload()
    until(page, SHOWN, TWO)
    assert page.get_by_label("Title").input_value() == "Ours & theirs"
    page.wait_for_timeout(500)
    sent.clear()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="PNG", exact=True).click()
    waiting.value.save_as(tmp_path / "page.png")
    out = str(tmp_path / "cli.png")
    assert main(["panel", *TWO.split(","), "--order", "digit", "--title", "Ours & theirs", "--out", out]) == 0
    assert (tmp_path / "page.png").read_bytes() == (tmp_path / "cli.png").read_bytes()
    assert sent == []


def test_a_panel_works_without_a_server(visit: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "panel.html"
    assert main(["panel", *TWO.split(","), "--out", str(out)]) == 0
    page = visit(out.as_uri(), offline=True)
    until(page, "() => document.querySelectorAll('.plane').length === 2")
    face = "i => document.querySelectorAll('.face')[i].toDataURL()"
    before = [page.evaluate(face, i) for i in range(2)]
    for i in range(2):
        page.locator(".plane").nth(i).scroll_into_view_if_needed()
        box = page.locator(".plane").nth(i).bounding_box()
        page.mouse.move(box["x"] + 196, box["y"] + 196)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 60)
        page.mouse.up()
    assert all(page.evaluate(face, i) != before[i] for i in range(2))
    assert (
        "z = (+1.5" in page.locator("figure").nth(1).inner_text()
        or "z = (+1.6" in page.locator("figure").nth(1).inner_text()
    )


def test_a_wrong_address_is_a_sentence_with_a_way_out(visit: Callable[..., Any], browser: Any, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}?columns=nobody,real")
    page.get_by_text("There is no run or shipped model 'nobody'").wait_for()
    page.get_by_role("button", name="Show the default columns").click()
    until(page, SHOWN, TWO)
    page.close()


@pytest.mark.parametrize("query", ["", "?columns=paper-gan@50,real&order=digit", "?view=evolution", "?view=swipe"])
def test_a_phone_never_scrolls_sideways(visit: Callable[..., Any], address: str, query: str) -> None:
    page = visit(address + query, viewport={"width": 390, "height": 844}, color_scheme="dark")
    until(page, "() => document.querySelector('.gm-sheet[data-shown]')")
    page.wait_for_timeout(700)
    assert page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
