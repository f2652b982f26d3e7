"""The versions of gencmp, its dependencies and the machine."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

VERSION = "0.1.0"


def versions(**more: str) -> dict[str, str]:
    """The versions of gencmp and Python, and those that the caller adds."""
    return {"gencmp": VERSION, "python": platform.python_version()} | more


def installed(package: str) -> str | None:
    """The version of an installed package, without importing it; None when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def machine() -> str:
    """The processor, cores and system, to state with a measurement: "AMD EPYC, 2 cores, Linux x86_64"."""
    return f"{processor_name()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def processor_name() -> str:
    """The processor's product name, which Python itself reports only on Windows and macOS."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as facts:
            return next(line.split(":", 1)[1].strip() for line in facts if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
