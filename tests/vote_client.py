"""A voter's browser without a screen: it speaks Streamlit's own websocket, and does what static/vote.js does.

So a full class of sixty can vote against a real server, where sixty real browsers would need sixty times the memory.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE = 60  # seconds for what must come
SHOWN = ("question", "words", "result")  # parts of which a voter sees one at a time


class Voter:
    """One browser: its token is kept over reloads, all else comes anew with each visit."""

    def __init__(self, address: str, code: str, token: str) -> None:
        self.address, self.code, self.token = address, code, token
        self.page: dict[str, Any] = {}  # what the shown part was given
        self.late: list[float] = []  # seconds from each press to the next question
        self._told = asyncio.Event()
        self._socket: ClientConnection
        self._tasks: list[asyncio.Task[None]] = []

    # Visits

    async def visit(self) -> None:
        """Open the page, say who this is, and wait for what it shows."""
        self.page, self._place, self._script = {}, ("", ""), ""
        self._widgets: dict[str, Any] = {}
        self._polls: set[str] = set()
        self._socket = await connect(
            f"ws{self.address.removeprefix('http')}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
        )
        self._tasks = [asyncio.create_task(self._listen())]
        await self._run()
        await self.until(lambda: self.page)

    async def leave(self) -> None:
        """Close the tab."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._socket.close()

    async def reload(self) -> None:
        await self.leave()
        await self.visit()

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._told.clear()
                await self._told.wait()

    # Answers

    @property
    def number(self) -> int:
        """Of the question shown; 0 when none is."""
        return self.page["number"] if self.page.get("part") == "question" else 0

    async def press(self, choice: str, times: int = 1) -> None:
        """Answer the question shown, as often as told at once, and wait for what comes after it."""
        asked, began = self.number, time.perf_counter()
        for _ in range(times):
            await self._answer(asked, choice)
        await self.until(lambda: self.number != asked)
        self.late.append(time.perf_counter() - began)

    async def _answer(self, number: int, choice: str) -> None:
        element, fragment = self._place
        events = json.dumps([{"event": "answer", "value": {"number": number, "choice": choice}}])
        await self._run(fragment, trigger=(f"$$STREAMLIT_INTERNAL_KEY_{element}__events", events))

    # The wire

    async def _run(self, fragment: str = "", trigger: tuple[str, str] | None = None, auto: bool = False) -> None:
        """Ask for a run of the page, or of a fragment of it."""
        asked = BackMsg().rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = f"round={self.code}", fragment, auto
        asked.page_script_hash, asked.page_name = self._script, "" if self._script else "vote"
        asked.context_info.url = f"{self.address}/vote"
        for name, value in self._widgets.items():
            asked.widget_states.widgets.add(id=name, json_value=value)
        if trigger:
            asked.widget_states.widgets.add(id=trigger[0], json_trigger_value=trigger[1])
        message = BackMsg()
        message.rerun_script.CopyFrom(asked)
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for content in self._socket:
            message = ForwardMsg.FromString(content)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._script = message.navigation.page_script_hash
            elif kind == "auto_rerun" and message.auto_rerun.fragment_id not in self._polls:
                self._polls.add(message.auto_rerun.fragment_id)
                poll = self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                self._tasks.append(asyncio.create_task(poll))
            elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "bidi_component":
                component = message.delta.new_element.bidi_component
                await self._drawn(component.id, json.loads(component.json), message.delta.fragment_id)

    async def _poll(self, fragment: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            await self._run(fragment, auto=True)

    async def _drawn(self, element: str, data: dict[str, Any], fragment: str) -> None:
        if data["part"] == "token" and data["known"] != self.token and element not in self._widgets:
            self._widgets[element] = json.dumps({"token": self.token})
            await self._run()
        elif data["part"] in SHOWN:
            self.page = data
            self._place = (element, fragment) if data["part"] == "question" else self._place
            self._told.set()
