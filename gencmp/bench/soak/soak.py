"""Runs the class: a server of its own, everybody at once, and what the server used before, meanwhile and afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import tempfile
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gencmp.bench.soak.account import Account, used
from gencmp.bench.soak.people import PAGES, Class, host, student, trainer, viewer, voter
from gencmp.bench.tools.processes import served, wait_until
from gencmp.bench.tools.tab import Tab
from gencmp.errors import GencmpError
from gencmp.progress import Progress
from gencmp.runs.store import RunStore
from gencmp.voting.store import VoteStore

PIN = "GENCMP_PIN"  # where the server takes the teacher's PIN from
ARRIVALS = 0.1  # seconds between two people
SETTLE = 130.0  # seconds after the last has left: Streamlit keeps what belongs to a closed tab for two minutes
TO_END = 30.0  # seconds that the last runs may take to stop


@dataclass(frozen=True)
class People:
    """How many of each."""

    viewers: int = 60
    voters: int = 60
    students: int = 6

    @property
    def words(self) -> list[str]:
        return [
            f"{self.viewers} viewers",
            f"{self.voters} voters",
            f"{self.students} students who train",
            "two teachers",
        ]


def soak(minutes: float, people: People, progress: Progress, seed: int = 0, settle: float = SETTLE) -> Account:
    """Everybody uses one server for so long. settle: seconds before the last look at what the server uses.

    Raises GencmpError when the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="gencmp-soak-", ignore_cleanup_errors=True) as folder:
        pin = os.environ.setdefault(PIN, f"{secrets.randbelow(10**6):06}")
        store = RunStore(Path(folder))
        with served(store.home) as server:
            votes = VoteStore(store.home / "votes.sqlite3")
            room = Class(server, store, votes, pin, Account(), random.Random(seed))
            asyncio.run(_lesson(room, people, 60 * minutes, progress))
            _let_end(room)
            progress(1.0, "Everybody has left")
            time.sleep(settle)
            asyncio.run(_visit_all(room))  # Streamlit forgets old tabs when a new one comes
            room.account.used["after"] = used(server.pid)
            _read_log(room)
    return room.account


async def _lesson(room: Class, people: People, seconds: float, progress: Progress) -> None:
    await _visit_all(room)
    room.account.used["before"] = used(room.server.pid)
    wanted = [
        trainer(room), host(room), *(student(room) for _ in range(people.students)),
        *(viewer(room) for _ in range(people.viewers)), *(voter(room, place) for place in range(people.voters)),
    ]  # fmt: skip
    began = time.monotonic()
    tasks = await _arrive(wanted)
    while (spent := time.monotonic() - began) < seconds:
        progress(spent / seconds, f"{len(tasks)} people, {len(room.account.failures)} failures")
        _check(tasks)
        if spent > seconds / 4:
            room.account.used.setdefault("quarter", used(room.server.pid))
        await asyncio.sleep(min(1.0, seconds - spent))
    room.account.used["end"] = used(room.server.pid)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _visit_all(room: Class) -> None:
    """So that what the server loads once does not count as growth."""
    tab = Tab(room.server.port)
    for page in PAGES:
        await tab.visit(page)
    await tab.leave()


async def _arrive(people: list[Coroutine[Any, Any, None]]) -> list[asyncio.Task[None]]:
    tasks = []
    for person in people:
        tasks.append(asyncio.create_task(person))
        await asyncio.sleep(ARRIVALS)
    return tasks


def _check(tasks: list[asyncio.Task[None]]) -> None:
    """Raises what has ended a person, who should never end."""
    for task in tasks:
        if task.done():
            task.result()


def _let_end(room: Class) -> None:
    """What still trains is stopped; how every run ended is accounted for."""
    for run in room.store.queries.all():
        if run.is_open:
            room.store.command(run.id, "stop")
    try:
        wait_until(lambda: not room.store.queries.is_open(), "The last runs did not end", TO_END)
    except GencmpError as error:
        room.account.failures.append(str(error))
    for run in room.store.queries.all():
        room.account.tried["ended runs"] += 1
        room.account.kept["ended runs"] += run.state in ("finished", "stopped")


def _read_log(room: Class) -> None:
    log = room.server.log.read_text("utf-8", "replace")
    room.account.failures += [
        f"server's log: {line}" for line in log.splitlines() if "Traceback" in line or "a page failed" in line
    ]
