"""A browser's tab without a screen: it speaks Streamlit's own websocket, finds elements by their keys, and presses them.

So a whole class can use a real server, where as many real browsers would need a hundred times the memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from gencmp.bench.tools.processes import HOST
from gencmp.bench.tools.wire import Line
from gencmp.errors import GencmpError

PATIENCE = 60.0  # seconds for what must come
FAILED = "exception"  # Streamlit's element that shows a traceback
SUCCEEDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


class Tab:
    """A tab, closed at first. name: of the server in the address; any but a local one comes from another computer.

    cookies: of its browser, kept over visits. failures: tracebacks that a page has shown.
    """

    def __init__(self, port: int, name: str = HOST) -> None:
        self.port, self.name = port, name
        self.cookies: dict[str, str] = {}
        self.failures: list[str] = []
        self.page = self.query = ""
        self._told = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: ClientConnection | None = None

    # Visits

    async def visit(self, page: str, query: str = "") -> None:
        """Open an address, and wait until its page is drawn. Raises GencmpError when that takes too long."""
        await self.leave()
        await self._greet(page)
        self.page, self.query, self._script, self._told = page, query, "", asyncio.Event()
        self._elements: dict[str, tuple[str, Any, str]] = {}  # id -> kind, element, the fragment that it stands in
        self._values: dict[str, dict[str, Any]] = {}  # of the widgets that were changed, by id
        self._polls: set[str] = set()
        self._socket = await connect(
            f"ws://{self.name}:{self.port}/_stcore/stream", host=HOST, port=self.port, compression=None, max_size=None,
            additional_headers={"Cookie": self._cookie()}, subprotocols=[Subprotocol("streamlit")],
        )  # fmt: skip
        self._start(self._listen(self._socket))
        await self._run(wait=True)

    async def leave(self) -> None:
        """Close the tab."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket:
            await self._socket.close()
        self._tasks, self._socket = [], None

    async def _greet(self, page: str) -> None:
        """The first request of a browser brings it a number of its own."""
        if self.cookies:
            return
        line = Line(self.port, f"{self.name}:{self.port}")
        try:
            await line.get(f"/{page}")
        finally:
            line.close()
        self.cookies = dict(line.cookies)

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def until(self, condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Raises GencmpError when it does not come true."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._told.clear()
                    await self._told.wait()
                    self._check()
        except TimeoutError:
            raise GencmpError(f"/{self.page} did not change within {seconds:g} s.") from None

    def _check(self) -> None:
        """Raises what has ended one of the tab's tasks, or GencmpError if the server has closed it."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                with suppress(ConnectionClosed):
                    task.result()
                raise GencmpError(f"The server closed /{self.page}.")

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(task := asyncio.create_task(work))
        task.add_done_callback(lambda _: self._told.set())

    # Elements

    def find(self, key: str) -> str:
        """The id of the element that has a key; "" if the page has none, or it is disabled."""
        for id_, (_, element, _) in self._elements.items():
            if id_.endswith(f"-{key}") and not getattr(element, "disabled", False):
                return id_
        return ""

    def words(self, kind: str) -> list[str]:
        """The texts of all elements of a kind, such as "alert"."""
        return [element.body for found, element, _ in self._elements.values() if found == kind]

    async def press(self, key: str) -> None:
        """Press a button, and wait for what comes of it. Raises GencmpError if there is none."""
        await self._trigger(key, trigger_value=True)

    async def set(self, key: str, **value: Any) -> None:
        """Change a widget. value: as of its kind in Streamlit's WidgetState: bool_value, int_value, string_value, ..."""
        id_ = self._known(key)
        self._values[id_] = value
        await self._run(self._elements[id_][2], wait=True)

    def fill(self, key: str, text: str) -> None:
        """Type into a field of a form, which sends nothing."""
        self._values[self._known(key)] = {"string_value": text}

    async def submit(self, form: str) -> None:
        """Press the button of a form."""
        for id_, (kind, element, fragment) in self._elements.items():
            if kind == "button" and element.form_id.endswith(form):
                await self._run(fragment, (id_, {"trigger_value": True}), wait=True)
                return
        raise GencmpError(f"/{self.page} has no form {form!r}.")

    async def tell(self, key: str, event: str, value: Any) -> None:
        """What a component of ours tells the page."""
        events = json.dumps([{"event": event, "value": value}])
        id_ = self._known(key)
        await self._run(
            self._elements[id_][2], (f"$$STREAMLIT_INTERNAL_KEY_{id_}__events", {"json_trigger_value": events})
        )

    async def _trigger(self, key: str, **value: Any) -> None:
        id_ = self._known(key)
        await self._run(self._elements[id_][2], (id_, value), wait=True)

    def _known(self, key: str) -> str:
        if not (id_ := self.find(key)):
            raise GencmpError(f"/{self.page} has nothing to press that is called {key!r}.")
        return id_

    # The wire

    async def _run(
        self,
        fragment: str = "",
        trigger: tuple[str, dict[str, Any]] | None = None,
        auto: bool = False,
        wait: bool = False,
    ) -> None:
        """Ask for a run of the page, or of a fragment of it; `wait` for its end."""
        asked = BackMsg().rerun_script
        asked.query_string, asked.fragment_id, asked.is_auto_rerun = self.query, fragment, auto
        asked.page_script_hash, asked.page_name = self._script, "" if self._script else self.page
        asked.context_info.url = f"http://{self.name}:{self.port}/{self.page}"
        for id_, value in [*self._values.items(), *([trigger] if trigger else [])]:
            asked.widget_states.widgets.add(id=id_, **value)
        message = BackMsg()
        message.rerun_script.CopyFrom(asked)
        self._finished = False
        if self._socket is None:
            raise GencmpError(f"/{self.page} is closed.")
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed as error:
            raise GencmpError(f"The server closed /{self.page}: {error}") from None
        if wait:
            await self.until(lambda: self._finished)

    async def _listen(self, socket: ClientConnection) -> None:
        async for content in socket:
            message = ForwardMsg.FromString(content)
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:
                    self._elements = {}
                    self._script = message.new_session.page_script_hash
                case "navigation":
                    self._script = message.navigation.page_script_hash
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "auto_rerun" if message.auto_rerun.fragment_id not in self._polls:
                    self._polls.add(message.auto_rerun.fragment_id)
                    self._start(self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval))
                case "delta" if message.delta.WhichOneof("type") == "new_element":
                    await self._drawn(message.delta.new_element, message.delta.fragment_id)
                case "script_finished" if message.script_finished in SUCCEEDED:
                    self._finished = True
                    self._told.set()

    async def _poll(self, fragment: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            await self._run(fragment, auto=True)

    async def _drawn(self, element: Any, fragment: str) -> None:
        kind = element.WhichOneof("type")
        found = getattr(element, kind)
        self._elements[getattr(found, "id", "") or f"{kind} {len(self._elements)}"] = (kind, found, fragment)
        if kind == FAILED:
            self.failures.append(f"/{self.page}: {found.type}: {found.message}")
        if kind == "bidi_component":
            await self._component(found.id, json.loads(found.json), fragment)
        self._told.set()

    async def _component(self, element: str, data: dict[str, Any], fragment: str) -> None:
        """One of our components was drawn with this data."""
