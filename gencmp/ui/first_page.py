"""Streamlit's HTML page, to which we add the server's root, for Streamlit's scripts and ours, the look of the frame, and Home's
first sight."""

from __future__ import annotations

import gzip
from importlib import import_module
from threading import Thread

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gencmp.ui.home.still import Still, still
from gencmp.ui.requests.encoding import takes_gzip
from gencmp.ui.routes.assets import BUNDLE, content_hash

# Modules that the first page needs but the server's start does not: pandas takes 0.25 s to import, and so does
# Streamlit's regular expression of all emojis. The browser needs longer than that to load Streamlit's scripts.
WARM = ("pandas", "streamlit.emojis")

# The root of the dashboard, for Streamlit and for our own scripts (components.py). Only the browser knows it, because a
# proxy may strip a prefix from the requested path. It is the folder of the page's address: /prefix/ for both /prefix/
# and /prefix/train, which is also how Streamlit's page finds its own scripts, at ./static/.
ROOT_SCRIPT = b'<script>window.__streamlit = { BACKEND_BASE_URL: new URL(".", location).href }</script>'

# Request headers to drop: only a full, uncompressed page can be edited. With them, a browser that has cached another
# Streamlit application from this address would get "304 Not Modified".
CONDITIONS = (b"accept-encoding", b"if-none-match", b"if-modified-since")


class IndexPage:
    """Middleware that tells Streamlit's page where its server is.

    Without it, Streamlit guesses from the page's address and requests /train/_stcore/health first, so opening a page
    by its address logs two errors in the browser's console. prefix: of every address.
    """

    def __init__(self, app: ASGIApp, prefix: str = ""):
        self.app = app
        self.prefix = prefix
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
                await self._send_page(started, message, send, scope)
            else:
                await send(message)

        await self.app({**scope, "headers": plain}, receive, send_changed)

    def _warm(self) -> None:
        """Start importing WARM in the background, while the first browser loads its scripts."""
        if self.cold:
            self.cold = False
            Thread(target=_import_all, daemon=True).start()

    async def _send_page(self, started: Message, message: Message, send: Send, scope: Scope) -> None:
        """The page is small, so its body arrives in one message; later messages are passed on unchanged."""
        is_packed = takes_gzip(scope)
        is_home = scope["path"].rstrip("/") in ("", self.prefix)
        sight = await run_in_threadpool(still, _place()) if is_home else Still()
        body = message.get("body", b"")
        for tag, more in (
            (b"<head>", ROOT_SCRIPT + sight.head.encode() + frame_links()),
            (b"<body>", sight.body.encode()),
        ):
            body = body.replace(tag, tag + more, 1)
        headers = [
            (name, value)
            for name, value in started["headers"]
            if name not in (b"content-length", b"etag", b"last-modified")
        ]
        if not message.get("more_body"):
            if is_packed and body:
                body = gzip.compress(body, 6, mtime=0)
                headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
            headers.append((b"content-length", str(len(body)).encode()))
        await send({**started, "headers": headers})
        await send({**message, "body": body})


def frame_links() -> bytes:
    """The style that all pages share, and all our scripts, of which the frame's runs at once. They are here, not in a page, so
    that neither a rerun nor a change of pages loads them anew, and so that the first paint already has its type size."""
    place = _place()
    return (
        f'<link rel="stylesheet" href="{place}/shared/frame.css"><script type="module" src="{place}/{BUNDLE}"></script>'
    ).encode()


def _place() -> str:
    """The address of scripts and styles."""
    return f"./gencmp/static/{content_hash()}"


def _import_all() -> None:
    for name in WARM:
        import_module(name)


def _is_html(started: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"text/html") for name, value in started.get("headers", []))
