"""Scripts and styles, ours and Streamlit's. Browsers cache them forever, because their address contains a hash of their content.

Each file is compressed once, when it is first asked for, and the result is kept in memory: what a browser fetches on its first
visit becomes a third as large, and a class that comes in at once costs no more work than its first member.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gencmp.files import PACKAGE
from gencmp.ui.requests.encoding import packed_headers, takes_gzip
from gencmp.ui.routes import joining
from gencmp.ui.routes.answers import FOR_EVER
from gencmp.ui.routes.joining import joined

STATIC = PACKAGE / "ui" / "static"
# Scripts that are next to their Python counterparts, or next to what they are embedded in.
ELSEWHERE = {"latent": PACKAGE / "latent", "panels": PACKAGE / "panels"}
KINDS = {".js": "text/javascript", ".css": "text/css"}
TEXTS = (*KINDS, ".json", ".svg", ".html")  # pictures and fonts are compressed already
CONDITIONS = ("range", "if-none-match", "if-modified-since")
BUNDLE = "all.js"
FIRST = "shared/frame.js"  # what the bundle runs by itself
ALONE = ("shared/worker.js", "panels/offline.js")  # run in a thread of their own, or in a file of their own


class Files(StaticFiles):
    """Serves a folder; texts are compressed for whoever takes gzip. Files of a running server do not change."""

    def __init__(self, directory: Path):
        super().__init__(directory=directory)
        self.packed: dict[str, tuple[Sequence[tuple[bytes, bytes]], bytes]] = {}  # headers and body, by path
        self.locks: defaultdict[str, Lock] = defaultdict(Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and takes_gzip(scope, CONDITIONS)
        found = self.packed.get(self.get_path(scope)) if is_asked else None
        if found is None:
            await super().__call__(scope, receive, send)
            return
        headers, body = found  # at once, without a look at the disk: a class asks for four thousand of them
        await send({"type": "http.response.start", "status": 200, "headers": [*headers]})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if not isinstance(response, FileResponse) or response.status_code != 200:
            return response  # the browser has it already
        response.headers.update(FOR_EVER)
        place = Path(response.path)
        if place.suffix in TEXTS and takes_gzip(scope):
            return await run_in_threadpool(self._pack, path, place, response.headers)
        return response

    def _pack(self, path: str, place: Path, headers: Mapping[str, str]) -> Response:
        """Once, however many ask for it at the same time."""
        with self.locks[path]:
            if path not in self.packed:
                answer = Response(gzip.compress(place.read_bytes(), mtime=0), headers=packed_headers(headers))
                self.packed[path] = (tuple(answer.raw_headers), bytes(answer.body))
        found, body = self.packed[path]
        return Response(body, headers=Headers(raw=[*found]))


class Scripts(Files):
    """Serves the scripts and styles of a folder, but no other files in it."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path(path) if Path(path).suffix in KINDS else ("", None)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["content-type"] = KINDS[Path(full_path).suffix]  # Windows may call a script plain text
        return response


def scripts(prefix: str) -> list[BaseRoute]:
    """The routes of our own. prefix: of every address, including content_hash(). Plotly's script is part of its package."""
    folders = ELSEWHERE | {"plotly": _package("plotly") / "package_data", "": STATIC}
    mounts = [Mount(f"{prefix}/{name}".rstrip("/"), Scripts(directory=folder)) for name, folder in folders.items()]
    return [Route(f"{prefix}/{BUNDLE}", _bundle), *mounts]


class StreamlitsFiles:
    """Middleware that sends Streamlit's own scripts, styles and fonts. Streamlit would send them as they are, three times as many
    bytes, and takes no route of ours at their address. prefix: of every address."""

    def __init__(self, app: ASGIApp, prefix: str):
        self.app = app
        self.mount = Mount(f"{prefix}/static", Files(directory=_package("streamlit") / "static" / "static"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            match, found = self.mount.matches(scope)
            if match is Match.FULL:
                with suppress(HTTPException):  # not there: Streamlit says so
                    await self.mount.handle({**scope, **found}, receive, send)
                    return
        await self.app(scope, receive, send)


def _bundle(request: Request) -> Response:
    """All our scripts in one, see bundle.py."""
    headers = FOR_EVER | {"content-type": KINDS[".js"], "vary": "Accept-Encoding"}
    if takes_gzip(request.scope):
        return Response(_packed_bundle(), headers=headers | {"content-encoding": "gzip"})
    return Response(bundle(), headers=headers)


@cache
def bundle() -> bytes:
    """Scripts that pages load, joined."""
    pages = {served_as(path): path.read_text("utf-8") for path in script_files() if path.suffix == ".js"}
    return joined({name: text for name, text in pages.items() if name not in ALONE}, FIRST).encode()


@cache
def _packed_bundle() -> bytes:
    return gzip.compress(bundle(), mtime=0)


@cache
def content_hash() -> str:
    """A hash of all scripts and styles, and of how they are joined. It is part of their addresses, so that browsers can cache
    them forever."""
    digest = hashlib.sha256()
    for path in (*script_files(), Path(joining.__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def script_files() -> list[Path]:
    """All scripts and styles of gencmp."""
    folders = (STATIC, *ELSEWHERE.values())
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS)


def served_as(path: Path) -> str:
    """The address of one of script_files(), after the prefix."""
    return path.relative_to(STATIC if path.is_relative_to(STATIC) else PACKAGE).as_posix()


def _package(name: str) -> Path:
    """Where a package lies, without importing it."""
    spec = find_spec(name)
    assert spec and spec.origin, f"{name} is not installed"
    return Path(spec.origin).parent
