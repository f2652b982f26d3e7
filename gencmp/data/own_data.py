"""Reads a user's own data from a folder of IDX files or pictures. Imports no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gencmp.data.arrays import ReportStatus, no_status
from gencmp.data.idx.read import from_idx
from gencmp.data.picture_data import from_pictures
from gencmp.data.survey import OwnData
from gencmp.data.walk import walk


def read_own(folder: Path, progress: ReportStatus = no_status, enough: Callable[[], bool] = lambda: False) -> OwnData:
    """Read a folder of IDX files, or of pictures of any size whose labels are the names of their folders.

    Blank and unreadable pictures are left out. enough: called after each picture; once it returns True, the remaining ones
    are only counted, for a quick preview of a large folder. Raises DataError, also when too few pictures are left.
    """
    listing = walk(folder)
    return from_idx(listing, progress) or from_pictures(listing, progress, enough)


def read_within(folder: Path, seconds: float, clock: Callable[[], float] = time.monotonic) -> OwnData:
    """As much of the folder as can be read in this many seconds, cycling through the classes. Raises DataError."""
    end = clock() + seconds
    return read_own(folder, enough=lambda: clock() >= end)
