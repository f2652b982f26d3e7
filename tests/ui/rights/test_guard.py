"""The doors: each public method of the stores asks, or is known to be everybody's; a new one makes a test fail."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gencmp.errors import NotAllowed
from gencmp.files import ROOT
from gencmp.runs.catalog import StoredRun
from gencmp.runs.forks.fork import fork
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.rights import guard
from gencmp.ui.rights.guard import guard_classrooms, guard_runs, guard_votes, of_request
from gencmp.ui.rights.rules import OWNER, ClassRules, Rights
from gencmp.ui.rights.visitor import Visitor
from gencmp.voting.classrooms import ClassroomStore, Position
from gencmp.voting.store import Models, VoteStore

STUDENT = Rights(Visitor("10.0.0.8", False, browser="b1"), False, "a" * 32)
OTHER = Rights(Visitor("10.0.0.9", False, browser="b2"), False, "b" * 32)

# What everybody may do
READS = {
    "refuse_name",
    "get",
    "all",
    "hosted",
    "is_host",
    "questions",
    "answers",
    "turnout",
    "votes",
    "of",
    "is_waiting",
    "newest",
    "pictures",
    "led_by",
    "count",
    "prediction",
    "outcome",
    "split",
}
VOTES = {"join", "vote", "vote_all", "use_link", "predict"}


@pytest.fixture
def guarded(store: RunStore) -> RunStore:
    return guard_runs(store)


@pytest.fixture
def votes(tmp_path: Path) -> VoteStore:
    return guard_votes(VoteStore(tmp_path / "votes.sqlite3"))


@pytest.fixture
def as_student() -> Iterator[None]:
    token = of_request.set(STUDENT)
    yield
    of_request.reset(token)


@pytest.fixture
def classrooms(tmp_path: Path) -> ClassroomStore:
    return guard_classrooms(ClassroomStore(tmp_path / "classrooms.sqlite3"))


def methods(found: object) -> Iterator[tuple[str, Any]]:
    for name in dir(type(found)):
        if not name.startswith("_") and callable(getattr(type(found), name)):
            yield name, getattr(found, name)


def asks(method: Any) -> bool:
    return getattr(method, "__name__", "") != "" and getattr(method, "__wrapped__", None) is not None


def test_every_method_of_the_stores_asks_or_is_everybodys(
    guarded: RunStore, votes: VoteStore, classrooms: ClassroomStore
) -> None:
    for store in (guarded, guarded.evaluations, guarded.moments, votes, classrooms):
        open_to_all = {name for name, method in methods(store) if not asks(method)}
        assert open_to_all <= READS | VOTES, f"{type(store).__name__}: who may do this?"
        assert {name for name, _ in methods(store)} - open_to_all, "nothing is guarded"


CALLS: dict[str, Callable[[RunStore, Run], Any]] = {
    "create": lambda store, run: store.create(VaeConfig(epochs=1)),
    "pause": lambda store, run: store.command(run.id, "pause"),
    "stop": lambda store, run: store.command(run.id, "stop"),
    "change": lambda store, run: store.change(run.id, {}),
    "step": lambda store, run: store.step(run.id),
    "slow": lambda store, run: store.slow(run.id, 2),
    "requeue": lambda store, run: store.requeue(run.id),
    "extend": lambda store, run: store.extend(run.id, 9),
    "accept_data": lambda store, run: store.accept_data(run.id, "x"),
    "rename": lambda store, run: store.rename(run.id, "mine"),
    "delete": lambda store, run: store.delete(run.id),
    "set_setting": lambda store, run: store.set_setting("class", "{}"),
    "evaluate": lambda store, run: store.evaluations.add([(run.id, 1)], 100),
    "stop evaluating": lambda store, run: store.evaluations.stop(1),
    "set_state": lambda store, run: store.set_state(run.id, "finished"),
    "claim": lambda store, run: store.claim(),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_student_is_refused_and_nothing_happens(guarded: RunStore, vae: VaeConfig, call: Any) -> None:
    run = guarded.create(vae)
    before = guarded.queries.get(run.id), guarded.queries.count()
    token = of_request.set(STUDENT)
    with pytest.raises(NotAllowed, match="Only the teacher may"):
        call(guarded, run)
    of_request.reset(token)
    assert (guarded.queries.get(run.id), guarded.queries.count()) == before


def test_students_train_stop_their_own_and_nobody_elses(guarded: RunStore) -> None:
    guarded.set_setting(guard.RULES, ClassRules(may_train=True, runs=1).to_json())
    teachers = guarded.create(GanConfig(epochs=1))
    token = of_request.set(STUDENT)
    mine = guarded.create(VaeConfig(epochs=2))
    with pytest.raises(NotAllowed, match="1 of 1 runs"):
        guarded.create(VaeConfig(epochs=2))
    with pytest.raises(NotAllowed):
        guarded.command(teachers.id, "stop")
    of_request.set(OTHER)
    theirs = guarded.create(VaeConfig(epochs=2))
    with pytest.raises(NotAllowed):
        guarded.command(mine.id, "stop")
    assert (mine.name, theirs.name) == ("VAE student 1", "VAE student 2")
    of_request.set(STUDENT)
    guarded.command(mine.id, "stop")
    assert guarded.queries.get(mine.id).state == "stopped" and guarded.queries.get(theirs.id).state == "queued"
    of_request.reset(token)
    guarded.delete(theirs.id)
    assert guard.students_runs(guarded) == {mine.id: "b1"}


def test_a_student_brings_in_no_folder_not_even_by_a_fork(
    guarded: RunStore, trained: Callable[..., Run], vae: VaeConfig, as_student: None
) -> None:
    token = of_request.set(OWNER)
    guarded.set_setting(guard.RULES, ClassRules(may_train=True).to_json())
    of_request.reset(token)
    with pytest.raises(NotAllowed, match="own pictures"):
        guarded.create(VaeConfig(epochs=1, dataset="/etc"), origin={"run": "x"})


def test_a_fork_is_made_through_the_same_door(guarded: RunStore, trained: Callable[..., Run], vae: VaeConfig) -> None:
    run = trained(vae)
    token = of_request.set(STUDENT)
    with pytest.raises(NotAllowed):
        fork(guarded, StoredRun(guarded, run), {}, 1)
    of_request.reset(token)


# Votes


def test_a_round_is_led_by_its_hosts_and_the_teacher(votes: VoteStore, as_student: None) -> None:
    with pytest.raises(NotAllowed, match="open a vote"):
        votes.open("a" * 32, _models(), [], 1)
    token = of_request.set(OWNER)
    the_round = votes.open("c" * 32, _models(), [], 1)
    of_request.reset(token)
    for act in (votes.close, votes.reveal, votes.finish, votes.delete, votes.revoke_links):
        with pytest.raises(NotAllowed):
            act(the_round.code)
    with pytest.raises(NotAllowed):
        votes.add_host(the_round.code, "a" * 32)
    assert not votes.use_link(the_round.code, "a" * 32, "x") and votes.use_link(
        the_round.code, "a" * 32, the_round.host_key
    )
    votes.close(the_round.code)
    assert votes.get(the_round.code).state == "closed"


def test_a_revoked_host_link_hosts_nothing_any_more(votes: VoteStore) -> None:
    the_round = votes.open("c" * 32, _models(), [], 1)
    votes.use_link(the_round.code, "a" * 32, the_round.host_key)
    votes.use_link(the_round.code, "b" * 32, the_round.host_key)
    votes.revoke_links(the_round.code, keep="b" * 32)
    now = votes.get(the_round.code)
    assert [votes.is_host(now, each * 32) for each in "abc"] == [False, True, True]
    assert not votes.use_link(the_round.code, "a" * 32, the_round.host_key)
    assert votes.use_link(the_round.code, "a" * 32, now.host_key)


def _models() -> Models:
    return Models("paper-gan", "paper-vae")


def test_a_class_is_opened_by_the_teacher_and_led_by_the_browser_that_opened_it(
    classrooms: ClassroomStore, as_student: None
) -> None:
    with pytest.raises(NotAllowed, match="open a class"):
        classrooms.open("a" * 32, Position("balance"))
    token = of_request.set(OWNER)
    room = classrooms.open("c" * 32, Position("balance"))
    of_request.reset(token)
    leads: tuple[Callable[[], None], ...] = (
        lambda: classrooms.turn_to(room.code, Position("balance", "reveal")),
        lambda: classrooms.reveal(room.code, "balance", "strong"),
        lambda: classrooms.end(room.code),
    )
    for act in leads:
        with pytest.raises(NotAllowed, match="lead this class"):
            act()
    with pytest.raises(NotAllowed):
        classrooms.take_over(room.code, "a" * 32)
    assert classrooms.get(room.code) == room and classrooms.outcome(room.code, "balance") is None
    classrooms.join(room.code, "a" * 32)
    classrooms.predict(room.code, "balance", "a" * 32, "equal")
    token = of_request.set(Rights(STUDENT.visitor, False, "c" * 32))
    leads[0]()
    of_request.reset(token)
    assert classrooms.get(room.code).position.stage == "reveal"


# Nobody goes round the doors


def test_pages_and_routes_open_no_store_of_their_own() -> None:
    """They would get one that does not ask."""
    for path in [*(ROOT / "gencmp" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        if path.name in ("catalog.py",) and path.parent.name == "ui":
            continue
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        made = {each.id for each in calls if isinstance(each, ast.Name)}
        assert not made & {"RunStore", "VoteStore", "ClassroomStore", "EvaluationQueue", "Moments", "Database"}, path


WRITES = {"write_whole", "write_bytes", "write_text", "rmtree", "unlink", "mkdir", "touch"}


def test_pages_write_no_file_but_what_is_uploaded() -> None:
    """Everything else that changes goes through a store."""
    writing = set()
    for path in [*(ROOT / "gencmp" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        names = {getattr(each, "id", getattr(each, "attr", "")) for each in calls}
        writing |= {path.name} if names & WRITES else set()
    assert writing == {"own_data.py"}
