"""The people of a class, each a coroutine that uses the dashboard until it is cancelled, and keeps account of it.

Each acts on the server's pages alone; what was kept is asked of the stores.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from gencmp.bench.soak.account import Account
from gencmp.bench.tools.crowd import Card, Received
from gencmp.bench.tools.processes import HOST, Server
from gencmp.bench.tools.tab import Tab
from gencmp.bench.tools.voter import Voter
from gencmp.bench.tools.wire import Line
from gencmp.errors import GencmpError
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.voting.questions import SINGLE, sides
from gencmp.voting.store import OPEN, VoteStore

ELSEWHERE = "class.localhost"  # a name by which nobody on this computer would come
PAGES = ("", "train", "explore", "compare", "verdict", "runs", "paper", "learn")
CHOICES = {SINGLE: ("real", "generated"), "pair": ("left", "right")}
THINKING = (1.0, 4.0)  # seconds for a question
QUESTIONS = 8
PATIENT = 5  # visits to a run that has not begun
OWN_RUNS = "Ask your teacher for more."  # how the refusal of a student's further run ends


@dataclass
class Class:
    """What they share. code: of the round that is open. watched: runs to watch."""

    server: Server
    store: RunStore
    votes: VoteStore
    pin: str
    account: Account
    rng: random.Random
    code: str = ""
    watched: list[Run] = field(default_factory=list)
    received: Received = field(default_factory=Received)

    def between(self, low: float, high: float) -> float:
        return self.rng.uniform(low, high)


async def again_and_again(room: Class, who: str, act: Callable[[], Awaitable[None]]) -> None:
    """Whatever goes wrong is noted, and the person tries again."""
    while True:
        try:
            await act()
        except (GencmpError, OSError, TimeoutError, ExceptionGroup) as error:
            while isinstance(error, ExceptionGroup):
                error = error.exceptions[0]
            room.account.failures.append(f"{who}: {error or type(error).__name__}")
            await asyncio.sleep(1.0)


@asynccontextmanager
async def opened(room: Class, tab: Tab) -> AsyncIterator[Tab]:
    """Close it in the end, and note what pages failed in it."""
    try:
        yield tab
    finally:
        await tab.leave()
        room.account.failures += tab.failures
        tab.failures = []


@contextmanager
def counted(room: Class, what: str) -> Iterator[None]:
    """Count something that is tried; what the end of the time cuts off counts for nothing."""
    try:
        yield
    except Exception:
        room.account.tried[what] += 1
        raise
    room.account.tried[what] += 1
    room.account.kept[what] += 1


# Students


async def viewer(room: Class) -> None:
    """Looks at one page after the other, most of the time at what trains."""
    tab = Tab(room.server.port, ELSEWHERE)

    async def look() -> None:
        page = "train" if room.rng.random() < 0.6 else room.rng.choice(PAGES)
        runs = room.watched if page == "train" else []
        async with opened(room, tab):
            with counted(room, "pages"):
                await tab.visit(page, "runs=" + ",".join(run.id for run in runs) if runs else "")
                if tab.failures:
                    raise GencmpError(f"/{page} shows a traceback")
            with suppress(TimeoutError):
                async with asyncio.timeout(room.between(5, 30)), asyncio.TaskGroup() as cards:
                    for run in runs:
                        cards.create_task(_watch(room, run))
                    cards.create_task(asyncio.sleep(3600))

    await again_and_again(room, "viewer", look)


async def _watch(room: Class, run: Run) -> None:
    """A card's requests, until the run is deleted."""
    room.account.tried["cards"] += 1
    try:
        await Card(room, run).live()
    except GencmpError as error:
        if room.store.queries.some([run.id]):
            room.account.kept["cards"] -= 1
            raise
        room.account.refused[str(error).partition(": ")[2][:60]] += 1
    finally:
        room.account.kept["cards"] += 1


async def voter(room: Class, place: int) -> None:
    """Votes in each round, once; sometimes reloads the page in the middle, or presses a button twice."""
    tab = Voter(room.server.port, f"{place:032x}", ELSEWHERE)
    done: set[str] = set()

    async def vote() -> None:
        await asyncio.sleep(room.between(0.5, 2))
        code = room.code
        if not code or code in done:
            return
        async with opened(room, tab):
            await tab.join(code)
            while tab.number and room.code == code:
                number, kind = tab.number, str(tab.shown["kind"])
                choice = room.rng.choice(CHOICES[kind])
                await asyncio.sleep(room.between(*THINKING))
                if room.rng.random() < 0.1:
                    await tab.join(code)
                if room.code != code or tab.number != number:
                    break  # closed meanwhile
                await tab.answer(choice, times=1 + (room.rng.random() < 0.1))
                if room.votes.get(code).state == OPEN:
                    room.account.tried["answers"] += 1
                    room.account.kept["answers"] += _is_kept(room, tab, number, choice, kind)
            done.add(code)
            await asyncio.sleep(room.between(5, 15))  # the reveal

    await again_and_again(room, "voter", vote)


