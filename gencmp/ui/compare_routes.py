"""What the Compare page's browser fetches: facts of columns, nearest training digits, panels. Nothing here imports torch,
unless a run was trained on other data than the shipped MNIST."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gencmp.compare import column_of, columns_of, facts
from gencmp.errors import GencmpError
from gencmp.looks import nearest_training
from gencmp.panel import FORMS, content, make_panel
from gencmp.pictures import grid, png
from gencmp.shelf import Shelf

NEVER = {"Cache-Control": "no-store"}


def routes(prefix: str, shelf: Callable[[], Shelf]) -> list[Route]:
    """prefix: before every address. shelf: asked anew at each request."""

    def told(answer: Callable[[Request, Shelf], Response]) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                return answer(request, shelf())
            except (GencmpError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 404, headers=NEVER)

        return endpoint

    return [
        Route(f"{prefix}/columns", told(columns)),
        Route(f"{prefix}/nearest", told(nearest)),
        Route(f"{prefix}/panel.{{form:path}}", told(panel)),
    ]


def _names(request: Request) -> Sequence[str]:
    return [name for name in request.query_params.get("columns", "").split(",") if name]


def columns(request: Request, shelf: Shelf) -> Response:
    """compare.facts() of the columns that the query names: "paper-gan@50,real"."""
    return JSONResponse(facts(columns_of(shelf, _names(request)), shelf), headers=NEVER)


def nearest(request: Request, shelf: Shelf) -> Response:
    """Of one column's pictures, in their own order: the nearest training digits as a sheet eight across, labels, distances."""
    column = column_of(shelf, request.query_params.get("column", ""))
    images, labels, distances = nearest_training(column.images, *column.data)
    sheet = "data:image/png;base64," + base64.b64encode(png(grid(images, 8))).decode()
    told = {"sheet": sheet, "labels": labels.tolist(), "distances": [round(float(each), 2) for each in distances]}
    return JSONResponse(told, headers={"Cache-Control": "max-age=3600"})


def panel(request: Request, shelf: Shelf) -> Response:
    """The panel of this view as a file; the same bytes as `python -m gencmp panel` writes."""
    form, query = request.path_params["form"], request.query_params
    words = {name: query.get(name, "") for name in ("title", "caption")}
    view = query.get("view", "grid")
    made = make_panel(shelf, _names(request), query.get("order", "seed"), "grid" if view == "swipe" else view, **words)
    name = (
        re.sub(r"[^\w.@-]+", "-", "-".join(column.title for column in made.columns)).encode("ascii", "ignore").decode()
    )
    headers = {"Content-Disposition": f'attachment; filename="{name[:80] or "panel"}.{form}"'} | NEVER
    return Response(content(made, form), media_type=FORMS.get(form), headers=headers)
