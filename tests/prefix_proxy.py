"""A reverse proxy as jupyter-server-proxy and code-server have one: it owns one path, and strips it from what it passes on."""

from __future__ import annotations

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from urllib.parse import urlsplit

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\nConnection: close\r\n\r\nnot found"


@contextmanager
def prefix_proxy(server: str, prefix: str, strip: bool = True) -> Iterator[tuple[str, list[str]]]:
    """The address under which `server` is found now, and a growing list of paths asked for outside of it.

    strip: without it the server is asked for the whole path, and must know the prefix itself.
    """
    proxy = _Proxy(urlsplit(server).port or 80, prefix.encode(), strip)
    thread = Thread(target=lambda: asyncio.run(proxy.serve()))
    thread.start()
    try:
        assert proxy.ready.wait(10), "the proxy did not start"
        yield f"http://localhost:{proxy.port}{prefix}", proxy.outside
    finally:
        proxy.loop.call_soon_threadsafe(proxy.ended.set)
        thread.join(10)


class _Proxy:
    def __init__(self, target: int, prefix: bytes, strip: bool) -> None:
        self.target, self.prefix, self.strip = target, prefix, strip
        self.outside: list[str] = []
        self.ready = Event()

    async def serve(self) -> None:
        self.loop, self.ended = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.ended.wait()
        server.close()  # open WebSockets are cancelled with the loop

    async def _answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # a browser hangs up when it likes
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path.startswith(self.prefix + b"/"):
                await self._pass_on(head, reader, writer)
            else:
                self.outside.append(path.decode())
                writer.write(NOT_FOUND)
                await writer.drain()
        writer.close()

    async def _pass_on(self, head: bytes, reader: StreamReader, writer: StreamWriter) -> None:
        if self.strip:
            head = head.replace(b" " + self.prefix, b" ", 1)
        if b"upgrade: websocket" not in head.lower():  # one request a connection, so that its head is the first thing
            head = re.sub(rb"(?mi)^connection:.*\r\n", b"", head)[:-2] + b"Connection: close\r\n\r\n"
        back, there = await asyncio.open_connection("127.0.0.1", self.target)
        there.write(head)
        await asyncio.gather(_copy(reader, there), _copy(back, writer))


async def _copy(source: StreamReader, sink: StreamWriter) -> None:
    with suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    sink.close()
