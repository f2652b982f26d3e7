"""What the browser fetches for itself, beside Streamlit: scripts, pictures, and the news of a live run.

All of it is read-only, and comes from the store and the run folders alone. A live chart asks here for what it has not
yet seen: its own place is all that it must remember, so a reload, a second viewer or a page switch costs nothing,
and no script runs on the server for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from gencmp.classes import class_names
from gencmp.errors import GencmpError
from gencmp.files import load_arrays
from gencmp.graphics.sheets import grid, png
from gencmp.keeping import pictured_every
from gencmp.panels.columns import real_column
from gencmp.run import EpochRow, Run
from gencmp.shelf import Record
from gencmp.ui import compare_routes, latent_routes
from gencmp.ui.frame import base_path, shelf
from gencmp.ui.index import IndexPage
from gencmp.ui.verdict import judged

STATIC = Path(__file__).parent / "static"
KINDS = {".js": "text/javascript", ".css": "text/css"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NEVER = {"Cache-Control": "no-store"}
FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}  # by the browser, not by a proxy that others share
CHART_POINTS = 1200  # of a curve's first fetch; what comes later comes whole
EPOCH_POINTS = 300  # of a first fetch as well: a longer run's epochs are told evenly spread


def routes() -> list[Route]:
    """For st.App. The prefix keeps clear of the pages' own addresses."""
    prefix = f"{base_path()}/gencmp"
    return [
        Route(f"{prefix}/static/{{stamp}}/{{name}}", static),
        Route(f"{prefix}/real.png", _in_words(real)),
        Route(f"{prefix}/news/{{model}}", _told(news)),
        Route(f"{prefix}/pictures/{{model}}/{{epoch:int}}/{{what}}.png", _told(picture)),
        Route(f"{prefix}/glimpse/{{model}}/{{step:int}}/{{what}}.png", _told(picture_now)),
        Route(f"{prefix}/plane/{{model}}/{{epoch:int}}", _told(plane)),
        Route(f"{prefix}/glimpse/{{model}}/{{step:int}}/plane", _told(plane_now)),
        Route(f"{prefix}/kept/{{model}}", _told(latent_routes.kept)),
        Route(f"{prefix}/weights/{{model}}/{{epoch:int}}/{{stamp}}", _told(latent_routes.weights)),
        Route(f"{prefix}/posterior/{{model}}/{{epoch:int}}/{{stamp}}", _told(latent_routes.posterior)),
        Route(f"{prefix}/digits/{{model}}", _told(latent_routes.digits)),
        Route(f"{prefix}/tested/{{model}}", _told(latent_routes.tested)),
        Route(f"{prefix}/ambiguity/{{model}}/{{epoch:int}}/{{stamp}}", _told(latent_routes.ambiguity)),
        *compare_routes.routes(f"{prefix}/compare", lambda: shelf()),
    ]


def middleware() -> list[Middleware]:
    """For st.App, which this also spares a guess: pages/ is navigated by dashboard.py, not by Streamlit's first way of
    many pages, which would otherwise run pages/train.py by itself when that is the first address asked for."""
    PagesManager.uses_pages_directory = False
    return [Middleware(IndexPage)]


# Scripts


@cache
def stamp() -> str:
    """Changes when any script or style does: it is a part of their address, so browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=64)
def _static_file(name: str) -> bytes | None:
    if name == "plotly.min.js":  # ships inside the package; find_spec does not pay for importing it
        spec = find_spec("plotly")
        return (Path(str(spec.origin)).parent / "package_data" / "plotly.min.js").read_bytes() if spec else None
    path = STATIC / Path(name).name
    return path.read_bytes() if path.suffix in KINDS and path.is_file() else None


def static(request: Request) -> Response:
    name = request.path_params["name"]
    content = _static_file(name)
    if content is None:
        return JSONResponse({"error": f"There is no file {name!r}."}, 404)
    return Response(content, media_type=KINDS[Path(name).suffix], headers=FOR_EVER)


# Runs


def _in_words(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """Mistakes as one sentence of JSON."""

    def endpoint(request: Request) -> Response:
        try:
            return answer(request)
        except (GencmpError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 404, headers=NEVER)

    return endpoint


def _told(answer: Callable[[Request, Record], Response]) -> Callable[[Request], Response]:
    """The record that the address names is handed on."""
    return _in_words(lambda request: answer(request, shelf().find(request.path_params["model"])))


def news(request: Request, record: Record) -> Response:
    """What a viewer that has seen `step` and `epoch` has not: the run, its steps and epochs since, its newest pictures."""
    step, epoch = (int(request.query_params.get(name, 0)) for name in ("step", "epoch"))
    told = {
        "run": run_facts(record.run),
        "steps": record.steps(after=step, points=0 if step else CHART_POINTS),
        "epochs": [epoch_facts(row) for row in record.epochs(after=epoch, points=EPOCH_POINTS)],
        "glimpse": None if record.is_shipped else shelf().store.glimpse_step(record.run.id),
        "glance": _final_glance(record) if record.is_shipped else shelf().store.glance(record.run.id),
    }
    return Response(json.dumps(told, separators=(",", ":")), media_type="application/json", headers=NEVER)


def _final_glance(record: Record) -> dict[str, Any] | None:
    """A shipped model's: from its verdict, on more pictures than a glance has."""
    verdict, floor = judged(record)
    if not verdict or not floor:
        return None
    facts = {"epoch": verdict.epoch, "frechet": verdict["frechet"].value, "floor": floor["frechet"].value}
    return facts | {"digits": verdict.digits, "missing": verdict.missing}


