"""What the pages of a vote ask for once a second: how far the reveal has come."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp.ui.catalog import open_votes
from gencmp.ui.requests.bounds import whole
from gencmp.ui.routes.answers import NEVER
from gencmp.ui.vote.steps import news


def follow(request: Request) -> Response:
    """The round's state and, if the query's `step` is not the one shown, the step of the reveal."""
    known = whole(request, "step", -1, -1)
    return JSONResponse(news(open_votes().get(request.path_params["code"]), known), headers=NEVER)
