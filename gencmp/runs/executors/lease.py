"""That one process at a time does something for a store: a lock on a file, which the system gives up when the process dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path


class Lease:
    """Held by one process of this computer at a time, however it ends. (A store is on one computer's own disk.)"""

    def __init__(self, path: Path):
        self.path = path
        self._handle: int | None = None

    def take(self) -> bool:
        """Whether it is ours now."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def give_back(self) -> None:
        if self._handle is not None:
            os.close(self._handle)  # which unlocks the file
            self._handle = None


def _lock(handle: int) -> None:
    """Raises OSError when another process holds it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
