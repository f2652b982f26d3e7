"""Shared by all routes: cache headers, and errors as JSON."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.catalog import open_catalog

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NEVER = {"Cache-Control": "no-store"}


def in_words(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """An endpoint that answers errors with status 404 and {"error": sentence}."""

    def endpoint(request: Request) -> Response:
        try:
            return answer(request)
        except (GencmpError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 404, headers=NEVER)

    return endpoint


def of_model(answer: Callable[[Request, ModelRecord], Response]) -> Callable[[Request], Response]:
    """An endpoint that passes the model named in the address to `answer`."""
    return in_words(lambda request: answer(request, open_catalog().find(request.path_params["model"])))
