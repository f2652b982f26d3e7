"""Streamlit's own first page, with what this project must tell it before it starts."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# What the first pages need, and nothing before them: pandas takes 0.25 s, and Streamlit's regular expression of all
# emojis as much. A browser is busy with Streamlit's own scripts for longer than that.
WARM = ("pandas", "streamlit.emojis")

# The root of the dashboard, for Streamlit and for our own scripts (live.py). Only the browser knows it: a proxy may have
# stripped a prefix from what this server is asked for. It is the folder of the page's address, /prefix/ for both
# /prefix/ and /prefix/train, just as Streamlit's page finds its own scripts, at ./static/.
ROOT_SCRIPT = b'<script>window.__streamlit = { BACKEND_BASE_URL: new URL(".", location).href }</script>'

# Another answer than the whole, uncompressed page could not be changed: a browser that knows the page of another
# Streamlit application from this very address would be told that it has not changed.
CONDITIONS = (b"accept-encoding", b"if-none-match", b"if-modified-since")


class IndexPage:
    """Middleware: tells Streamlit's page where its server is.

    Left alone it guesses from the page's address, asks for /train/_stcore/health first, and every visit to a page
    by its address starts with two errors in the browser's console.
    """

    def __init__(self, app: ASGIApp):
        self.app = app
        self.cold = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not any(
            name == b"accept" and b"text/html" in value for name, value in scope["headers"]
        ):
            await self.app(scope, receive, send)
            return
        self._warm()
        plain = [(name, value) for name, value in scope["headers"] if name not in CONDITIONS]
        started: Message = {}

        async def send_changed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = message
                if not _is_html(message):
                    await send(message)
            elif message["type"] == "http.response.body" and _is_html(started):
                await self._send_page(started, message, send)
            else:
                await send(message)

        await self.app({**scope, "headers": plain}, receive, send_changed)

    def _warm(self) -> None:
        """Import, while the first browser loads its scripts, what its page will wait for."""
        if self.cold:
            self.cold = False
            Thread(target=_import_all, daemon=True).start()

    async def _send_page(self, started: Message, message: Message, send: Send) -> None:
        """The page is one small file, so its body comes in one piece; any later piece passes as it is."""
        body = message.get("body", b"").replace(b"<head>", b"<head>" + ROOT_SCRIPT, 1)
        headers = [
            (name, value)
            for name, value in started["headers"]
            if name not in (b"content-length", b"etag", b"last-modified")
        ]
        if not message.get("more_body"):
            headers.append((b"content-length", str(len(body)).encode()))
        await send({**started, "headers": headers})
        await send({**message, "body": body})


def _import_all() -> None:
    for name in WARM:
        import_module(name)


def _is_html(started: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in started.get("headers", []))
