"""A class in real browsers: a presenter and two phones go through a lesson together; one looks around, and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.still

PHONE = {"viewport": {"width": 390, "height": 844}}
WIDTH = "() => document.querySelector('[data-testid=stMain]').scrollWidth"


def test_two_phones_follow_the_presenter_and_predict(visit: Callable[..., Any], served: str) -> None:
    elsewhere = served.replace("localhost", "class.localhost")
    teacher = visit(f"{served}/learn?lesson=shapes&presenter=1")
    teacher.get_by_role("button", name="Ask the class").click()
    teacher.get_by_text("No phone has joined yet.").wait_for()
    code = re.search("class=([A-Z0-9]{4})", teacher.url)
    assert code, teacher.url
    link = f"{elsewhere}/learn?class={code[1]}"

    first = visit(link, **PHONE)
    second = visit(f"{elsewhere}/learn", **PHONE)
    second.get_by_role("button", name="Join a class").click()
    second.get_by_label("Code").fill(code[1].lower())
    second.get_by_role("button", name="Join", exact=True).click()
    for phone in (first, second):
        phone.get_by_role("heading", name="Out of shape").wait_for()
        assert phone.get_by_role("button", name="Look", exact=True).count() == 0, "the teacher leads"
    first.get_by_role("radio", name="The GAN", exact=True).click()
    teacher.get_by_text("1 of 2 have predicted").wait_for()
    second.get_by_role("radio", name="The GAN", exact=True).click()
    teacher.get_by_text("2 of 2 have predicted").wait_for()
    second.get_by_role("radio", name="The VAE").click()
    second.get_by_text("Counted in your class").wait_for()
    assert first.evaluate(WIDTH) <= 390

    teacher.get_by_role("button", name="Look", exact=True).click()
    for phone in (first, second):
        phone.get_by_text("64 digits of each, sorted by").wait_for()
    second.get_by_role("button", name="Look around by yourself").click()
    second.get_by_role("link", name="All twelve").click()
    second.get_by_role("heading", name="Twelve claims, twelve experiments").wait_for()

    teacher.get_by_role("button", name="What came of it").click()
    teacher.get_by_text("What the class expected: 2 of 2 have predicted").wait_for()
    first.get_by_text("So it came.").or_(first.get_by_text("It came differently")).first.wait_for()
    first.get_by_text("1 (50 %)").first.wait_for()
    assert first.locator(".gc-came").inner_text().startswith("The GAN")
    assert first.evaluate(WIDTH) <= 390
    second.get_by_role("button", name="Back to the class").click()
    second.get_by_text("You predicted: The VAE. It came differently: The GAN.").wait_for()

    teacher.get_by_role("link", name="All twelve").click()
    first.get_by_text("Your teacher chooses the next lesson.").wait_for()
    teacher.locator("[class*=st-key-learn_card_positions] a").click()
    first.get_by_role("heading", name="Where is it?").wait_for()
    teacher.get_by_role("button", name="End the class").click()
    first.get_by_role("heading", name="This class has ended").wait_for()
    first.get_by_role("button", name="Go on by yourself").click()
    first.get_by_role("button", name="Run it", exact=True).wait_for()
