"""Routes of a live run's page: new events since the last request, pictures, the latent plane."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp.events import RECOGNISABLE, Changed
from gencmp.graphics.sheets import grid, png
from gencmp.panels.columns import real_column
from gencmp.picture_arrays import load_arrays
from gencmp.runs.card import changed_words
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.measured import judged
from gencmp.runs.executors.choice import on_cluster
from gencmp.runs.forks.words import fork_words, is_fork
from gencmp.runs.run import EpochRow, Run, class_names, moved_words, place_words
from gencmp.training.schedule import pictured_every
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.ghosts import parent_of
from gencmp.ui.requests.bounds import NAME, whole
from gencmp.ui.rights.guard import current
from gencmp.ui.rights.rules import without_paths
from gencmp.ui.routes.answers import NEVER, need_pictures
from gencmp.ui.routes.diagnosis import diagnosis_facts

FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600"}  # cached by the browser, not by a shared proxy
CHART_POINTS = 1200  # of a curve in the first response; later steps are sent in full
EPOCH_POINTS = 300  # per response; epochs of longer runs are thinned evenly
ROWS = ("real", "fakes", "reconstructions")  # of a moment's pictures
WITH_REAL = ("real", "reconstructions", "originals")  # these show real ones, too
_drawing = Lock()


def news(request: Request, record: ModelRecord) -> Response:
    """What a viewer is missing after the query's `step` and `epoch`: the run, later steps and epochs, the newest preview,
    and the moment at which a run is held."""
    step, epoch = (whole(request, name) for name in ("step", "epoch"))
    store = open_catalog().store
    checkup = _checkup_facts(final_checkup(record) if record.is_shipped else store.queries.checkup(record.run.id))
    facts = {
        "run": run_facts(record.run),
        "steps": record.steps(after=step, points=0 if step else CHART_POINTS),
        "changes": [*_fork_facts(record.run), *(change_facts(record.run, each) for each in record.changes())],
        "epochs": [epoch_facts(row) for row in record.epochs(after=epoch, points=EPOCH_POINTS)],
        "preview": None if record.is_shipped else store.queries.preview_step(record.run.id),
        "moment": store.moments.newest(record.run.id) if record.run.is_live else None,
        "checkup": checkup,
        "diagnosis": diagnosis_facts(record, checkup["epoch"] if checkup else 0),
    }
    return Response(json.dumps(facts, separators=(",", ":")), media_type="application/json", headers=NEVER)


def _checkup_facts(facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """Checkups of early versions do not know whether digits were recognised; to a judge, noise is all of one class."""
    if facts is None:
        return None
    if "recognised" in facts:
        return facts | {"recognisable": facts["recognised"] >= RECOGNISABLE}
    return facts | {"recognisable": len(facts["missing"]) < len(facts["digits"]) - 1}


def final_checkup(record: ModelRecord) -> dict[str, Any] | None:
    """A checkup of a shipped model, taken from its verdict, which uses more pictures."""
    verdict, floor = judged(record)
    if not verdict or not floor:
        return None
    facts = {"epoch": verdict.epoch, "frechet": verdict["frechet"].value, "floor": floor["frechet"].value}
    recognised = verdict["legible"].value if "legible" in verdict else 1.0
    return facts | {"digits": verdict.digits, "missing": verdict.missing, "recognised": recognised}


def run_facts(run: Run) -> dict[str, Any]:
    """The facts of a run that a page shows."""
    names = (
        "id",
        "name",
        "kind",
        "state",
        "reason",
        "words",
        "epoch",
        "epoch_now",
        "epochs",
        "step",
        "steps",
        "images_per_second",
        "seconds",
        "entropy_floor",
    )
    more = {
        "starts_at": run.origin.get("epoch", 0),
        "left": run.seconds_left,
        "pictured_every": pictured_every(run.epochs),
        "classes": class_names(run),
        "node": run.place.get("node") or "",
        "where": place_words(run) if run.place.get("node") else "",
        "moved": moved_words(run),
    }
    facts = {name: getattr(run, name) for name in names} | more | _waiting(run)
    if not current().is_teacher:  # why it failed, and what it does, may name the folder of its pictures
        facts |= {name: without_paths(facts[name], run.config) for name in ("reason", "words", "waits")}
    return facts


def _waiting(run: Run) -> dict[str, Any]:
    """A waiting run's position in the queue of its kind, and whether a worker may start it now."""
    if run.state != "queued":
        return {"place": 0, "free": False, "waits": ""}
    store = open_catalog().store
    if on_cluster():
        return {"place": 0, "free": False, "waits": f"{run.words or 'Waiting for a place on the cluster'}."}
    place, (live, _) = store.queries.place(run), store.queries.open_by_kind()[run.kind]
    return {"place": place, "free": live + place <= store.queries.at_once(run.kind), "waits": ""}


