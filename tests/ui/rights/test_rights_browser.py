"""A class on a network: what a student's browser can do, and a teacher's after the PIN. A name of this computer that is not
"localhost" stands for another computer: to the server, both come from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import dashboard, sign_in, wait_for

from gencmp.runs.store import RunStore
from gencmp.ui.rights.sign_in import PIN

pytestmark = pytest.mark.still
SECRET = "2468024680"


@pytest.fixture(scope="module")
def classroom(browser: Any, served_home: Path) -> Iterator[str]:
    """The address that others open."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PIN, SECRET)
        with dashboard(served_home) as url:
            yield url.replace("localhost", "class.localhost")


def test_a_teacher_starts_after_the_pin_and_a_student_cannot(
    visit: Callable[..., Any], classroom: str, served_home: Path, stopped_after: None
) -> None:
    student, teacher = visit(f"{classroom}/train"), visit(f"{classroom}/train")
    student.get_by_text("Runs are started by the teacher").wait_for()
    assert student.get_by_role("button", name="Start").count() == 0
    sign_in(teacher, "1234")
    teacher.get_by_text("This is not the PIN").wait_for()
    teacher.get_by_label("PIN", exact=True).fill(SECRET)
    teacher.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    start = teacher.get_by_role("button", name=re.compile("Start$"))
    start.wait_for()
    wait_for(lambda: any(each["name"] == "gencmp_teacher" for each in teacher.context.cookies()), 30)
    teacher.goto(f"{classroom}/train?models=vae&preset=quick&epochs=1&limit=600")  # a reload asks for no PIN
    start.wait_for()
    start.click()
    store = RunStore(served_home)
    wait_for(lambda: store.queries.count() == 1, 60)
    [run] = store.queries.newest(1)
    student.goto(f"{classroom}/train?runs={run.id}")
    student.locator(".gc-card").first.wait_for()
    for name in ("Stop", "Pause", "Go on from an epoch", "Repeat with another seed"):
        assert student.get_by_role("button", name=name).count() == 0, name


def test_the_class_is_let_train_and_a_student_stops_their_own(
    visit: Callable[..., Any], classroom: str, served_home: Path, stopped_after: None
) -> None:
    teacher, student = (
        visit(f"{classroom}/train"),
        visit(f"{classroom}/train?models=vae&preset=quick&epochs=3&limit=60000"),
    )
    sign_in(teacher, SECRET)
    teacher.get_by_role("button", name="What the class may do").click()
    teacher.get_by_text("Students may train").click()
    store = RunStore(served_home)
    wait_for(lambda: '"may_train": true' in store.queries.setting("class", ""), 30)
    before = store.queries.count()
    student.reload()
    student.get_by_role("button", name=re.compile("Start$")).click()
    wait_for(lambda: store.queries.count() == before + 1, 60)
    [run] = store.queries.newest(1)
    student.get_by_role("button", name="Stop").click()
    wait_for(lambda: not store.queries.get(run.id).is_open, 60)
    assert student.get_by_role("button", name="Resume").count() == 0


def test_a_student_joins_a_vote_and_opens_none(visit: Callable[..., Any], classroom: str) -> None:
    student = visit(f"{classroom}/vote")
    student.get_by_text("Rounds are opened by the teacher").wait_for()
    assert student.get_by_role("button", name="Open a round").count() == 0


def test_at_the_own_computer_nobody_is_asked_for_anything(visit: Callable[..., Any], classroom: str) -> None:
    page = visit(f"{classroom.replace('class.', '')}/train")
    page.get_by_role("button", name=re.compile("Start$")).wait_for()
    assert page.locator(".st-key-rights").count() == 0
