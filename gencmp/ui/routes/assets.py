"""Scripts and styles. Browsers cache them forever, because their address contains a hash of their content."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gencmp.files import PACKAGE
from gencmp.ui.routes.answers import FOR_EVER

STATIC = PACKAGE / "ui" / "static"
# Scripts that are next to their Python counterparts, or next to what they are embedded in.
ELSEWHERE = {"latent": PACKAGE / "latent", "panels": PACKAGE / "panels"}
KINDS = {".js": "text/javascript", ".css": "text/css"}


class Scripts(StaticFiles):
    """Serves the scripts and styles of a folder, but no other files in it."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        return super().lookup_path(path) if Path(path).suffix in KINDS else ("", None)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["content-type"] = KINDS[Path(full_path).suffix]  # Windows may call a script plain text
        response.headers.update(FOR_EVER)
        return response


def scripts(prefix: str) -> list[BaseRoute]:
    """The routes. prefix: of every address, including content_hash(). Plotly's script is part of its package."""
    folders = ELSEWHERE | {"plotly": _plotly(), "": STATIC}
    return [Mount(f"{prefix}/{name}".rstrip("/"), Scripts(directory=folder)) for name, folder in folders.items()]


@cache
def content_hash() -> str:
    """A hash of all scripts and styles. It is part of their addresses, so that browsers can cache them forever."""
    digest = hashlib.sha256()
    for path in script_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def script_files() -> list[Path]:
    """All scripts and styles of gencmp."""
    folders = (STATIC, *ELSEWHERE.values())
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS)


def served_as(path: Path) -> str:
    """The address of one of script_files(), after the prefix."""
    return path.relative_to(STATIC if path.is_relative_to(STATIC) else PACKAGE).as_posix()


def _plotly() -> Path:
    spec = find_spec("plotly")  # without importing it
    assert spec and spec.origin, "plotly is not installed"
    return Path(spec.origin).parent / "package_data"
