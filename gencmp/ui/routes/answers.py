"""Shared by all routes: cache headers, errors as JSON, and what may be shown to whom."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable, Sequence
from functools import wraps
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gencmp.errors import BadRequest, GencmpError, NotAllowed, RunNotFound, TooBusy
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.catalog import open_catalog
from gencmp.ui.requests.bounds import NAME
from gencmp.ui.requests.busy import costly
from gencmp.ui.requests.encoding import takes_gzip
from gencmp.ui.requests.shared import shared
from gencmp.ui.rights import rules
from gencmp.ui.rights.guard import class_rules, current

FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
NEVER = {"Cache-Control": "no-store"}
Answer = TypeVar("Answer")
PROBLEMS = (GencmpError, ValueError, OSError)
STATUS = ((BadRequest, 400), (NotAllowed, 403), (TooBusy, 429), (PROBLEMS, 404))


def in_words(answer: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """An endpoint that answers errors with {"error": sentence}, in status 404 unless STATUS has another."""

    @wraps(answer)
    def endpoint(request: Request) -> Response:
        try:
            return answer(request)
        except PROBLEMS as error:
            return _problem(error)

    return endpoint


def _problem(error: Exception) -> Response:
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    words = "This file cannot be read." if isinstance(error, OSError) else str(error)
    if not current().is_teacher:
        words = rules.without_paths(words)
    after = {"Retry-After": str(error.after)} if isinstance(error, TooBusy) else {}
    return JSONResponse({"error": words}, status, headers=NEVER | after)


def nothing(request: Request) -> Response:
    """For addresses that are none of ours. Raises RunNotFound."""
    raise RunNotFound("There is nothing at this address. It may be mistyped, or of another version.")


def of_model(answer: Callable[[Request, ModelRecord], Response]) -> Callable[[Request], Response]:
    """An endpoint that passes the model named in the address to `answer`."""

    @wraps(answer)
    def of_named(request: Request) -> Response:
        name = request.path_params["model"]
        if len(name) > NAME:
            raise BadRequest(f"Found a model's name of {len(name):,} letters, wanted at most {NAME}.")
        return answer(request, open_catalog().find(name))

    return in_words(of_named)


def shared_by_all(
    answer: Callable[[Request, ModelRecord], Response],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The same as of_model, for an answer that depends on nothing but the store, the address, and whether the teacher asks: all who ask
    the same at the same moment share it."""
    endpoint = of_model(answer)

    @wraps(answer)
    async def of_class(request: Request) -> Response:
        try:
            database = open_catalog().store.database
        except PROBLEMS as error:
            return _problem(error)
        question = (database.path, request.url.path, request.url.query, current().is_teacher)
        found = await shared.answer(question, database.revision(), lambda: endpoint(request))
        return found.sent(takes_gzip(request.scope))

    return of_class


def computed(of: str, parts: Sequence[Hashable], compute: Callable[[], Answer], is_kept: bool = False) -> Answer:
    """An answer that takes long: see Costly. of, parts: what tells it from every other one."""
    who = current()
    return costly.answer((of, *parts), "" if who.is_here else who.visitor.address, compute, is_kept)


def need_pictures(*datasets: str) -> None:
    """Raises NotAllowed where the pictures of any of these data sets are the teacher's."""
    who, of_class = current(), class_rules(open_catalog().store)
    if not all(rules.sees_pictures(who, of_class, dataset) for dataset in datasets):
        raise NotAllowed("The pictures that this model was trained on are shown to the teacher only.")
