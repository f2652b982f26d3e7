"""Answers that a whole class asks for at the same moment: computed and compressed once, and kept until the store changes.

Sixty viewers of two runs ask some 300 times a second, while a run writes three times: most ask what others have just been told. Imports no Streamlit.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from gencmp.ui.requests.encoding import packed_headers

LONGEST = 1.0  # seconds: what depends on the time alone, such as whether a run is lost, changes without the store
AT_MOST, LARGEST = 100, 300_000  # answers that are kept, and bytes of each


@dataclass(frozen=True)
class Kept:
    """An answer, of which each asker is sent a copy, because what passes it on may change its headers.

    packed: its body, compressed; b"" for what is sent as it is. until: by Shared's clock.
    """

    answer: Response
    packed: bytes
    revision: Hashable
    until: float

    def sent(self, is_packed: bool) -> Response:
        """is_packed: whether the asker takes gzip."""
        answer = self.answer
        if is_packed and self.packed:
            return Response(self.packed, answer.status_code, packed_headers(answer.headers))
        return Response(answer.body, answer.status_code, dict(answer.headers))


class Shared:
    """clock: seconds that never go back. All its methods are called by the server's event loop, so that nothing is locked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._kept: dict[Hashable, Kept] = {}
        self._asked: dict[Hashable, asyncio.Task[Kept]] = {}  # being computed

    async def answer(self, question: Hashable, revision: Hashable, compute: Callable[[], Response]) -> Kept:
        """What `compute` gives, in another thread, or has just given at the same revision. Raises whatever it raises."""
        known = self._kept.get(question)
        if known and known.revision == revision and self._clock() < known.until:
            return known
        asked = self._asked.get((question, revision))
        if asked is None:
            asked = asyncio.create_task(self._compute(question, revision, compute))
            self._asked[question, revision] = asked
        return await asyncio.shield(asked)  # an asker that hangs up does not take the answer from the others

    async def _compute(self, question: Hashable, revision: Hashable, compute: Callable[[], Response]) -> Kept:
        until = self._clock() + LONGEST
        try:
            answer, packed = await run_in_threadpool(_answer_and_packed, compute)
        finally:
            del self._asked[question, revision]
        found = Kept(answer, packed, revision, until)
        self._kept.pop(question, None)
        if answer.status_code == 200 and len(answer.body) <= LARGEST:
            self._kept[question] = found  # at the end: the oldest go first
        while len(self._kept) > AT_MOST:
            self._kept.pop(next(iter(self._kept)))
        return found


def _answer_and_packed(compute: Callable[[], Response]) -> tuple[Response, bytes]:
    """An answer, and its body compressed; b"" for a picture, which is compressed already."""
    found = compute()
    is_packed = bool(found.body) and not str(found.media_type).startswith("image/")
    return found, gzip.compress(found.body, mtime=0) if is_packed else b""


shared = Shared()  # of this server
