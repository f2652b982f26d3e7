"""Viewers of live runs without browsers: the requests of open Train pages, in one asyncio process.

A viewer holds a Streamlit session, whose script has drawn the Train page, and asks what static/live.js asks: the news
of each run, and what they tell of, the newest pictures and the plane. Left out: the page's own files, which a browser
fetches once and keeps, and all drawing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gencmp.bench.tools.processes import Server
from gencmp.bench.tools.wire import Line, draw, session
from gencmp.errors import GencmpError
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

EVERY = 0.33  # seconds between a response and the next request: live.js's EVERY
POLL = 0.02  # seconds between two checks of what the worker has stored
JOIN = 0.05  # seconds between two arrivals


@dataclass
class Update:
    """One answer with news in it."""

    run: str
    after: int  # the step that the viewer had seen before
    step: int  # the step that it has seen now
    received: float  # seconds since 1970


@dataclass
class Received:
    """What viewers received in one window."""

    late: list[float] = field(default_factory=list)  # seconds from the moment a viewer was due to ask to its answer
    news_bytes: list[int] = field(default_factory=list)  # of an answer, as sent: head and gzipped body
    updates: list[Update] = field(default_factory=list)
    messages: int = 0  # over Streamlit's websocket: none, as long as no run changes its state
    pictures: int = 0
    picture_bytes: int = 0


class Watching(Protocol):
    """Whoever has cards open."""

    @property
    def server(self) -> Server: ...
    @property
    def received(self) -> Received: ...


class Crowd:
    """Viewers of the same runs. `received` may be replaced at any moment, to begin a new window."""

    def __init__(self, server: Server, runs: Sequence[Run]):
        self.server, self.runs = server, runs
        self.received = Received()
        self.viewers: list[asyncio.Task[None]] = []
        self.page_bytes = 0  # of Streamlit's messages that draw the page

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.resize(0)

    async def resize(self, count: int) -> None:
        """Add viewers one after the other, or remove some; returns when their pages are drawn."""
        gone, self.viewers = self.viewers[count:], self.viewers[:count]
        for viewer in gone:
            viewer.cancel()
        await asyncio.gather(*gone, return_exceptions=True)
        while len(self.viewers) < count:
            drawn = asyncio.Event()
            self.viewers.append(asyncio.create_task(self._view(drawn)))
            await self._drawn(drawn)
            await asyncio.sleep(JOIN)

    def check(self) -> None:
        """Raises the exception of a viewer that has failed; none may end before it is cancelled."""
        for viewer in self.viewers:
            if viewer.done():
                viewer.result()

    async def _drawn(self, drawn: asyncio.Event) -> None:
        waiting = asyncio.create_task(drawn.wait())
        await asyncio.wait((waiting, self.viewers[-1]), timeout=30, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        self.check()
        if not drawn.is_set():
            raise GencmpError("The dashboard did not draw the Train page for a viewer within 30 s.")

    async def _view(self, drawn: asyncio.Event) -> None:
        """One open page, until it is cancelled."""
        async with session(self.server.port) as opened:
            self.page_bytes = await draw(opened, "train", "runs=" + ",".join(run.id for run in self.runs))
            drawn.set()
            async with asyncio.TaskGroup() as parts:
                parts.create_task(self._listen(opened))
                for run in self.runs:
                    parts.create_task(Card(self, run).live())

    async def _listen(self, opened: Any) -> None:
        async for _ in opened:
            self.received.messages += 1
        raise GencmpError("The server closed a viewer's session.")


# One run on one page


class Card:
    """A run on a viewer's page, as live.js's LiveCard asks for it; a browser's line to the server each."""

    def __init__(self, crowd: Watching, run: Run):
        self.crowd, self.run = crowd, run
        self.line = Line(crowd.server.port)
        self.step = self.epoch = self.last_step = 0
        self.shown: set[str] = set()  # the pictures on the page

    async def live(self) -> None:
        due = time.perf_counter()
        try:
            while True:
                news = await self._news(due)
                due = time.perf_counter() + EVERY
                await self._pictures(news["preview"])
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
        finally:
            self.line.close()

    async def _news(self, due: float) -> dict[str, Any]:
        path = f"/gencmp/news/{self.run.id}?step={self.step}&epoch={self.epoch}"
        content, size = await self.line.get(path)
        received, now = self.crowd.received, time.time()
        received.late.append(time.perf_counter() - due)
        received.news_bytes.append(size)
        news: dict[str, Any] = json.loads(content)
        if steps := news["steps"]["step"]:
            if self.step:  # the first response contains the whole history
                received.updates.append(Update(self.run.id, self.step, steps[-1], now))
            self.step = steps[-1]
        last = news["epochs"][-1] if news["epochs"] else None
        if last:
            self.epoch, self.last_step = last["epoch"], last["step"]
        return news

    async def _pictures(self, preview: int | None) -> None:
        """What live.js's #pictures fetches, each once."""
        api, wanted = "/gencmp", set()
        if preview is not None and preview >= self.last_step:
            wanted.add(f"{api}/preview/{self.run.id}/{preview}/samples.png")
            wanted |= {f"{api}/preview/{self.run.id}/{preview}/plane"} if self.run.kind == "vae" else set()
        elif self.epoch:
            wanted.add(f"{api}/pictures/{self.run.id}/{self.epoch}/samples.png")
            wanted |= {f"{api}/plane/{self.run.id}/{self.epoch}"} if self.run.kind == "vae" else set()
        if self.epoch and self.run.kind == "vae":
            names = ("originals", "reconstructions")
            wanted |= {f"{api}/pictures/{self.run.id}/{self.epoch}/{name}.png" for name in names}
        for path in sorted(wanted - self.shown):
            _, size = await self.line.get(path)
            self.crowd.received.pictures += 1
            self.crowd.received.picture_bytes += size
        self.shown = wanted


# What the worker stored, and when


@dataclass(frozen=True)
class Stored:
    """A commit of a worker: all up to `step` was in the store at `at`, seconds since 1970."""

    step: int
    epoch: int  # the last one done
    at: float


class Diary:
    """Records each commit of some runs by polling the store fifty times a second."""

    def __init__(self, store: RunStore, runs: Sequence[Run]):
        self.store = store
        self.pages: dict[str, list[Stored]] = {run.id: [] for run in runs}

    async def __aenter__(self) -> Diary:
        self.task = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.task.cancel()

    async def _keep(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(POLL)

    def look(self) -> None:
        for run_id, page in self.pages.items():
            run = self.store.queries.get(run_id)
            if not page or (run.step, run.epoch) != (page[-1].step, page[-1].epoch):
                page.append(Stored(run.step, run.epoch, run.heartbeat or 0.0))  # a commit of steps is a heartbeat

    def ages(self, updates: Sequence[Update]) -> list[float]:
        """Seconds from each commit to each viewer that received it."""
        return [
            update.received - stored.at
            for update in updates
            for stored in self.pages[update.run]
            if update.after < stored.step <= update.step
        ]
