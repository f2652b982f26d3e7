"""The folder of a user's own pictures, as settings, exports and snapshots name it. Imports no torch.

On its owner's computer such a data set is the whole path of a folder. What leaves that computer says no more than the
folder's name, as "folder:digits": the path would tell strangers who the owner is, and help nobody to find the pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from gencmp.errors import DataError

MARK = "folder:"


def names_folder(dataset: str) -> bool:
    """Whether this is a whole path, of this system or another, or the name of a folder whose place is not told."""
    return _whole_path(dataset) is not None or re.fullmatch(rf"{MARK}[^/\\]+", dataset) is not None


def name_of(dataset: str) -> str:
    """A folder's last part; any other data set as it is called."""
    path = _whole_path(dataset)
    return dataset.removeprefix(MARK) if path is None else re.sub(r"[/\\]", "_", path.name) or "pictures"


def portable(dataset: str) -> str:
    """What of a data set's name may leave this computer."""
    return dataset if _whole_path(dataset) is None else MARK + name_of(dataset)


def portable_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Stored settings as they may leave this computer."""
    return dict(config) | {"dataset": portable(config["dataset"])}


def folder_here(dataset: str) -> Path:
    """The folder's path. Raises DataError where its place is not told, or is a path of another system: never looked up
    as a relative one."""
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
    """None when it is no whole path on any system."""
    return next((path for path in (PurePosixPath(dataset), PureWindowsPath(dataset)) if path.is_absolute()), None)
