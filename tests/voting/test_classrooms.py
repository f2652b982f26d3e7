"""A class that goes through a lesson together: who is counted, what is still hidden, and what is closed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gencmp.errors import RoundClosed, RoundNotFound, VoteError
from gencmp.voting import classrooms
from gencmp.voting.classrooms import KEPT, Classroom, ClassroomStore, Count, Position

TEACHER, *PHONES = (letter * 32 for letter in "fabcde")


@pytest.fixture
def store(tmp_path: Path, clock: Any) -> ClassroomStore:
    return ClassroomStore(tmp_path / "classrooms.sqlite3", clock)


@pytest.fixture
def room(store: ClassroomStore) -> Classroom:
    return store.open(TEACHER, Position("balance"))


def test_each_browser_is_counted_once_and_may_change_its_mind(store: ClassroomStore, room: Classroom) -> None:
    for token in (*PHONES, PHONES[0], TEACHER):
        store.join(room.code, token)
    for token, answer in zip(PHONES, ("equal", "strong", "strong"), strict=False):
        store.predict(room.code, "balance", token, answer)
    store.predict(room.code, "balance", PHONES[0], "lenient")
    assert store.count(room.code, "balance") == Count(members=5, predicted=3)
    assert store.split(room.code, "balance") == {"lenient": 1, "strong": 2}
    assert store.prediction(room.code, "balance", PHONES[0]) == "lenient"
    assert store.prediction(room.code, "balance", PHONES[4]) == ""


def test_another_lesson_starts_from_nothing_with_the_same_phones(store: ClassroomStore, room: Classroom) -> None:
    store.join(room.code, PHONES[0])
    store.predict(room.code, "balance", PHONES[0], "equal")
    assert store.count(room.code, "rates") == Count(1, 0) and store.split(room.code, "rates") == {}


def test_nobody_predicts_what_they_know(store: ClassroomStore, room: Classroom) -> None:
    store.join(room.code, PHONES[0])
    store.predict(room.code, "balance", PHONES[0], "equal")
    assert store.outcome(room.code, "balance") is None
    store.reveal(room.code, "balance", "strong")
    with pytest.raises(RoundClosed, match="has been shown"):
        store.predict(room.code, "balance", PHONES[0], "strong")
    store.predict(room.code, "rates", PHONES[0], "fast")
    assert store.outcome(room.code, "balance") == "strong" and store.split(room.code, "balance") == {"equal": 1}


def test_who_has_not_joined_predicts_nothing(store: ClassroomStore, room: Classroom) -> None:
    store.join(room.code, TEACHER)
    for token in (PHONES[0], TEACHER):
        with pytest.raises(VoteError):
            store.predict(room.code, "balance", token, "equal")
    store.join(room.code, PHONES[0])
    with pytest.raises(VoteError, match="no prediction"):
        store.predict(room.code, "balance", PHONES[0], "x" * 10_000)
    assert store.count(room.code, "balance") == Count(1, 0)


def test_a_class_takes_so_many_phones_and_no_more(
    store: ClassroomStore, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classrooms, "MOST_VOTERS", 2)
    for token in PHONES:
        store.join(room.code, token)
    assert store.count(room.code, "balance").members == 2
    with pytest.raises(VoteError, match="as many as it takes"):
        store.predict(room.code, "balance", PHONES[4], "equal")


def test_a_browser_that_takes_over_leads_and_is_counted_no_more(store: ClassroomStore, room: Classroom) -> None:
    for token in PHONES[:2]:
        store.join(room.code, token)
        store.predict(room.code, "balance", token, "equal")
    store.take_over(room.code, PHONES[0])
    assert store.led_by(TEACHER) == [] and [each.code for each in store.led_by(PHONES[0])] == [room.code]
    assert store.count(room.code, "balance") == Count(1, 1)


def test_where_the_presenter_is_and_that_a_class_has_ended(store: ClassroomStore, room: Classroom) -> None:
    there = Position("balance", "run", 7, 4)
    store.turn_to(room.code, there)
    assert store.get(f" {room.code.lower()} ").position == there
    store.join(room.code, PHONES[0])
    store.predict(room.code, "balance", PHONES[0], "equal")
    store.end(room.code)
    store.end(room.code)
    for act in (
        lambda: store.get(room.code),
        lambda: store.turn_to(room.code, there),
        lambda: store.predict(room.code, "balance", PHONES[0], "equal"),
    ):
        with pytest.raises(RoundNotFound, match="ended"):
            act()
    assert store.split(room.code, "balance") == {}


def test_old_classes_are_deleted_with_the_next_one(store: ClassroomStore, room: Classroom, clock: Any) -> None:
    store.join(room.code, PHONES[0])
    store.predict(room.code, "balance", PHONES[0], "equal")
    clock.now += KEPT / 2
    newer = store.open(TEACHER, Position(""))
    assert store.get(room.code)
    clock.now += KEPT / 2 + 1
    last = store.open(TEACHER, Position(""))
    assert [each.code for each in store.led_by(TEACHER)] == [last.code, newer.code]
    assert store.split(room.code, "balance") == {}


@pytest.mark.parametrize("change", ["seed = 'x'", "created = 'never'", "lesson = x'00'", "runs = 1.5"])
def test_a_damaged_class_is_told_and_others_go_on(store: ClassroomStore, room: Classroom, change: str) -> None:
    whole = store.open(TEACHER, Position("layers"))
    with store.database.transaction() as db:
        db.execute(f"UPDATE classrooms SET {change} WHERE code = '{room.code}'")
    with pytest.raises(RoundNotFound, match="is damaged"):
        store.get(room.code)
    assert store.led_by(TEACHER) == [whole]
