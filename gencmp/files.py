"""Where files are on disk, and how to write them atomically."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

LARGEST = 200_000_000  # bytes of a file that is read at once, unless its size follows from what it holds
PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent
IS_INSTALLED = not (CHECKOUT / "dashboard.py").is_file()
ROOT = PACKAGE / "shipped" if IS_INSTALLED else CHECKOUT  # of dashboard.py, pages/ and checkpoints/; see pyproject.toml
SHIPPED = ROOT / "checkpoints"


def home() -> Path:
    """The folder of the user's runs and data: GENCMP_HOME if set; else `runs/` next to dashboard.py or, when gencmp is
    installed with pip, a folder in the system's location for user data."""
    return Path(os.environ.get("GENCMP_HOME") or (_user_data() if IS_INSTALLED else ROOT / "runs")).absolute()


def _user_data() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gencmp"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "gencmp"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "gencmp"


def write_whole(path: Path, content: bytes) -> None:
    """Write atomically (under a temporary name, sync, rename): a reader sees the old file or the new one, never part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".tmp-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def read_at_most(path: Path, largest: int = LARGEST) -> bytes:
    """The content of a file of at most so many bytes. Raises OSError, also for a larger one, of which nothing is read."""
    size = path.stat().st_size
    if size > largest:
        raise OSError(errno.EFBIG, f"it has {size / 1e6:,.0f} MB, and such a file has at most {largest / 1e6:,.0f} MB")
    return path.read_bytes()


def trouble_writing(folder: Path) -> str:
    """Why no file can be written into a folder, which is created if it is missing; "" when one can. To call before work that
    takes minutes."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, prefix=".tmp-"):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":  # Windows cannot open a folder, and syncs a file's name with the file
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
