"""A vote in a real browser: a teacher and two students, three browsers; a reload, a second try, a close, a reveal; phones."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.still

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
WIDTH = "() => document.querySelector('[data-testid=stMain]').scrollWidth"
MOST = re.compile("fooled most people|Nobody was fooled")
SECRETS = "() => document.body.innerHTML.match(/paper-gan|paper-vae|\\bGAN\\b|\\bVAE\\b/g)"


@pytest.fixture(scope="module")
def address(served: str) -> str:
    return served


def open_round(teacher: Any, button: str = "Open a round") -> str:
    """Of 8 questions; its address."""
    for _ in range(2):  # from 16, by fours
        teacher.get_by_role("slider").press("ArrowLeft")
    teacher.locator("[data-testid=stSliderThumbValue]", has_text="8").wait_for()
    teacher.wait_for_timeout(500)  # for the page to know
    teacher.get_by_role("button", name=button).click()
    awaited = "Close the round" if button == "Open a round" else "Show what it is"
    teacher.get_by_role("button", name=awaited).wait_for()
    return str(teacher.url)


def place(page: Any) -> str:
    """As "3 of 16"."""
    return str(page.locator(".gc-progress span").inner_text())


def answer(page: Any, choice: int) -> None:
    """One question; waits for what comes after it."""
    before = place(page)
    page.locator(".gc-ask button:enabled").nth(choice).click()
    page.wait_for_function("before => document.querySelector('.gc-progress span')?.textContent !== before", arg=before)


def answer_all(page: Any) -> None:
    while page.locator(".gc-ask").count():
        answer(page, 0)
    page.get_by_role("heading", name="Thanks, you are done").wait_for()


def test_a_class_votes(visit: Callable[..., Any], address: str) -> None:
    teacher = visit(f"{address}/vote")
    url = open_round(teacher)
    code = url.partition("round=")[2]
    assert teacher.locator(".gencmp-code").inner_text() == code

    first = visit(url, **PHONE)
    first.locator(".gc-ask").wait_for()
    assert first.evaluate(WIDTH) <= 390
    assert first.evaluate(SECRETS) is None
    grain = first.evaluate(
        "() => { const i = document.querySelector('.gc-one img'); return i.clientWidth * devicePixelRatio / i.naturalWidth }"
    )
    assert grain == 20  # 280 px: a pixel of the digit is 20 of the phone's
    for _ in range(2):
        answer(first, 0)
    assert place(first) == "3 of 8"
    first.reload()
    first.locator(".gc-ask").wait_for()
    assert place(first) == "3 of 8"

    second = visit(f"{address}/vote", **PHONE)  # by the code, not by the link
    second.get_by_label("Code").fill(code.lower())
    second.get_by_role("button", name="Join").click()
    second.locator(".gc-ask").wait_for()
    second.get_by_role("button", name="Generated").focus()
    second.keyboard.press("Enter")
    second.get_by_text("2 of 8").wait_for()
    teacher.get_by_text("3 of 16 answers").wait_for()

    answer_all(first)
    again = first.context.new_page()  # a second tab is the same voter
    again.goto(url)
    again.get_by_role("heading", name="Thanks, you are done").wait_for()
    again.close()
    assert first.locator(".gc-ask, .gc-rates").count() == 0
    teacher.get_by_text("1 finished · 9 of 16 answers").wait_for()
    assert teacher.locator(".gc-rates").count() == 0

    teacher.get_by_role("button", name="Close the round").click()
    second.get_by_role("heading", name="This round is closed").wait_for()
    assert second.evaluate(SECRETS) is None
    assert teacher.locator(".gc-rates").count() == 0
    teacher.get_by_role("button", name="Reveal the result").click()
    for page in (teacher, first, second):
        page.get_by_text("Digit 1 of 6").wait_for()
        assert page.locator(".gc-truth strong").first.inner_text().strip() == ""
    assert first.evaluate(WIDTH) <= 390
    teacher.keyboard.press("ArrowRight")
    for page in (teacher, first, second):
        page.locator(".gc-answer.gc-right").wait_for()
        whole = page.locator(".gc-answer strong").all_inner_texts()
        assert sum(int(share.removesuffix("\u00a0%")) for share in whole) == 100
    first.get_by_text("You said real.").wait_for()
    teacher.get_by_role("button", name="Next digit").click()
    first.get_by_text("Digit 2 of 6").wait_for()
    teacher.keyboard.press("PageUp")
    first.get_by_text("Digit 1 of 6").wait_for()
    for _ in range(11):
        teacher.keyboard.press("PageDown")
    for page in (teacher, first, second):
        page.get_by_role("heading", name=MOST).wait_for()
    teacher.get_by_role("button", name="Show the result").click()
    for page in (teacher, first, second):
        page.locator(".gc-rates").wait_for()
    assert "You judged" in first.locator(".gc-lead").inner_text()
    assert first.locator(".gc-own-row .gc-cell").count() == 6
    assert first.evaluate(WIDTH) <= 390
    with teacher.expect_download() as download:
        teacher.get_by_role("button", name="CSV").click()
    assert len(download.value.path().read_text().splitlines()) == 10

    teacher.get_by_role("button", name="Another round").click()
    teacher.get_by_role("button", name="Close the round").wait_for()
    first.get_by_role("button", name="Join the next round").click()
    first.get_by_text("1 of 8").wait_for()
    assert first.url == teacher.url != url


def test_all_voters_see_dark_ink_on_white_paper(
    visit: Callable[..., Any], address: str, wait_until: Callable[..., Any]
) -> None:
    url = open_round(visit(f"{address}/vote"))
    for theme in ("light", "dark"):
        student = visit(url, color_scheme=theme, **PHONE)
        student.locator(".gc-one img").wait_for()
        wait_until(lambda student=student: corner(student) == 255)  # Streamlit fades in what it has drawn


def corner(student: Any) -> Any:
    """The grey of an empty corner of the picture that a voter sees."""
    picture = Image.open(io.BytesIO(student.locator(".gc-one img").screenshot())).convert("L")
    return picture.getpixel((30, 30))


# of the words on the reveal's main button less that of its ground, in red, from 0 to 255; a mixed colour is from 0 to 1
CONTRAST = """async () => {
    const button = document.querySelector('.gc-on');
    await Promise.all(button.getAnimations().map(each => each.finished));
    const red = colour => Number(/[\\d.]+/.exec(colour.replace('srgb', ''))[0]) * (colour.startsWith('color(') ? 255 : 1);
    return red(getComputedStyle(button).color) - red(getComputedStyle(button).backgroundColor);
}"""


def test_the_teacher_comes_back_and_a_demo_needs_no_class(visit: Callable[..., Any], address: str) -> None:
    teacher = visit(f"{address}/vote")
    url = open_round(teacher, "Demo round")
    teacher.get_by_role("button", name="Show what it is").click()
    assert teacher.evaluate(CONTRAST) > 150  # pale words on ink, under the pointer
    teacher.get_by_role("button", name="Next digit").click()
    student = visit(url, color_scheme="dark", **PHONE)
    student.get_by_text("Digit 2 of 6").wait_for()
    teacher.reload()
    teacher.get_by_text("Digit 2 of 6").wait_for()  # where it was
    teacher.get_by_text("Demo: these voters are simulated, not people.").wait_for()
    teacher.get_by_role("button", name="Skip to the result").click()
    for page in (teacher, student):
        page.locator(".gc-rates").wait_for()
        page.get_by_text("Demo: these voters are simulated, not people.").wait_for()
    teacher.get_by_role("button", name="All rounds").click()
    teacher.get_by_role("button", name=f"{url[-4:]} · revealed · 30 simulated voters").wait_for()


def test_a_teacher_whose_browser_forgets_comes_back_by_the_host_link(visit: Callable[..., Any], address: str) -> None:
    url = open_round(visit(f"{address}/vote"))
    visit(url).get_by_role("button", name="Host this round").wait_for()  # offered on this computer alone
    teacher = visit(f"{address}/vote")
    teacher.get_by_text("Rounds opened in other browsers").click()
    teacher.get_by_role("button", name=f"{url[-4:]} · open").click()
    teacher.get_by_role("button", name="Host link").click()
    keyed = teacher.locator("[data-testid=stCode]", has_text="&host=").inner_text().strip()
    again = visit(keyed)
    again.get_by_role("button", name="Close the round").wait_for()
    again.wait_for_function("() => !location.search.includes('host')")
    assert again.url == url


def test_a_voter_is_told_when_the_round_is_deleted(visit: Callable[..., Any], address: str) -> None:
    teacher = visit(f"{address}/vote")
    url = open_round(teacher)
    student = visit(url, **PHONE)
    student.locator(".gc-ask").wait_for()
    teacher.get_by_role("button", name="All rounds").click()
    teacher.locator(f".st-key-vote-away-{url[-4:]} button").first.click()
    teacher.get_by_role("button", name=f"Delete {url[-4:]} permanently").click()
    student.get_by_role("heading", name="No such round").wait_for()


def test_who_follows_a_reveal_is_told_when_the_round_is_deleted(visit: Callable[..., Any], address: str) -> None:
    teacher = visit(f"{address}/vote")
    url = open_round(teacher, "Demo round")
    context = teacher.context.browser.new_context(**PHONE)  # not visit(): a deleted round is an error in the console
    student = context.new_page()
    student.goto(url)
    student.get_by_text("Digit 1 of 6").wait_for()
    teacher.get_by_role("button", name="All rounds").click()
    teacher.locator(f".st-key-vote-away-{url[-4:]} button").first.click()
    teacher.get_by_role("button", name=f"Delete {url[-4:]} permanently").click()
    student.get_by_role("heading", name="No such round").wait_for()
    context.close()


@pytest.mark.parametrize("path", ["vote", "vote?round=AAAA"])
def test_a_phone_shows_the_way_in_without_scrolling_sideways(
    visit: Callable[..., Any], address: str, path: str
) -> None:
    page = visit(f"{address}/{path}", viewport={"width": 360, "height": 740})
    page.get_by_role("button", name="Join").wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate(WIDTH) <= 360
