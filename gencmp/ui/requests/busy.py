"""Requests whose answer takes long: the same question is computed once at a time, few at once, and not too often for one address.

Whoever asks for more gets TooBusy, which answers.py sends as 429 with the seconds to wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from gencmp.errors import TooBusy

Answer = TypeVar("Answer")
AT_ONCE = 2  # computations; more would leave no core to what trains
WAITING = 12  # requests that wait, each in one of the server's forty threads
PATIENCE = 30.0  # seconds that one waits
BURST, A_MINUTE = 60, 60  # of one address: at once after a pause, and on average
ADDRESSES, ANSWERED = 1000, 2000  # remembered


@dataclass
class _Budget:
    """left: computations that may begin at once, as of `since`."""

    left: float
    since: float


class Costly:
    """clock: seconds that never go back."""

    def __init__(
        self,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._slots, self._room, self._patience, self._clock = (
            BoundedSemaphore(at_once),
            at_once + waiting,
            patience,
            clock,
        )
        self._inside = 0
        self._asked: dict[Hashable, Future[Any]] = {}
        self._budgets: dict[str, _Budget] = {}
        self._answered: dict[Hashable, None] = {}  # questions whose answers are kept: to ask again costs nothing
        self._lock = Lock()

    def answer(self, question: Hashable, address: str, compute: Callable[[], Answer], is_kept: bool = False) -> Answer:
        """What `compute` gives; for a question that is being computed already, what that gives. Raises TooBusy, and whatever
        `compute` raises. address: who asks; "" for this computer, which is only kept from doing too much at once. is_kept: whether
        `compute` keeps its answers, so that a class which asks the same spends nothing."""
        with self._lock:
            if self._inside >= self._room:
                raise TooBusy("Too many pictures and figures are asked for at once. Try again in a few seconds.", 5)
            asked = self._asked.get(question)
            if asked is None:
                if question not in self._answered:
                    self._spend(address)
                self._asked[question] = mine = Future[Any]()
            self._inside += 1
        try:
            found: Answer = asked.result(self._patience) if asked else self._compute(mine, compute)
            if is_kept:
                self._remember(question)
            return found
        except TimeoutError:
            raise TooBusy("The answer takes too long at the moment. Try again in a few seconds.", 10) from None
        finally:
            with self._lock:
                self._inside -= 1
                if asked is None:
                    del self._asked[question]

    def _compute(self, mine: Future[Any], compute: Callable[[], Answer]) -> Answer:
        """All who wait for it get the same answer, or the same error."""
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise TooBusy("Too much is being computed at the moment. Try again in a few seconds.", 10)
            try:
                found = compute()
            finally:
                self._slots.release()
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(found)
        return found

    def _remember(self, question: Hashable) -> None:
        with self._lock:
            self._answered[question] = None
            while len(self._answered) > ANSWERED:
                self._answered.pop(next(iter(self._answered)))

    def _spend(self, address: str) -> None:
        if not address:
            return
        now = self._clock()
        known = self._budgets.pop(address, _Budget(BURST, now))
        left = min(BURST, known.left + (now - known.since) * A_MINUTE / 60)
        self._budgets[address] = _Budget(max(0.0, left - 1), now)  # to the end: the newest are remembered
        while len(self._budgets) > ADDRESSES:
            self._budgets.pop(next(iter(self._budgets)))
        if left < 1:
            raise TooBusy("You have asked for very many pictures and figures. Wait a few seconds, then try again.", 5)


costly = Costly()  # of this server
