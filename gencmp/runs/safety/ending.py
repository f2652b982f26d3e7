"""Ends a process in good order when the system asks it to (SIGTERM: a shutdown, `kill`, a service manager)."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_asked = threading.Event()


def told_to_end() -> bool:
    """Whether this process should end: what trains stops as by the command "stop", and nothing new is begun."""
    return _asked.is_set()


@contextmanager
def ends_orderly() -> Iterator[None]:
    """Within this, the first SIGTERM is noted, see told_to_end; a second one ends the process at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGTERM, _note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)


def _note(number: int, frame: Any) -> None:
    _asked.set()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
