"""A class on the Learn page without a browser: who leads, who follows, what is stored, and what phones ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import node
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.lessons.twelve import lesson_of
from gencmp.ui import catalog
from gencmp.ui.learn.together import predicting
from gencmp.ui.rights.visitor import Visitor
from gencmp.ui.routes.classroom import Answers
from gencmp.ui.server import routes
from gencmp.voting.classrooms import Classroom, ClassroomStore, Count, Position

TEACHER, PHONE, OTHER = "f" * 32, "a" * 32, "b" * 32


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassroomStore]:
    """The pages' own, and a store of runs that nobody trains."""
    for module in ("gencmp.ui.learn.running", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", lambda store: None)
    for opened in (catalog.open_catalog, catalog.open_classrooms):
        opened.cache_clear()
    yield catalog.open_classrooms()
    for opened in (catalog.open_catalog, catalog.open_classrooms):
        opened.cache_clear()


@pytest.fixture
def room(store: ClassroomStore) -> Classroom:
    return store.open(TEACHER, Position("balance"))


def page(token: str, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "learn.py"), default_timeout=30)
    at.session_state["voter"] = token
    for key, value in address.items():
        at.query_params[key] = value
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label == label).click()
    return run(at)


def labels(at: AppTest) -> list[str]:
    return [each.label for each in at.button]


def drawn(at: AppTest, part: str) -> dict[str, Any]:
    """The data of the component that has this part; empty if there is none."""
    found = (json.loads(component.proto.json) for component in at.get("bidi_component"))
    return next((each for each in found if part in each), {})


def test_the_teacher_opens_a_class_and_sees_who_has_predicted(store: ClassroomStore) -> None:
    at = press(page(TEACHER, lesson="balance"), "Ask the class")
    [room] = store.led_by(TEACHER)
    assert at.query_params["class"] in (room.code, [room.code])
    for token, answer in ((PHONE, "equal"), (OTHER, "")):
        store.join(room.code, token)
        if answer:
            store.predict(room.code, "balance", token, answer)
    counted = drawn(run(at), "members")
    assert (counted["members"], counted["predicted"]) == (2, 1) and "split" not in counted
    assert [key for key, _ in counted["options"]] == list(lesson_of("balance").predictions)
    press(at, "End the class")
    assert store.led_by(TEACHER) == [] and "class" not in at.query_params


