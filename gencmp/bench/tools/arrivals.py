"""A class whose phones open Home within a few seconds, without browsers: the requests that a real one made, in one asyncio process.

A phone asks for Streamlit's page, fetches scripts, styles and fonts over six connections, has its session draw Home, and fetches the
pictures that Home then asks for. Left out: running those scripts, and drawing; some of Streamlit's scripts come before the session
instead of after it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gencmp.bench.start import GRIDS
from gencmp.bench.tools.processes import Server
from gencmp.bench.tools.transfer import visit
from gencmp.bench.tools.wire import Line, draw, session

PHONE = {"width": 390, "height": 844}
LINES = 6  # connections of a browser to one server
PAGE = "text/html"


@dataclass(frozen=True)
class Visit:
    """What a phone asks for before Home's pictures are there. files: its scripts, styles and fonts. news: what Home asks for."""

    files: tuple[str, ...]
    news: tuple[str, ...]


@dataclass(frozen=True)
class Arrival:
    """seconds: from the address to the last picture. bytes: received, over HTTP and over the websocket."""

    seconds: float
    bytes: int


def recorded(browser: Any, address: str) -> Visit:
    """A phone's first visit, by a real browser."""
    with browser.new_context(viewport=PHONE) as context:
        asked = visit(context, address, GRIDS).until_ready
    paths = [f"{each.path}?{each.query}".rstrip("?") for each in map(urlsplit, asked)]
    files = tuple(path for path in paths if "/static/" in path)
    return Visit(files, tuple(path for path in paths if path not in files and path != "/"))


async def arrivals(server: Server, wanted: Visit, phones: int, within: float) -> list[Arrival]:
    """One phone after the other, evenly over `within` seconds. Raises GencmpError when one gets no answer."""

    async def later(number: int) -> Arrival:
        await asyncio.sleep(within * number / phones)
        return await _arrive(server, wanted)

    async with asyncio.TaskGroup() as parts:
        tasks = [parts.create_task(later(number)) for number in range(phones)]
    return [task.result() for task in tasks]


async def _arrive(server: Server, wanted: Visit) -> Arrival:
    began, lines = time.perf_counter(), [Line(server.port) for _ in range(LINES)]
    try:
        _, size = await lines[0].get("/", PAGE)
        size += await _fetched(lines, wanted.files)
        async with session(server.port) as opened:
            size += await draw(opened, "", "")
            size += await _fetched(lines, wanted.news)
        return Arrival(time.perf_counter() - began, size)
    finally:
        for line in lines:
            line.close()


async def _fetched(lines: Sequence[Line], paths: Sequence[str]) -> int:
    """Bytes of all; each connection takes the next path when it is free."""
    left = iter(paths)

    async def some(line: Line, left: Iterator[str]) -> int:
        size = 0
        for path in left:
            size += (await line.get(path))[1]
        return size

    return sum(await asyncio.gather(*(some(line, left) for line in lines)))
