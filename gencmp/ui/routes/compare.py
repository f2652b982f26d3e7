"""What the Compare page's browser fetches: facts of columns, nearest training pictures, panels. Nothing here imports torch."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gencmp.errors import GencmpError, RunNotFound
from gencmp.evaluation.nearest import nearest_training
from gencmp.graphics.sheets import grid, png
from gencmp.graphics.words import advice
from gencmp.panels.columns import REAL, Column, CompareError, column_of, columns_of, real_column
from gencmp.panels.facts import facts, unmeasured
from gencmp.panels.forms import FORMS, content
from gencmp.panels.panel import MIDDLE, WORDS_AT_MOST, make_panel
from gencmp.panels.provenance import shown_figures
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.ui import charts

NEVER = {"Cache-Control": "no-store"}


def routes(prefix: str, catalog: Callable[[], Catalog]) -> list[Route]:
    """prefix: before every address. catalog: asked anew at each request."""

    def told(answer: Callable[[Request, Catalog], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request, catalog())
            except (GencmpError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 404, headers=NEVER)

        return endpoint

    return [
        Route(f"{prefix}/columns", told(columns)),
        Route(f"{prefix}/nearest", told(nearest)),
        Route(f"{prefix}/models", told(models)),
        Route(f"{prefix}/letters", told(letters)),
        Route(f"{prefix}/panel.{{form:path}}", told(panel)),
    ]


def _names(request: Request) -> Sequence[str]:
    return [name for name in request.query_params.get("columns", "").split(",") if name]


def columns(request: Request, catalog: Catalog) -> Response:
    """compare.facts() of the columns that the query names, as "paper-gan@50,real"; what was measured of them, their charts."""
    found = columns_of(catalog, _names(request))
    told = facts(found, catalog)
    for column, each in zip(found, told["columns"], strict=True):
        each |= {"figures": shown_figures(column), "unmeasured": unmeasured(column), "chart": _chart(column)}
    return JSONResponse(told, headers=NEVER)


def _chart(column: Column) -> dict[str, Any] | None:
    """Of its losses, still without data."""
    run = column.record.run if column.record else None
    return charts.live_charts(run.kind, run.config, run.entropy_floor)[0] if run else None


def choices(catalog: Catalog) -> list[dict[str, Any]]:
    """Every model that can be shown: those that ship first, then runs, newest first. Of a run, only its last epoch is
    told: a thousand folders take a third of a second to list. Which others it has, `models` tells of those chosen."""
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
    """choices() as they are by now; of the models alone that the query's `columns` name, where it names any."""
    names = _names(request)
    found = (
        [_choice(record) for record in map(partial(_found, catalog), names) if record] if names else choices(catalog)
    )
    return JSONResponse({"models": found}, headers=NEVER)


def _found(catalog: Catalog, name: str) -> ModelRecord | None:
    """None when it has been deleted."""
    try:
        return catalog.find(name)
    except RunNotFound:
        return None


def letters(request: Request, catalog: Catalog) -> Response:
    """Which letters of the query's `words` pictures and PDF cannot show here, and what to do about it."""
    from gencmp.graphics.fonts import missing

    lacking = missing(request.query_params.get("words", "")[:WORDS_AT_MOST])
    return JSONResponse({"missing": lacking, "words": advice(lacking, "the server's machine")}, headers=NEVER)


def nearest(request: Request, catalog: Catalog) -> Response:
    """Of one column's pictures, in their own order: the nearest training pictures as a sheet eight across, labels, distances;
    and what the judge sees in the pictures themselves, where that was kept. Real ones are of the data of the model `of`."""
    name, of = (request.query_params.get(each, "") for each in ("column", "of"))
    column = real_column(catalog.find(of)) if name == REAL and of else column_of(catalog, name)
    images, labels, distances = nearest_training(column.images, *column.data)
    sheet = "data:image/png;base64," + base64.b64encode(png(grid(images, 8))).decode()
    told = {"sheet": sheet, "labels": labels.tolist(), "distances": [round(float(each), 2) for each in distances]}
    if column.judge is not None:
        told |= {
            "digits": column.judge.classes.tolist(),
            "confidence": [round(float(each), 4) for each in column.judge.confidence],
        }
    return JSONResponse(told, headers={"Cache-Control": "private, max-age=3600"})


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CompareError(f"Found the divider at {text!r}, wanted a number from 0 to 100.") from None


def panel(request: Request, catalog: Catalog) -> Response:
    """The panel of this view as a file; the same bytes as `python -m gencmp panel` writes."""
    form, query = request.path_params["form"], request.query_params
    words = {name: query.get(name, "") for name in ("title", "caption")}
    order, view, at = query.get("order", "seed"), query.get("view", "grid"), _number(query.get("at", str(MIDDLE)))
    made = make_panel(catalog, _names(request), order, view, at=at, **words)
    name = (
        re.sub(r"[^\w.@-]+", "-", "-".join(column.title for column in made.columns)).encode("ascii", "ignore").decode()
    )
    headers = {"Content-Disposition": f'attachment; filename="{name[:80] or "panel"}.{form}"'} | NEVER
    return Response(content(made, form), media_type=FORMS.get(form), headers=headers)
