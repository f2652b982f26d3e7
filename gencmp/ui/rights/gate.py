"""Every HTTP request passes here: who asks is found once, uploads need the teacher, and each browser gets a number.

Pages act over Streamlit's websocket, where session.py says who is looking. Imports no Streamlit.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gencmp.ui.rights import hosting
from gencmp.ui.rights.guard import of_request
from gencmp.ui.rights.rules import UPLOAD, Rights
from gencmp.ui.rights.sign_in import STAYS, sign_in
from gencmp.ui.rights.visitor import BROWSER, TEACHER

UPLOADS = re.compile(r"/_stcore/upload_file/([^/]+)/")
FILES, BYTES = 5000, 1_000_000_000  # that one page may upload; Streamlit keeps them in memory while it is open
PAGES = 500  # whose uploads are counted
YEAR = 365 * 24 * 3600


class Gate:
    """Middleware."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self.uploads: dict[str, _Uploaded] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        who = rights_of(scope, headers)
        if refused := self._refused_upload(scope, headers, who):
            await refused(scope, receive, send)
            return
        token = of_request.set(who)
        try:
            await self.app(scope, receive, send if who.browser else _numbering(scope, send))
        finally:
            of_request.reset(token)

    def _refused_upload(self, scope: Scope, headers: Headers, who: Rights) -> Response | None:
        found = UPLOADS.search(scope["path"])
        if not found or scope["method"] == "OPTIONS":
            return None
        if not (who.is_teacher or hosting.may_upload(found[1])):
            return _no(403, f"Only the teacher may {UPLOAD} here.")
        if scope["method"] != "PUT":
            return None
        size = headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", size):
            return _no(411, "An upload must say its size.")
        return self._count(found[1], int(size))

    def _count(self, page: str, size: int) -> Response | None:
        known = self.uploads.pop(page, _Uploaded())
        self.uploads[page] = known  # to the end: the newest are remembered
        while len(self.uploads) > PAGES:
            self.uploads.pop(next(iter(self.uploads)))
        if known.files >= FILES or known.size + size > BYTES:
            return _no(
                413, f"Too much for one page: at most {FILES:,} pictures and {BYTES // 10**6:,} MB. Reload the page."
            )
        known.files, known.size = known.files + 1, known.size + size
        return None


@dataclass
class _Uploaded:
    """By one page. size: bytes."""

    files: int = 0
    size: int = 0


def _no(status: int, words: str) -> Response:
    return JSONResponse({"error": words}, status, headers={"Cache-Control": "no-store"})


def rights_of(scope: Scope, headers: Headers) -> Rights:
    """Of a request or a handshake."""
    found = hosting.visitor(str((scope.get("client") or ("",))[0]), headers)
    return Rights(found, found.is_here or sign_in().knows(found.teacher))


def _numbering(scope: Scope, send: Send) -> Send:
    """Give the browser a number of its own with the first page; no script can read it."""

    async def send_numbered(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("content-type", "").startswith("text/html"):
                headers.append("set-cookie", cookie(BROWSER, secrets.token_hex(16), YEAR, scope))
        await send(message)

    return send_numbered


def cookie(name: str, value: str, seconds: float, scope: Scope | dict[str, Any]) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{name}={value}; Max-Age={seconds:.0f}; Path=/; HttpOnly; SameSite=Lax{secure}"


async def keep_teacher(request: Request) -> Response:
    """Keep a token, which the PIN has brought, as a cookie: so that a reload asks for no PIN, and routes know the teacher."""
    token = await _beginning(request)
    if not sign_in().knows(token):
        return _no(403, "This sign-in is not known here, or has ended.")
    return Response(status_code=204, headers={"Set-Cookie": cookie(TEACHER, token, STAYS, request.scope)})


async def _beginning(request: Request) -> str:
    """Of its body: no more than is needed to see that it is too long. Empty if the browser hangs up."""
    found = ""
    try:
        async for piece in request.stream():
            found += piece[:64].decode("ascii", "replace")
            if len(found) > 64:
                break
    except ClientDisconnect:
        return ""
    return found