def change_facts(run: Run, change: Changed) -> dict[str, Any]:
    """A change of settings during training, for a mark on the charts. place: its place on the axis, in epochs."""
    return {"place": (change.step - 1) * run.epochs / run.steps, "words": changed_words(run, change)}


def _fork_facts(run: Run) -> list[dict[str, Any]]:
    """The same for the place where a fork left its parent."""
    if not is_fork(run):
        return []
    parent = parent_of(run, open_catalog())
    name = parent.run.name if parent else f"{run.origin['name']} (deleted since)"
    return [{"place": run.origin["epoch"], "words": fork_words(run, name).rstrip(".")}]


def epoch_facts(row: EpochRow) -> dict[str, Any]:
    return {"epoch": row.epoch, "step": row.step, "measures": row.measures, "test": row.test}


def picture(request: Request, record: ModelRecord) -> Response:
    return _sheet(_pictured_file(request, record), _what(request, record))


def _what(request: Request, record: ModelRecord) -> str:
    """Which pictures are asked for. Raises NotAllowed for real ones that are the teacher's."""
    what = str(request.path_params["what"]).removesuffix(".png")
    if what in WITH_REAL:
        need_pictures(record.run.config["dataset"])
    return what


def _sheet(arrays: bytes, what: str) -> Response:
    """Drawing takes 6 ms, and shared answers are made anew whenever any run writes, so what is drawn is kept."""
    with _drawing:
        return _drawn(arrays, what)


@lru_cache(maxsize=64)
def _drawn(arrays: bytes, what: str) -> Response:
    return _png(load_arrays(arrays).get(what) if arrays else None)


def _pictured_file(request: Request, record: ModelRecord) -> bytes:
    """The arrays of the requested epoch, or of the nearest saved one: long runs do not save all."""
    epoch, folder = request.path_params["epoch"], record.folder
    for found in (epoch, *sorted(folder.pictured(), key=lambda each: abs(each - epoch))[:1]):
        with suppress(FileNotFoundError):
            return folder.arrays_content(found)
    return b""


def picture_now(request: Request, record: ModelRecord) -> Response:
    found = open_catalog().store.queries.preview(record.run.id)
    return _sheet(found[1] if found else b"", _what(request, record))


def picture_of_moment(request: Request, record: ModelRecord) -> Response:
    """A row of pictures of the newest moment. In slow motion it may be later than the one that was asked for, and is not
    cached under that one's address then. Nothing (204) while there are no such pictures: the minibatch is only laid out, or the run has ended."""
    found, what = open_catalog().store.moments.pictures(record.run.id), _what(request, record)
    answer = _sheet(found[1] if found else b"", what)
    if answer.status_code == 404 and what in ROWS:  # a browser would call 404 an error, and here it is none
        return Response(status_code=204, headers=NEVER)
    if found and found[0] == request.path_params["id"]:
        return answer
    return Response(answer.body, answer.status_code, media_type=answer.media_type, headers=NEVER)


def real(request: Request) -> Response:
    """64 test pictures for comparison, from the data of the model in the query's `of`; by default from MNIST."""
    record = open_catalog().find(of) if (of := request.query_params.get("of", "")[:NAME]) else None
    if record:
        need_pictures(record.run.config["dataset"])
    return _png(real_column(record).images)


def plane(request: Request, record: ModelRecord) -> Response:
    return _points(load_arrays(content) if (content := _pictured_file(request, record)) else {})


def plane_now(request: Request, record: ModelRecord) -> Response:
    return _points(_preview(record))


def _preview(record: ModelRecord) -> dict[str, np.ndarray]:
    found = open_catalog().store.queries.preview(record.run.id)
    return load_arrays(found[1]) if found else {}


def _png(images: np.ndarray | None) -> Response:
    """A sheet of digits without gaps at original size; the browser scales it without smoothing."""
    if images is None or images.ndim != 3:
        return JSONResponse({"error": "This run has no such pictures yet."}, 404, headers=NEVER)
    columns = 8 if len(images) == 64 else len(images)
    return Response(png(grid(images, columns)), media_type="image/png", headers=FOR_AN_HOUR)


def _points(arrays: dict[str, np.ndarray]) -> Response:
    """The test set's means: little-endian float32 [n, 2] (the first two latent dimensions), then uint8 labels [n]."""
    if "means" not in arrays:
        return JSONResponse({"error": "This run has no latent plane yet."}, 404, headers=NEVER)
    means = arrays["means"][:, :2].astype("<f4")
    if means.shape[1] == 1:
        means = np.concatenate((means, np.zeros_like(means)), 1)
    return Response(
        means.tobytes() + arrays["labels"].tobytes(),
        media_type="application/octet-stream",
        headers=FOR_AN_HOUR,
    )
