"""The version of gencmp, and of what it stands on."""

from __future__ import annotations

import os
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


def machine() -> str:
    """The processor and its cores in words, for the side of a figure: "AMD EPYC, 2 cores, Linux x86_64"."""
    return f"{processor_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def processor_name() -> str:
    """Its name as sold; Python knows it on Windows and macOS only."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as facts:
            return next(line.split(":", 1)[1].strip() for line in facts if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
