"""A page's two connections to the server: HTTP for its scripts' requests, and Streamlit's websocket.

With tab.py the only module outside gencmp.ui that may know Streamlit, for the classes of its messages.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie

import h11  # comes with Streamlit's web server, and websockets with Streamlit
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from gencmp.bench.tools.processes import HOST
from gencmp.errors import GencmpError


class Line:
    """A persistent connection with one request at a time, as browsers use it."""

    def __init__(self, port: int, name: str = ""):
        """name: of the server, as a browser has it in its address; by default the address itself."""
        self.address = name or f"{HOST}:{port}"
        self.port = port
        self.cookies: dict[str, str] = {}  # that the server has given
        self.http = h11.Connection(h11.CLIENT)
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, accept: str = "*/*") -> tuple[bytes, int]:
        """The body, unzipped, and the bytes of the whole answer as sent. Raises GencmpError when the response is an error."""
        return await self._ask("GET", path, accept=accept)

    async def post(self, path: str, content: bytes) -> tuple[bytes, int]:
        """As `get`, with something to send."""
        return await self._ask("POST", path, content)

    async def _ask(self, method: str, path: str, content: bytes = b"", accept: str = "*/*") -> tuple[bytes, int]:
        if self.streams is None:
            self.streams = await asyncio.open_connection(HOST, self.port)
        reader, writer = self.streams
        headers = [("Host", self.address), ("Accept", accept), ("Accept-Encoding", "gzip, deflate, br")]
        headers += [("Content-Length", str(len(content)))] if content else []
        asked = h11.Request(method=method, target=path, headers=headers)
        try:
            for event in (asked, *([h11.Data(data=content)] if content else []), h11.EndOfMessage()):
                writer.write(self.http.send(event) or b"")
            head, body, size = await self._answer(reader)
            self.http.start_next_cycle()
        except (h11.ProtocolError, OSError) as error:
            raise GencmpError(f"The server broke off its answer to {path}: {error!r}") from None
        given = [value.decode("latin-1") for name, value in head.headers if name == b"set-cookie"]
        self.cookies |= {name: each.value for line in given for name, each in SimpleCookie(line).items()}
        if head.status_code not in (200, 204):
            words = body[:200].decode("utf-8", "replace")
            raise GencmpError(f"The server answers {path} with {head.status_code}: {words}")
        return gzip.decompress(body) if (b"content-encoding", b"gzip") in head.headers else body, size

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[h11.Response, bytes, int]:
        parts, size = [], 0
        while not isinstance(event := self.http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                received = await reader.read(1 << 16)
                self.http.receive_data(received)
                size += len(received)
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                parts.append(event.data)
        return head, b"".join(parts), size

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()


# Streamlit's


@asynccontextmanager
async def session(port: int) -> AsyncIterator[ClientConnection]:
    """Streamlit's websocket, as a page opens it."""
    address = f"ws://{HOST}:{port}/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as opened:
        yield opened


async def draw(opened: ClientConnection, page: str, query: str) -> int:
    """Have the script draw a page, as for a browser that has just come; returns the bytes of its messages when it has
    finished."""
    message, size = BackMsg(), 0
    message.rerun_script.query_string, message.rerun_script.page_name = query, page
    await opened.send(message.SerializeToString())
    async for content in opened:
        size += len(content)
        if ForwardMsg.FromString(content).WhichOneof("type") == "script_finished":
            return size
    raise GencmpError("The server closed a viewer's session before its page was drawn.")
