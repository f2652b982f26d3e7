"""The version of gencmp, and of what it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

VERSION = "0.1.0"


def versions(**more: str) -> dict[str, str]:
    """gencmp, python, and whatever else the caller knows of."""
    return {"gencmp": VERSION, "python": platform.python_version()} | more


def installed(package: str) -> str | None:
    """The version of an installed package, without importing it; None when it is missing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None
