"""The two lines that a page has to the server: HTTP, for what its scripts ask, and Streamlit's websocket.

Streamlit's messages are Protocol Buffers. The few bytes needed are written and read here: its own classes come with the
whole of Streamlit, which only gencmp.ui may know, and which would take more memory than sixty viewers.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from contextlib import asynccontextmanager
from typing import Any

from gencmp.bench.tools.processes import HOST
from gencmp.errors import GencmpError

RERUN_SCRIPT = 11  # a field of BackMsg
QUERY, PAGE = 1, 4  # fields of ClientState
SCRIPT_FINISHED = 6  # a field of ForwardMsg


class Line:
    """One kept connection that asks for one thing at a time, as browsers do."""

    def __init__(self, port: int):
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> tuple[bytes, int]:
        """The body, unzipped, and the bytes of the whole answer as sent. Raises GencmpError when it is no answer."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(HOST, self.port)
        reader, writer = self.streams
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n".encode()
        )
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            status, facts = read_head(head)
            body = await reader.readexactly(int(facts["content-length"]))
        except (asyncio.IncompleteReadError, KeyError, OSError) as error:
            raise GencmpError(f"The server broke off its answer to {path}: {error!r}") from None
        if status != 200:
            raise GencmpError(f"The server answers {path} with {status}: {body[:200].decode('utf-8', 'replace')}")
        return gzip.decompress(body) if facts.get("content-encoding") == "gzip" else body, len(head) + len(body)

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()


def read_head(head: bytes) -> tuple[int, dict[str, str]]:
    """The status and the headers, names in small letters, of an HTTP answer."""
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    return int(first.split()[1]), {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }


# Streamlit's


@asynccontextmanager
async def session(port: int):
    """Streamlit's websocket, as a page opens it."""
    from websockets.asyncio.client import connect  # comes with Streamlit, and `bench --help` answers without it
    from websockets.typing import Subprotocol

    address = f"ws://{HOST}:{port}/_stcore/stream"
    async with connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None) as opened:
        yield opened


async def draw(opened: Any, page: str, query: str) -> int:
    """Have the script draw a page; returns the bytes of its messages when it has finished."""
    await opened.send(rerun(page, query))
    size = 0
    async for message in opened:
        size += len(message)
        if SCRIPT_FINISHED in fields(message):
            return size
    raise GencmpError("The server closed a viewer's session before its page was drawn.")


def rerun(page: str, query: str) -> bytes:
    """A BackMsg: run the script for this page and query, as a browser that has just come."""
    state = _text(QUERY, query.encode()) + _text(PAGE, page.encode())
    return _text(RERUN_SCRIPT, state)


def fields(message: bytes) -> set[int]:
    """The numbers of the fields that a message has, its parts' own left out."""
    return {number for number, _ in _walk(message)}


def _walk(message: bytes) -> Iterator[tuple[int, int]]:
    """Each field's number and where it ends."""
    at = 0
    while at < len(message):
        key, at = _number(message, at)
        kind = key & 7
        if kind == 0:
            _, at = _number(message, at)
        elif kind == 2:
            length, at = _number(message, at)
            at += length
        else:
            at += {1: 8, 5: 4}[kind]
        yield key >> 3, at


def _number(message: bytes, at: int) -> tuple[int, int]:
    """A varint: seven bits a byte, the lowest first; and where it ends."""
    value = shift = 0
    while True:
        value |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            return value, at


def _text(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))