def test_a_student_elsewhere_is_not_offered_to_open_one(store: ClassroomStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gencmp.ui.rights.session.visitor", lambda: Visitor("10.0.0.8", False, browser="b1"))
    monkeypatch.setattr("gencmp.ui.rights.session.get_script_run_ctx", lambda **_: object())
    assert "Ask the class" not in labels(page(PHONE, lesson="balance"))


def test_a_phone_shows_the_presenters_lesson_stage_and_runs(store: ClassroomStore, room: Classroom) -> None:
    at = page(PHONE, **{"class": room.code, "lesson": "latent", "stage": "reveal"})
    assert at.title[0].value == "A balance of two" and drawn(at, "sends")["given"] == ""
    assert {"Run it", "Ask the class"}.isdisjoint(labels(at))
    for variant in lesson_of("balance").variants:
        catalog.open_catalog().store.create(variant.config.replace(seed=7))
    store.turn_to(room.code, Position("balance", "run", 7, 4))
    assert len(drawn(run(at), "variants")["variants"]) == 4
    assert {"Stop", "What came of it"}.isdisjoint(labels(at)), "the teacher's buttons"
    store.turn_to(room.code, Position(""))
    assert run(at).title[0].value == "You are in"


def test_the_presenters_page_tells_where_it_is(store: ClassroomStore, room: Classroom) -> None:
    at = page(TEACHER, **{"class": room.code, "lesson": "rates", "stage": "run"})
    assert store.get(room.code).position == Position("rates", "run", 0, 0)
    press(at, "Run it")
    assert store.get(room.code).position == Position("rates", "run", 0, 3)
    page(TEACHER, **{"class": room.code})
    assert store.get(room.code).position.lesson == ""


def test_a_prediction_is_taken_until_the_reveal_which_shows_the_split(
    store: ClassroomStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = store.open(TEACHER, Position("shapes"))
    at = page(PHONE, **{"class": room.code})
    lesson = lesson_of("shapes")
    assert store.count(room.code, "shapes") == Count(1, 0)
    monkeypatch.setattr(predicting, "known_token", lambda: PHONE)
    for answer in ("GAN", "nonsense", None, 7, "VAE"):
        predicting.take(lesson, room.code, answer)
    assert store.split(room.code, "shapes") == {"VAE": 1}
    assert drawn(run(at), "sends")["given"] == "VAE"
    store.turn_to(room.code, Position("shapes", "reveal"))
    assert "split" not in drawn(run(at), "members"), "the presenter has not shown it yet"
    shown = drawn(page(TEACHER, **{"class": room.code, "lesson": "shapes", "stage": "reveal"}), "split")
    assert shown["split"] == {"VAE": 1} and shown["came"] == drawn(run(at), "split")["came"] == "GAN"
    predicting.take(lesson, room.code, "GAN")
    assert store.split(room.code, "shapes") == {"VAE": 1}, "too late"


def test_one_looks_around_comes_back_and_may_lead(store: ClassroomStore, room: Classroom) -> None:
    at = press(page(PHONE, **{"class": room.code}), "Look around by yourself")
    assert "Run it" in labels(at) and drawn(at, "asks").get("sends") is None
    store.turn_to(room.code, Position("rates"))
    assert run(at).title[0].value == "A balance of two"
    assert press(at, "Back to the class").title[0].value == "Keeping pace"
    press(press(at, "Look around by yourself"), "Lead this class")
    assert store.get(room.code).owner == PHONE and store.count(room.code, "rates").members == 0


def test_a_class_that_has_ended_or_never_was(store: ClassroomStore, room: Classroom) -> None:
    at = page(PHONE, **{"class": room.code})
    store.end(room.code)
    assert run(at).title[0].value == "This class has ended"
    assert press(at, "Go on by yourself").title[0].value == "A balance of two"
    assert page(PHONE, **{"class": "<b>"}).title[0].value == "No such class"


# What phones ask for


def test_sixty_phones_cost_one_look_at_the_store(
    store: ClassroomStore, room: Classroom, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    get = ClassroomStore.get
    monkeypatch.setattr(ClassroomStore, "get", lambda self, code: (looks.append(code), get(self, code))[1])
    plain, answers = ClassroomStore(store.database.path), Answers(clock)
    assert len({answers.of(plain, room.code) for _ in range(60)}) == 1 and len(looks) == 1
    plain.turn_to(room.code, Position("rates"))
    assert b"balance" in answers.of(plain, room.code)[0]
    clock.sleep(1)
    assert b"rates" in answers.of(plain, room.code)[0] and len(looks) == 2


def test_the_news_is_small_tells_no_split_and_is_not_sent_twice(store: ClassroomStore, room: Classroom) -> None:
    client = TestClient(Starlette(routes=routes()))
    store.join(room.code, PHONE)
    store.predict(room.code, "balance", PHONE, "equal")
    first = client.get(f"/gencmp/class/{room.code}")
    assert first.json() == {
        "lesson": "balance", "stage": "claim", "seed": 0, "runs": 0, "members": 1, "predicted": 1, "revealed": False,
    }  # fmt: skip
    again = client.get(f"/gencmp/class/{room.code}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/gencmp/class/XXXX").json() == {"ended": True}


SCRIPT = """
import { have, rows } from "./learn/together/classroom.js";
import { place } from "./learn/together/follow.js";
const news = { lesson: "balance", stage: "run", seed: 7, runs: 4, revealed: false };
const options = [["a", "A"], ["b", "B"], ["c", "C"]];
console.log(JSON.stringify({
  places: [place(news), place({ ended: true })],
  counts: [have(0, 0), have(1, 1), have(27, 23)],
  split: rows({ options, split: { a: 1, b: 2 }, came: "b" }),
  nobody: rows({ options, split: {}, came: "" }),
}));
"""


def test_the_scripts_say_the_same_as_the_page(store: ClassroomStore, room: Classroom, tmp_path: Path) -> None:
    found = json.loads(node(SCRIPT, tmp_path))
    store.turn_to(room.code, Position("balance", "run", 7, 4))
    assert found["places"] == [drawn(page(PHONE, **{"class": room.code}), "code")["known"], "ended"]
    assert found["counts"] == ["No phone has joined yet.", "1 of 1 has predicted", "23 of 27 have predicted"]
    assert found["split"] == [["a", "A", 1, 33, False], ["b", "B", 2, 67, True], ["c", "C", 0, 0, False]]
    assert [many for _, _, many, _, _ in found["nobody"]] == [0, 0, 0]


def test_who_may_not_start_runs_is_told_so_before_pressing(
    store: ClassroomStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.ui.learn.running.may_start", lambda: False)
    at = page(PHONE, lesson="balance", stage="run")
    assert "Run it" not in labels(at) and any("The teacher starts runs" in each.proto.body for each in at.get("html"))
    for variant in lesson_of("balance").variants:
        catalog.open_catalog().store.create(variant.config)
    assert labels(page(PHONE, lesson="balance", stage="run")) == []
