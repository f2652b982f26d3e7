"""The teacher's PIN: who has typed it, and how long to wait after wrong ones. Kept in memory only. Imports no Streamlit."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from hmac import compare_digest
from threading import Lock

from gencmp.errors import NotAllowed

DIGITS = 6
PIN = "GENCMP_PIN"  # a PIN of the owner's own choice, at least as long
STAYS = 12 * 3600.0  # seconds that a teacher stays signed in
FREE, LONGEST = 3, 900.0  # wrong PINs of one address before it waits, and its longest wait in seconds
FREE_OF_ALL, LONGEST_OF_ALL = 12, 60.0  # the same over all addresses: whoever has many of them waits, too
FORGIVEN_AFTER = 3600.0  # seconds without a wrong PIN
REMEMBERED = 1000  # addresses, signed-in browsers


@dataclass
class _Wrong:
    """Wrong PINs since the last right one."""

    count: int = 0
    last: float = -FORGIVEN_AFTER

    def wait(self, now: float, free: int, longest: float) -> float:
        """Seconds until the next try: none for the first few, then 1, 2, 4, 8 ..."""
        if self.count < free or now - self.last > FORGIVEN_AFTER:
            return 0.0
        return max(0.0, self.last + min(longest, 2.0 ** min(self.count - free, 30)) - now)

    def add(self, now: float) -> None:
        self.count = 1 if now - self.last > FORGIVEN_AFTER else self.count + 1
        self.last = now


@dataclass
class SignIn:
    """clock: seconds that never go back."""

    pin: str
    clock: Callable[[], float] = time.monotonic
    _tokens: dict[str, float] = field(default_factory=dict)  # token -> when it was given
    _wrong: dict[str, _Wrong] = field(default_factory=dict)  # address -> its wrong PINs
    _all: _Wrong = field(default_factory=_Wrong)
    _lock: Lock = field(default_factory=Lock)

    def try_pin(self, typed: str, address: str) -> str:
        """A token for the browser. Raises NotAllowed for a wrong PIN, and for any while its address has to wait."""
        with self._lock:
            now, of_address = self.clock(), self._wrong.get(address, _Wrong())
            wait = max(of_address.wait(now, FREE, LONGEST), self._all.wait(now, FREE_OF_ALL, LONGEST_OF_ALL))
            if wait > 0:
                raise NotAllowed(f"Too many wrong PINs. Wait {wait_words(wait)}, then try again.")
            if not compare_digest(typed.strip().encode(), self.pin.encode()):
                self._count_wrong(address, of_address, now)
                raise NotAllowed("This is not the PIN. It stands in the terminal that runs the dashboard.")
            self._wrong.pop(address, None)
            token = secrets.token_hex(16)
            self._tokens[token] = now
            _keep_newest(self._tokens)
            return token

    def _count_wrong(self, address: str, found: _Wrong, now: float) -> None:
        found.add(now)
        self._all.add(now)
        self._wrong.pop(address, None)  # to the end: the newest are remembered
        self._wrong[address] = found
        _keep_newest(self._wrong)

    def knows(self, token: str) -> bool:
        """Whether a teacher's browser has this token, and has not signed out."""
        given = self._tokens.get(token)
        return given is not None and self.clock() - given < STAYS

    def sign_out(self, token: str) -> None:
        self._tokens.pop(token, None)


def _keep_newest(found: dict[str, object] | dict[str, float] | dict[str, _Wrong]) -> None:
    while len(found) > REMEMBERED:
        found.pop(next(iter(found)))


def wait_words(seconds: float) -> str:
    whole = max(1, round(seconds))
    return f"{whole} second{'s' if whole > 1 else ''}" if whole < 90 else f"{round(whole / 60)} minutes"


def make_pin() -> str:
    """The owner's own, if it is long enough to be hard to guess; else a new one at each start."""
    own = os.environ.get(PIN, "").strip()
    return own if len(own) >= DIGITS else f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


@cache
def sign_in() -> SignIn:
    """This server's."""
    return SignIn(make_pin())
