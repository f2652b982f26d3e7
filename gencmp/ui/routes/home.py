"""Routes of Home: more digits, sheet after sheet, so that its grids stay alive without a model's weights of several MB.

Imports no torch.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from gencmp.data.pictures import digits_to_test
from gencmp.errors import BadRequest, SnapshotError
from gencmp.graphics.sheets import grid, png
from gencmp.latent.networks import SIDE, drawn, read_weights
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.routes.answers import computed

COLUMNS = 8
DIGITS = COLUMNS**2  # of a sheet
SHEETS = 64  # of each model, and of real digits: after an hour the first one comes again
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}


def fresh(request: Request, record: ModelRecord) -> Response:
    """A sheet of digits that a model draws from noise of its own, with its newest kept weights. Raises SnapshotError."""
    number = _number(request)
    if not (kept := record.folder.kept()):
        raise SnapshotError(f"{record.run.name} has no saved epoch yet, so it cannot draw.")
    path = record.folder.weights(kept[-1])
    changed = path.stat().st_mtime_ns
    return _sheet(computed("fresh", (path, changed, number), lambda: _drawn(path, changed, number), is_kept=True))


def real(request: Request) -> Response:
    """A sheet of MNIST's test digits."""
    number = _number(request)
    images, _ = digits_to_test()
    return _sheet(png(grid(images[number * DIGITS : (number + 1) * DIGITS].reshape(-1, SIDE, SIDE), COLUMNS)))


def _number(request: Request) -> int:
    number = int(request.path_params["number"])
    if number >= SHEETS:
        raise BadRequest(f"Found sheet {number}, wanted one from 0 to {SHEETS - 1}.")
    return number


def _sheet(content: bytes) -> Response:
    return Response(content, media_type="image/png", headers=FOR_AN_HOUR)


@lru_cache(maxsize=2 * SHEETS)
def _drawn(path: Path, changed: int, number: int) -> bytes:
    return png(grid(drawn(read_weights(path), DIGITS, seed=number), COLUMNS))
