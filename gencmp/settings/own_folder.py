"""How settings, exports and snapshots refer to a user's own folder of pictures. Imports no torch.

On the user's computer the data set is the full path of the folder. Files that leave the computer contain only the folder's
name, as "folder:digits": the path could reveal who the user is, and is of no use elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from gencmp.errors import DataError

MARK = "folder:"


def names_folder(dataset: str) -> bool:
    """Whether this is a full path, on this system or another, or a folder's name without its path ("folder:digits")."""
    return _whole_path(dataset) is not None or re.fullmatch(rf"{MARK}[^/\\]+", dataset) is not None


def name_of(dataset: str) -> str:
    """The last part of a folder's path; the name of any other data set."""
    path = _whole_path(dataset)
    return dataset.removeprefix(MARK) if path is None else re.sub(r"[/\\]", "_", path.name) or "pictures"


def portable(dataset: str) -> str:
    """The data set's name without the path, for files that may leave this computer."""
    return dataset if _whole_path(dataset) is None else MARK + name_of(dataset)


def portable_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings for files that may leave this computer: without the path of the data."""
    return dict(config) | {"dataset": portable(config["dataset"])}


def folder_here(dataset: str) -> Path:
    """The folder's path. Raises DataError when the path is unknown or from another system, rather than look it up as a
    relative path."""
    if not Path(dataset).is_absolute():
        raise DataError(_absent(dataset))
    return Path(dataset)


def refuse_absent(dataset: str) -> None:
    """Raise DataError for a folder that is not on this computer."""
    if names_folder(dataset) and not (Path(dataset).is_absolute() and Path(dataset).is_dir()):
        raise DataError(_absent(dataset))


def _absent(dataset: str) -> str:
    place = "" if dataset.startswith(MARK) else f" ({dataset})"
    return (
        f"The folder of pictures {name_of(dataset)!r}{place} is not on this computer. A model that was trained on it can be"
        " sampled, explored and compared here; to measure it or train it further, use the computer that has its pictures."
    )


def _whole_path(dataset: str) -> PurePath | None:
    """None when it is not an absolute path on any system."""
    return next((path for path in (PurePosixPath(dataset), PureWindowsPath(dataset)) if path.is_absolute()), None)
