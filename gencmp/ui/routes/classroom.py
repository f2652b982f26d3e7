"""What the phones of a class ask for all the time: where the presenter is, and how many have predicted.

One small answer a class, made at most every FRESH seconds however many ask; a browser that has it already gets 304.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gencmp.errors import RoundNotFound
from gencmp.ui.catalog import open_classrooms
from gencmp.voting.classrooms import ClassroomStore
from gencmp.voting.store import tidy

FRESH = 0.4  # seconds
MOST = 50  # classes whose answers are kept


def news(store: ClassroomStore, code: str) -> dict[str, Any]:
    """Not how the class is divided: the page tells that once the outcome is shown."""
    try:
        where = store.get(code).position
    except RoundNotFound:
        return {"ended": True}  # no error: a phone's console would fill with them
    count, came = store.count(code, where.lesson), store.outcome(code, where.lesson)
    return {
        "lesson": where.lesson, "stage": where.stage, "seed": where.seed, "runs": where.runs,
        "members": count.members, "predicted": count.predicted, "revealed": came is not None,
    }  # fmt: skip


class Answers:
    """clock: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._lock = clock, Lock()
        self._kept: dict[str, tuple[float, bytes, str]] = {}

    def of(self, store: ClassroomStore, code: str) -> tuple[bytes, str]:
        """The answer and its ETag."""
        with self._lock:  # one reads, the others wait for what it found
            until, body, tag = self._kept.get(code, (0.0, b"", ""))
            if not body or self._clock() >= until:
                self._kept.pop(code, None)
                body = json.dumps(news(store, code)).encode()
                tag = f'"{sha256(body).hexdigest()[:16]}"'
                self._kept[code] = (self._clock() + FRESH, body, tag)
                while len(self._kept) > MOST:
                    self._kept.pop(next(iter(self._kept)))
        return body, tag


_answers = Answers()


def follow(request: Request) -> Response:
    """The news of a class."""
    body, tag = _answers.of(open_classrooms(), tidy(request.path_params["code"]))
    headers = {"Cache-Control": "no-cache", "ETag": tag}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
