"""How many processors there are to compute with. Imports no torch."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from pathlib import Path

THREADS = 4  # layers of the paper's size gain nothing from more


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def fast_cores() -> int:
    """Those of them that are not efficiency cores, where the system says so (Linux on Intel, macOS): a product is
    shared out evenly, so one slow core would keep the others waiting."""
    try:
        told = Path("/sys/devices/cpu_core/cpus").read_text("utf-8") if platform.system() == "Linux" else _apples()
        return max(1, min(cores(), _count(told)))
    except (OSError, ValueError, subprocess.SubprocessError):
        return cores()


def _apples() -> str:
    if platform.system() != "Darwin":
        raise OSError
    asked = ["sysctl", "-n", "hw.perflevel0.physicalcpu"]
    return f"1-{subprocess.run(asked, capture_output=True, text=True, check=True, timeout=5).stdout.strip()}"


def _count(ranges: str) -> int:
    """ "0-3,8" is five."""
    ends = [(part.split("-") * 2)[:2] for part in ranges.strip().split(",")]
    return sum(int(last) - int(first) + 1 for first, last in ends)


def threads(sharing: int) -> int:
    """The most threads that one of `sharing` trainings should use; where there are more than two cores, one is left to
    the page, the browser and whatever else is going on."""
    free = fast_cores() - 1 if fast_cores() > 2 else fast_cores()
    return max(1, min(THREADS, free // max(1, sharing)))


def let_threads_sleep() -> None:
    """Threads that wait sleep, in a process that loads torch after this. Spinning, as OpenMP does unless told before,
    measuring took ten times as long beside a training on two cores."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
