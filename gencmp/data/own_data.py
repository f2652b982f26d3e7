"""A user's own data, from a folder: IDX files or pictures, as many as can be used, and what was made of them. Imports no torch."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from gencmp.data.arrays import ReportStatus, quiet
from gencmp.data.idx.read import from_idx
from gencmp.data.picture_data import from_pictures
from gencmp.data.survey import OwnData
from gencmp.data.walk import walk


def read_own(folder: Path, progress: ReportStatus = quiet, enough: Callable[[], bool] = lambda: False) -> OwnData:
    """Read a folder of IDX files, or of pictures of any size whose labels are the names of their folders.

    Blank pictures, and those that cannot be read, are left out. enough: asked after each picture; once it says so, the
    others are only counted, for a look at a large folder. Raises DataError, also when too few are left.
    """
    listing = walk(folder)
    return from_idx(listing, progress) or from_pictures(listing, progress, enough)


def look_into(folder: Path, seconds: float, clock: Callable[[], float] = time.monotonic) -> OwnData:
    """As much of it as can be read in so many seconds, each class in its turn. Raises DataError."""
    end = clock() + seconds
    return read_own(folder, enough=lambda: clock() >= end)