def _is_kept(room: Class, tab: Voter, number: int, choice: str, kind: str) -> bool:
    """Whether the store has this answer; a side is stored as the model that this voter saw there."""
    the_round = room.votes.get(tab.query.removeprefix("round="))
    meant = choice if kind == SINGLE else sides(the_round.seed, number, tab.token)[choice == "right"]
    return room.votes.answers(the_round.code, tab.token).get(number) == meant


async def student(room: Class) -> None:
    """Trains small runs, now and then stops one, and asks for more than is allowed."""
    tab = Tab(room.server.port, ELSEWHERE)

    async def train() -> None:
        async with opened(room, tab):
            if not await start(room, tab, "models=vae&preset=quick&epochs=1&limit=2000", "students' runs"):
                await asyncio.sleep(3.0)
                return
            await asyncio.sleep(room.between(5, 15))
            if room.rng.random() < 0.3 and tab.find("bar.Stop"):
                await tab.press("bar.Stop")
            await asyncio.sleep(room.between(10, 30))

    await again_and_again(room, "student", train)


async def start(room: Class, tab: Tab, settings: str, what: str) -> list[Run]:
    """Press Start on the Train page with these settings; the new runs."""
    before = {run.id for run in room.store.queries.all()}
    await tab.visit("train", settings)
    if not tab.find("start"):  # the teacher has not allowed it yet
        return []
    await tab.press("start")
    mine = [each for each in tab.query.removeprefix("runs=").partition("&")[0].split("%2C") if each not in before]
    if refused := [words for words in tab.words("alert") if OWN_RUNS in words]:
        room.account.refused[refused[0][:60]] += 1
        return []
    room.account.tried[what] += 1
    found = room.store.queries.some(mine)
    room.account.kept[what] += bool(found)
    return found


# Teachers


async def host(room: Class) -> None:
    """On the dashboard's own computer: opens rounds, closes and reveals them, and deletes them."""
    tab = Voter(room.server.port, "f" * 32, HOST)  # any browser of the Vote page has a token

    async def lead() -> None:
        async with opened(room, tab):
            await tab.visit("vote")
            await tab.until(lambda: tab.find("vote.questions"))
            await tab.set("vote.questions", double_array_value={"data": [QUESTIONS]})
            await tab.press("vote.open")
            await tab.until(lambda: tab.find("vote.close"))
            code = room.code = tab.query.removeprefix("round=")
            await asyncio.sleep(room.between(40, 60))
            room.code = ""
            await tab.press("vote.close")
            answered = room.votes.turnout(code).answers
            await tab.press("vote.reveal")
            for step in range(3):
                await asyncio.sleep(room.between(1, 3))
                if tab.find(f"vote.lead.{code}"):
                    await tab.tell(f"vote.lead.{code}", "turn", step)
            room.account.tried["rounds"] += 1
            room.account.kept["rounds"] += room.votes.turnout(code).answers == answered
            await asyncio.sleep(room.between(5, 10))
        room.votes.delete(code)

    await again_and_again(room, "host", lead)


class TeachersTab(Tab):
    """Keeps the sign-in as static/rights/keep.js does, so that it outlasts a visit."""

    async def _component(self, element: str, data: dict[str, Any], fragment: str) -> None:
        if element.endswith("-rights.keep"):
            line = Line(self.port, f"{self.name}:{self.port}")
            try:
                await line.post("/gencmp/teacher", data["token"].encode())
            finally:
                line.close()
            self.cookies |= line.cookies


async def trainer(room: Class) -> None:
    """From another computer: signs in, lets the class train, starts both models, pauses them, lets them go on, deletes old runs."""
    tab = TeachersTab(room.server.port, ELSEWHERE)

    async def sign_in() -> None:
        await tab.visit("train")
        await tab.press("rights.open")
        if tab.find("rights.typed"):
            tab.fill("rights.typed", room.pin)
            await tab.submit("rights.pin")
            await tab.until(lambda: "gencmp_teacher" in tab.cookies)
            await tab.press("rights.open")
        await tab.set("rights.train", bool_value=True)

    async def teach() -> None:
        async with opened(room, tab):
            await sign_in()
            runs = await start(room, tab, "preset=quick&epochs=2&limit=6000", "teacher's runs")
            room.watched = runs or room.watched
            for key in ("bar.Pause", "bar.Continue"):
                await asyncio.sleep(room.between(5, 15))
                for _ in range(PATIENT if runs else 0):  # a card would tell the page when its run begins
                    await tab.visit("train", "runs=" + ",".join(run.id for run in runs))
                    if tab.find(key):
                        break
                    await asyncio.sleep(3.0)
                if runs and tab.find(key):
                    with counted(room, "pauses"):
                        await tab.press(key)
            await asyncio.sleep(room.between(10, 30))
        _delete_old(room)

    await again_and_again(room, "trainer", teach)


def _delete_old(room: Class, keep: int = 6) -> None:
    """So that the disk does not fill, and students may train again."""
    watched = {run.id for run in room.watched}
    ended = [run for run in room.store.queries.all() if not run.is_open and run.id not in watched]
    for run in sorted(ended, key=lambda run: run.created)[:-keep]:
        room.account.tried["ended runs"] += 1
        room.account.kept["ended runs"] += run.state in ("finished", "stopped")
        room.store.delete(run.id)
