"""Routes of the Compare page: facts of columns, nearest training pictures, panels. Imports no torch."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gencmp.errors import RunNotFound
from gencmp.evaluation.nearest import nearest_training
from gencmp.graphics.sheets import grid, png
from gencmp.graphics.words import advice
from gencmp.panels.columns import Column, column_of, columns_of, real_column
from gencmp.panels.facts import facts, unmeasured
from gencmp.panels.forms import FORMS, Look, content
from gencmp.panels.panel import MIDDLE, WORDS_AT_MOST, Panel, make_panel
from gencmp.panels.provenance import figures_in_parts, figures_note
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.names import REAL
from gencmp.runs.run import trained_on
from gencmp.ui import charts
from gencmp.ui.requests.bounds import NAME, names, number
from gencmp.ui.rights.guard import current
from gencmp.ui.routes.answers import NEVER, computed, in_words, need_pictures


def routes(prefix: str, catalog: Callable[[], Catalog]) -> list[Route]:
    """prefix: of every address. catalog: called at each request."""

    def of_catalog(answer: Callable[[Request, Catalog], Response]) -> Callable[[Request], Response]:
        return in_words(lambda request: answer(request, catalog()))

    return [
        Route(f"{prefix}/columns", of_catalog(columns)),
        Route(f"{prefix}/nearest", of_catalog(nearest)),
        Route(f"{prefix}/models", of_catalog(models)),
        Route(f"{prefix}/letters", of_catalog(letters)),
        Route(f"{prefix}/panel.{{form:path}}", of_catalog(panel)),
    ]


def _names(request: Request) -> Sequence[str]:
    return names(request, "columns")


def columns(request: Request, catalog: Catalog) -> Response:
    """facts() of the columns in the query, such as "paper-gan@50,real", with their figures and loss charts."""
    found = columns_of(catalog, _names(request))
    known = facts(found, catalog)
    for column, each in zip(found, known["columns"], strict=True):
        each |= {
            "figures": figures_in_parts(column),
            "note": _note(column),
            "unmeasured": unmeasured(column),
            "chart": _chart(column),
        }
    return JSONResponse(known, headers=NEVER)


def _note(column: Column) -> str:
    """How its figures were measured, and where the model was trained."""
    trained = trained_on(column.record.run) if column.record else ""
    return ". ".join(filter(None, (figures_note(column), f"Trained {trained}" if trained else "")))


def _chart(column: Column) -> dict[str, Any] | None:
    """The layout of its loss chart, without data."""
    run = column.record.run if column.record else None
    return charts.live_charts(run.kind, run.config, run.entropy_floor)[0] if run else None


def choices(catalog: Catalog) -> list[dict[str, Any]]:
    """Every model that can be shown: shipped ones first, then runs, newest first.

    Runs are listed with their last epoch only, because listing a thousand folders takes a third of a second; `models`
    returns all epochs of the chosen ones.
    """
    whole = [_choice(record) for record in catalog.shipped()]
    return whole + [
        {
            "id": each.id,
            "name": each.name,
            "kind": each.kind,
            "shipped": False,
            "open": each.is_open,
            "pictured": [each.epoch],
        }
        for each in catalog.choices()
        if not each.is_shipped
    ]


def _choice(record: ModelRecord) -> dict[str, Any]:
    run = record.run
    return {
        "id": run.id, "name": run.name, "kind": run.kind, "shipped": record.is_shipped, "open": run.is_open,
        "pictured": record.folder.pictured(), "whole": True,
    }  # fmt: skip


def models(request: Request, catalog: Catalog) -> Response:
    """The current choices(); if the query has `columns`, only those models, with all their epochs."""
    names = _names(request)
    found = (
        [_choice(record) for record in map(partial(_found, catalog), names) if record] if names else choices(catalog)
    )
    return JSONResponse({"models": found}, headers=NEVER)


def _found(catalog: Catalog, name: str) -> ModelRecord | None:
    """The model; None if it has been deleted."""
    try:
        return catalog.find(name)
    except RunNotFound:
        return None


def letters(request: Request, catalog: Catalog) -> Response:
    """The letters of the query's `words` that pictures and PDF cannot show here, and how to fix that."""
    from gencmp.graphics.fonts import missing

    lacking = missing(request.query_params.get("words", "")[:WORDS_AT_MOST])
    return JSONResponse({"missing": lacking, "words": advice(lacking, "the server's machine")}, headers=NEVER)


def nearest(request: Request, catalog: Catalog) -> Response:
    """The nearest training pictures of one column: a sheet with eight per row, labels, distances; and the judge's opinion of
    the column's own pictures, if saved. In the column "real", the data are those of the model `of`."""
    name, of = (request.query_params.get(each, "")[:NAME] for each in ("column", "of"))
    column = real_column(catalog.find(of)) if name == REAL and of else column_of(catalog, name)
    need_pictures(column.data[0])
    return computed("nearest", (column.address, column.data), lambda: _nearest(column), is_kept=True)


def _nearest(column: Column) -> Response:
    images, labels, distances = nearest_training(column.images, *column.data)
    sheet = "data:image/png;base64," + base64.b64encode(png(grid(images, 8))).decode()
    known = {"sheet": sheet, "labels": labels.tolist(), "distances": [round(float(each), 2) for each in distances]}
    if column.judge is not None:
        known |= {
            "digits": column.judge.classes.tolist(),
            "confidence": [round(float(each), 4) for each in column.judge.confidence],
        }
    return JSONResponse(known, headers={"Cache-Control": "private, max-age=3600"})


def panel(request: Request, catalog: Catalog) -> Response:
    """The panel as a file, with the same bytes as `python -m gencmp panel` writes."""
    form, query = request.path_params["form"], request.query_params
    words = {name: query.get(name, "") for name in ("title", "caption")}
    order, view, at = (
        query.get("order", "seed")[:NAME],
        query.get("view", "grid")[:NAME],
        number(request, "at", MIDDLE, 0, 100),
    )
    chosen = _names(request)
    look = Look(query.get("wide") == "1", query.get("dark") == "1")

    def compute() -> Response:
        made = make_panel(catalog, chosen, order, view, at=at, **words)
        need_pictures(*(column.data[0] for column in made.columns if column.name == REAL))
        return _file(made, form, look)

    return computed("panel", (form, *chosen, order, view, at, *words.values(), look, current().is_teacher), compute)


def _file(made: Panel, form: str, look: Look) -> Response:
    name = (
        re.sub(r"[^\w.@-]+", "-", "-".join(column.title for column in made.columns)).encode("ascii", "ignore").decode()
    )
    headers = {"Content-Disposition": f'attachment; filename="{name[:80] or "panel"}.{form}"'} | NEVER
    return Response(content(made, form, look), media_type=FORMS.get(form), headers=headers)
