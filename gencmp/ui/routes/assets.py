"""Scripts and styles, which browsers keep for ever: their address changes when any of them does."""

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
# Some scripts lie beside their twins in Python, or beside what they are built into.
ELSEWHERE = {"latent": PACKAGE / "latent", "panels": PACKAGE / "panels"}
KINDS = {".js": "text/javascript", ".css": "text/css"}


class Scripts(StaticFiles):
    """The scripts and styles of a folder, and nothing else that lies there."""

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
    """prefix: before every address, with the `stamp` in it. Plotly's script ships inside its package."""
    folders = ELSEWHERE | {"plotly": _plotly(), "": STATIC}
    return [Mount(f"{prefix}/{name}".rstrip("/"), Scripts(directory=folder)) for name, folder in folders.items()]


@cache
def stamp() -> str:
    """Changes when any script or style does: it is a part of their address, so browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in script_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def script_files() -> list[Path]:
    """Every script and style of ours."""
    folders = (STATIC, *ELSEWHERE.values())
    return sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in KINDS)


def served_as(path: Path) -> str:
    """The address of one of script_files(), after the prefix."""
    return path.relative_to(STATIC if path.is_relative_to(STATIC) else PACKAGE).as_posix()


def _plotly() -> Path:
    spec = find_spec("plotly")  # does not pay for importing it
    assert spec and spec.origin, "plotly is not installed"
    return Path(spec.origin).parent / "package_data"
