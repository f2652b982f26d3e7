"""The page for teachers: its plan fits the lessons, and its figures are those that the lessons show."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.graphics.words import unexplained
from gencmp.lessons.effects import EFFECTS
from gencmp.lessons.shipped import shipped_finding
from gencmp.lessons.twelve import LESSONS, lesson_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.learn.teaching import PLACE

TEXT = PLACE.read_text("utf-8")
WORDS = " ".join(TEXT.split())
PLAN = re.findall(r"^\| (\d+) \| (.+?) \|", TEXT, re.MULTILINE)


def test_the_plan_takes_fifty_minutes_and_gives_each_lesson_its_time() -> None:
    assert sum(int(minutes) for minutes, _ in PLAN) == 50
    named = {
        int(found[1]): (found[2], int(minutes))
        for minutes, what in PLAN
        if (found := re.match(r'Lesson (\d+), "(.+?)"', what))
    }
    assert named
    for number, (title, minutes) in named.items():
        [lesson] = [each for each in LESSONS.values() if each.number == number]
        assert lesson.title == title and minutes >= 2 * lesson.minutes


@pytest.mark.parametrize("key", ["images", "shapes", "loss"])
def test_what_to_expect_is_what_the_lesson_shows(key: str) -> None:
    lesson = lesson_of(key)
    finding = shipped_finding(lesson, open_catalog())
    assert finding and f"* Lesson {lesson.number}: {unexplained(finding.sentence)}" in WORDS


def test_what_is_certain_of_the_runs_is_what_the_check_asserts() -> None:
    assert EFFECTS["balance"].words in WORDS
    figures = set(re.findall(r"\d+\.\d+", WORDS)) - {"0.0.0", "0.0"}
    shown = " ".join(
        finding.sentence for each in LESSONS.values() if (finding := shipped_finding(each, open_catalog()))
    )
    assert figures <= set(re.findall(r"\d+\.\d+", shown)), "a figure that nothing measures"


def test_the_page_shows_the_same_text() -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "learn.py"), default_timeout=30)
    at.query_params["show"] = "teaching"
    at.run()
    assert not at.exception and TEXT.strip() in [each.value.strip() for each in at.markdown]