def run_facts(run: Run) -> dict[str, Any]:
    """What a page shows of a run."""
    names = (
        "id",
        "name",
        "kind",
        "state",
        "reason",
        "words",
        "epoch",
        "epochs",
        "step",
        "steps",
        "images_per_second",
        "seconds",
        "entropy_floor",
    )
    more = {"left": run.seconds_left, "pictured_every": pictured_every(run.epochs), "classes": class_names(run)}
    return {name: getattr(run, name) for name in names} | more | _waiting(run)


def _waiting(run: Run) -> dict[str, Any]:
    """A waiting run's place among those of its kind, and whether a worker may take it now."""
    if run.state != "queued":
        return {"place": 0, "free": False}
    store = shelf().store
    place, (live, _) = store.place(run), store.open_by_kind()[run.kind]
    return {"place": place, "free": live + place <= store.at_once(run.kind)}


def epoch_facts(row: EpochRow) -> dict[str, Any]:
    return {"epoch": row.epoch, "step": row.step, "measures": row.measures, "test": row.test}


def picture(request: Request, record: Record) -> Response:
    return _sheet(_pictured_file(request, record), request.path_params["what"])


def _sheet(arrays: bytes, what: str) -> Response:
    """A new picture is asked for by every viewer within a third of a second, and drawing it takes 6 ms: it is drawn once."""
    with _drawing:
        return _drawn(arrays, what)


_drawing = Lock()


@lru_cache(maxsize=64)
def _drawn(arrays: bytes, what: str) -> Response:
    return _png(load_arrays(arrays).get(what) if arrays else None)


def _pictured_file(request: Request, record: Record) -> bytes:
    """The arrays of the epoch asked for; of a long run, which keeps not all of them, those of the kept one nearest to it."""
    epoch, folder = request.path_params["epoch"], record.folder
    for found in (epoch, *sorted(folder.pictured(), key=lambda each: abs(each - epoch))[:1]):
        with suppress(FileNotFoundError):
            return folder.arrays(found).read_bytes()
    return b""


def picture_now(request: Request, record: Record) -> Response:
    found = shelf().store.glimpse(record.run.id)
    return _sheet(found[1] if found else b"", request.path_params["what"])


def real(request: Request) -> Response:
    """64 test pictures, to stand beside what the models draw: of the data of the model that the query's `of` names, else MNIST's."""
    of = request.query_params.get("of", "")
    return _png(real_column(shelf().find(of) if of else None).images)


def plane(request: Request, record: Record) -> Response:
    return _points(load_arrays(content) if (content := _pictured_file(request, record)) else {})


def plane_now(request: Request, record: Record) -> Response:
    return _points(_glimpse(record))


def _glimpse(record: Record) -> dict[str, np.ndarray]:
    found = shelf().store.glimpse(record.run.id)
    return load_arrays(found[1]) if found else {}


def _png(images: np.ndarray | None) -> Response:
    """A sheet of digits without gaps, one screen pixel a pixel; the browser scales it, pixel-exact."""
    if images is None or images.ndim != 3:
        return JSONResponse({"error": "There are no such pictures of this run yet."}, 404, headers=NEVER)
    columns = 8 if len(images) == 64 else len(images)
    return Response(png(grid(images, columns)), media_type="image/png", headers=FOR_AN_HOUR)


def _points(arrays: dict[str, np.ndarray]) -> Response:
    """The test set's means: little-endian float32 [n, 2] (the first two numbers of the latent), then uint8 labels [n]."""
    if "means" not in arrays:
        return JSONResponse({"error": "There is no plane of this run yet."}, 404, headers=NEVER)
    means = arrays["means"][:, :2].astype("<f4")
    if means.shape[1] == 1:
        means = np.concatenate((means, np.zeros_like(means)), 1)
    return Response(
        means.tobytes() + arrays["labels"].tobytes(),
        media_type="application/octet-stream",
        headers=FOR_AN_HOUR,
    )
