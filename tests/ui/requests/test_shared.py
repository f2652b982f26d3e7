"""Answers that a class shares: computed once for all, anew as soon as the store has changed, and never another person's."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from conftest import Clock
from starlette.responses import JSONResponse, Response
from starlette.testclient import TestClient

from gencmp.database import Database
from gencmp.errors import StoreError
from gencmp.picture_arrays import load_arrays
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.requests.shared import AT_MOST, LARGEST, LONGEST, Shared, shared
from gencmp.ui.rights import guard
from gencmp.ui.rights.rules import OWNER, Rights
from gencmp.ui.rights.visitor import Visitor
from gencmp.ui.routes import runs


def counting(count: list[int], status: int = 200) -> Callable[[], Response]:
    def compute() -> Response:
        count.append(1)
        return JSONResponse({"number": len(count)}, status)

    return compute


def test_who_asks_at_the_same_moment_shares_one_computation() -> None:
    answers, count, free = Shared(), list[int](), Event()

    def slow() -> Response:
        free.wait(30)
        return counting(count)()

    async def ask() -> list[bytes]:
        asked = [asyncio.create_task(answers.answer("q", 1, slow)) for _ in range(60)]
        await asyncio.sleep(0.05)
        asked[0].cancel()  # hangs up
        free.set()
        return [bytes((await each).answer.body) for each in asked[1:]]

    assert asyncio.run(ask()) == [b'{"number":1}'] * 59
    assert len(count) == 1 and not answers._asked


def test_an_answer_holds_for_its_revision_and_for_a_second(clock: Clock) -> None:
    answers, count = Shared(clock), list[int]()

    def ask(question: str, revision: int) -> int:
        found = asyncio.run(answers.answer(question, revision, counting(count)))
        return int(json.loads(bytes(found.answer.body))["number"])

    assert [ask("q", 1), ask("q", 1), ask("other", 1), ask("q", 2), ask("q", 2)] == [1, 1, 2, 3, 3]
    clock.now += LONGEST + 0.1
    assert ask("q", 2) == 4


def test_errors_and_long_answers_are_not_kept_and_old_ones_go() -> None:
    answers, count = Shared(), list[int]()
    for _ in range(3):
        found = asyncio.run(answers.answer("q", 1, counting(count, 404)))
        assert found.sent(is_packed=True).status_code == 404
    assert len(count) == 3 and not answers._kept
    found = asyncio.run(answers.answer("q", 1, lambda: Response(bytes(LARGEST + 1))))
    assert len(found.sent(is_packed=False).body) == LARGEST + 1 and not answers._kept

    async def ask_much() -> None:
        for number in range(AT_MOST + 50):
            await answers.answer(number, 1, counting(count))

    asyncio.run(ask_much())
    assert len(answers._kept) == AT_MOST and 0 not in answers._kept


def test_an_exception_reaches_all_who_ask_and_the_next_try_is_a_new_one() -> None:
    answers = Shared()

    def fail() -> Response:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            asyncio.run(answers.answer("q", 1, fail))
    assert not answers._asked


def test_each_asker_has_a_copy_compressed_for_those_who_take_it() -> None:
    found = asyncio.run(Shared().answer("q", 1, counting([])))
    plain, packed = found.sent(is_packed=False), found.sent(is_packed=True)
    plain.headers["X-Mine"] = "1"
    assert "X-Mine" not in packed.headers and "X-Mine" not in found.sent(is_packed=False).headers
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) == len(packed.body) and int(plain.headers["content-length"]) == 12


def test_the_revision_changes_with_every_commit_of_anybody(tmp_path: Path) -> None:
    database = Database(tmp_path / "d.sqlite3", "CREATE TABLE t (n)", "numbers")
    first = database.revision()
    assert database.revision() == first
    with database.transaction() as db:
        db.execute("INSERT INTO t VALUES (1)")
    own = database.revision()
    assert own != first == first and database.revision() == own
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("INSERT INTO t VALUES (2)")
        other.commit()
    assert database.revision() not in (first, own)


def test_a_revision_that_cannot_be_read_is_always_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = Database(tmp_path / "d.sqlite3", "CREATE TABLE t (n)", "numbers")

    def refuse(*given: object, **named: object) -> object:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    assert database.revision() != database.revision()


# Through the routes


def test_news_of_sixty_viewers_are_read_once_until_something_is_written(
    client: TestClient, store: RunStore, trained: Callable[..., Run], vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_clock", lambda: 0.0)  # no second passes
    run, count = trained(vae), list[str]()
    facts_of = runs.run_facts
    monkeypatch.setattr(runs, "run_facts", lambda run: count.append(run.id) or facts_of(run))
    address = f"/gencmp/news/{run.id}?step=1&epoch=1"
    first = [client.get(address).json() for _ in range(60)]
    assert all(each == first[0] for each in first) and len(count) == 1
    assert client.get(address.replace("step=1", "step=2")).json() != first[0]
    store.rename(run.id, "Another name")
    assert client.get(address).json()["run"]["name"] == "Another name"


def test_pictures_and_the_plane_are_read_once_too(
    client: TestClient, trained: Callable[..., Run], vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "_clock", lambda: 0.0)
    run, count = trained(vae), list[str]()
    monkeypatch.setattr(runs, "load_arrays", lambda content: count.append("read") or load_arrays(content))
    for path in (f"plane/{run.id}/2", f"preview/{run.id}/1/plane", f"preview/{run.id}/1/samples.png"):
        of_all = [client.get(f"/gencmp/{path}") for _ in range(10)]
        assert len({each.content for each in of_all}) == 1 and of_all[0].status_code == 200
        assert ("content-encoding" in of_all[0].headers) == ("plane" in path)
        assert count == ["read"]
        count.clear()


def test_a_store_that_cannot_be_opened_is_a_sentence(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> object:
        raise StoreError("The store is damaged.")

    monkeypatch.setattr("gencmp.ui.routes.answers.open_catalog", refuse)
    answer = client.get("/gencmp/news/paper-vae")
    assert (answer.status_code, answer.json()) == (404, {"error": "The store is damaged."})


def test_what_the_teacher_is_told_is_not_told_to_others(
    client: TestClient, store: RunStore, gan: GanConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(gan.replace(dataset="/home/ada/pictures"))
    store.set_state(run.id, "failed", reason="There is no folder /home/ada/pictures.")
    address = f"/gencmp/news/{run.id}"
    reasons = []
    for who in (OWNER, Rights(Visitor("10.0.0.9", is_here=False), is_teacher=False)):
        monkeypatch.setattr(guard, "_of_page", [lambda who=who: who])
        reasons.append(client.get(address).json()["run"]["reason"])
    assert "/home/ada/pictures" in reasons[0] and "/home/ada/pictures" not in reasons[1]
