"""A process's memory and processor time, on every system."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from gencmp.errors import GencmpError


@dataclass(frozen=True)
class Usage:
    """Resident bytes, and seconds of processor time."""

    memory: int
    seconds: float


def usage(pid: int) -> Usage:
    """Raises GencmpError when the process has ended."""
    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return Usage(process.memory_info().rss, times.user + times.system)
    except psutil.NoSuchProcess:
        raise GencmpError(f"The process {pid} ended while it was being measured.") from None
