"""What every answer tells the browser: load nothing from elsewhere, guess no types, say nothing of our addresses, frame nobody."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gencmp.ui.first_page import ROOT_SCRIPT
from gencmp.ui.home.still import SCHEME
from gencmp.ui.requests.bounds import LONGEST, is_too_long
from gencmp.ui.rights.hosting import frame_ancestors

# Streamlit's components are modules made from text (blob:), and its styles are made by scripts; Plotly's, too. Nothing may come
# from, or be sent to, another server.
POLICY = {
    "default-src": "'self'",
    "worker-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
}
SIMPLE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-site",
}


INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


@cache
def script_sources() -> str:
    """Our server's scripts, components, and those that stand within the first page, known by their hashes."""
    page = (_streamlit() / "static" / "index.html").read_bytes()
    inline = INLINE.findall(ROOT_SCRIPT + SCHEME.encode() + page)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(each).digest()).decode()}'" for each in inline]
    return " ".join(["'self'", *hashes, "blob:"])


def _streamlit() -> Path:
    spec = find_spec("streamlit")  # without importing it
    assert spec and spec.origin, "Streamlit is not installed"
    return Path(spec.origin).parent


def policy(host: str) -> str:
    """The Content-Security-Policy. host: as the browser calls this server, for its websocket: not every browser counts that as
    'self'."""
    return _policy(host if _is_plain(host) else "", frame_ancestors())


@lru_cache(maxsize=100)
def _policy(host: str, ancestors: str) -> str:
    sockets = f"ws://{host} wss://{host}" if host else ""
    connect = " ".join(filter(None, ("'self'", sockets, "data: blob:")))
    rules = POLICY | {"script-src": script_sources(), "connect-src": connect, "frame-ancestors": ancestors}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _is_plain(host: str) -> bool:
    return bool(host) and len(host) < 256 and all(letter.isalnum() or letter in ".-:[]" for letter in host)


class Headers:
    """Middleware, the outermost: also of what others refuse. An address that is too long ends here, with 414."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")

        async def send_more(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (SIMPLE | {"Content-Security-Policy": policy(host)}).items():
                    headers[name] = value
            await send(message)

        if is_too_long(scope):
            words = f"The address has more than {LONGEST:,} letters. Ask for fewer things at once."
            await JSONResponse({"error": words}, 414)(scope, receive, send_more)
            return
        await self.app(scope, receive, send_more)
