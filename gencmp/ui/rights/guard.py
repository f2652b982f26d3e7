"""The doors of the stores: every method that changes something asks first who is asking. Imports no Streamlit.

A page may forget a check; a store that asks cannot be forgotten. Tests list every public method of the stores, and fail for
one that is neither a door here nor known to be everybody's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import Any

from gencmp.files import home
from gencmp.runs.queries import STUDENT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.ui.data_words import UPLOADED
from gencmp.ui.rights import rules
from gencmp.ui.rights.rules import OWNER, ClassRules, Rights
from gencmp.voting.classrooms import ClassroomStore
from gencmp.voting.store import VoteStore

Door = Callable[[Rights, Mapping[str, Any]], None]  # given the call's arguments by name; raises NotAllowed

of_request: ContextVar[Rights | None] = ContextVar("of_request", default=None)  # of the route that answers, see gate.py
_of_page: list[Callable[[], Rights]] = [lambda: OWNER]  # nobody asks but a command line, until pages are served
_starting = Lock()

RULES = "class"  # a setting in the store


def ask_pages(who: Callable[[], Rights]) -> None:
    """Have pages say who is looking at them (session.py)."""
    _of_page[0] = who


def current() -> Rights:
    """Of whoever asks now: a route's request, or else a page's visitor."""
    return of_request.get() or _of_page[0]()


def guard_runs(store: RunStore) -> RunStore:
    """The same store, for pages: whoever asks it for more than they may gets NotAllowed."""
    _guard(store, {
        "command": lambda who, facts: _command(store, who, facts["run_id"], facts["verb"]),
        "change": _teacher(rules.STEER), "step": _teacher(rules.STEER), "slow": _teacher(rules.STEER),
        "requeue": _teacher(rules.START), "extend": _teacher(rules.START), "accept_data": _teacher(rules.START),
        "rename": _teacher(rules.RENAME), "delete": _teacher(rules.DELETE), "set_setting": _teacher(rules.CLASS),
    } | dict.fromkeys(WORKERS, _teacher(rules.WORK)))  # fmt: skip
    _guard(store.evaluations, {"add": _teacher(rules.MEASURE), "stop": _teacher(rules.MEASURE)})
    _guard(store.evaluations, dict.fromkeys(EVALUATORS, _teacher(rules.WORK)))
    _guard(store.moments, dict.fromkeys(("keep", "set_rate", "forget"), _teacher(rules.WORK)))
    _guard_start(store)
    return store


# What only workers do; a page that did it would have to be the teacher's
WORKERS = (
    "claim",
    "begin",
    "add",
    "add_epoch",
    "add_change",
    "add_checkup",
    "beat",
    "set_state",
    "set_pace",
    "take_commands",
    "set_place",
    "put_back",
)
EVALUATORS = ("claim", "tell", "end")


def guard_votes(store: VoteStore) -> VoteStore:
    """The same for votes. To join, to vote and to use a host link is everybody's."""

    def opens(who: Rights, facts: Mapping[str, Any]) -> None:
        rules.need_round(who, bool(who.voter and store.hosted(who.voter)), rules.ROUND)

    def leads(who: Rights, facts: Mapping[str, Any]) -> None:
        if not who.is_teacher:
            rules.need_round(who, bool(who.voter) and store.is_host(store.get(facts["code"]), who.voter))

    _guard(store, {"open": opens, "add_host": _teacher(rules.LEAD)})
    _guard(store, dict.fromkeys(("close", "reveal", "turn_to", "finish", "follow", "delete", "revoke_links"), leads))
    return store


def guard_classrooms(store: ClassroomStore) -> ClassroomStore:
    """The same for classes. To join and to predict is everybody's."""

    def leads(who: Rights, facts: Mapping[str, Any]) -> None:
        if not who.is_teacher:
            rules.need_leader(who, store.get(facts["code"]).owner)

    _guard(store, dict.fromkeys(("open", "take_over"), _teacher(rules.OPEN_CLASS)))
    _guard(store, dict.fromkeys(("turn_to", "reveal", "end"), leads))
    return store


def _guard(store: object, doors: Mapping[str, Door]) -> None:
    for name, door in doors.items():
        setattr(store, name, _asking(getattr(store, name), door))


def _asking(method: Callable[..., Any], door: Door) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @wraps(method)
    def asks_first(*given: Any, **named: Any) -> Any:
        door(current(), signature.bind(*given, **named).arguments)
        return method(*given, **named)

    return asks_first


def _teacher(act: str) -> Door:
    return lambda who, facts: rules.need_teacher(who, act)


def _command(store: RunStore, who: Rights, run_id: str, verb: str) -> None:
    if verb == "stop":
        rules.need_stop(who, owner_of(store, run_id))
    else:
        rules.need_teacher(who, rules.STEER)


def _guard_start(store: RunStore) -> None:
    """A student's new run is counted, and made, before another of theirs can be."""
    make = store.create

    @wraps(make)
    def asks_first(*given: Any, **named: Any) -> Run:
        who, facts = current(), inspect.signature(make).bind(*given, **named).arguments
        with _starting:
            found = students_runs(store)
            goes_on = bool(facts.get("origin")) or is_upload(facts["config"].dataset)
            mine = sum(owner == who.browser for owner in found.values())
            rules.need_start(who, class_rules(store), facts["config"], mine, len(found), goes_on)
            if who.is_teacher:
                return make(*given, **named)
            run = make(
                *given, **named | {"stem": f"{facts['config'].kind.upper()} student {number_of(who.browser, found)}"}
            )
            RunStore.set_setting(store, STUDENT + run.id, who.browser)
            return run

    setattr(store, "create", asks_first)  # noqa: B010 (a method cannot be assigned, as mypy sees it)


def is_upload(dataset: str) -> bool:
    """Whether these are pictures that somebody who might has uploaded."""
    return dataset.startswith(str(home() / "data" / UPLOADED))


# What the class may do, and what it has made


def class_rules(store: RunStore) -> ClassRules:
    return ClassRules.from_json(store.queries.setting(RULES, "{}"))


def owner_of(store: RunStore, run_id: str) -> str:
    """The browser of the student who started a run; "" for a teacher's."""
    return store.queries.setting(STUDENT + run_id, "")


def students_runs(store: RunStore) -> dict[str, str]:
    """Run id -> browser, of the students' runs that have not been deleted, oldest first."""
    rows = store.database.execute(
        "SELECT runs.id, settings.value FROM settings JOIN runs ON settings.name = ? || runs.id ORDER BY created, id",
        (STUDENT,),
    )
    return {row["id"]: row["value"] for row in rows}


def number_of(browser: str, runs: Mapping[str, str]) -> int:
    """Of a student, from 1 in the order of their first runs: all that the class is told of who trains."""
    browsers = [*dict.fromkeys(runs.values())]
    return browsers.index(browser) + 1 if browser in browsers else len(browsers) + 1
