"""How many CPU cores are available, and how many threads a training should use. Imports no torch."""

from __future__ import annotations

import os
import platform
import subprocess
from functools import cache
from pathlib import Path

MAX_THREADS = 4  # layers of the paper's size gain nothing from more


def cores() -> int:
    """Logical cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def fast_cores() -> int:
    """Those that are not efficiency cores, where the system reports them (Linux on Intel, macOS): a matmul is split evenly
    among threads, so the others would wait for one on a slow core."""
    try:
        linux = platform.system() == "Linux"
        ranges = Path("/sys/devices/cpu_core/cpus").read_text("utf-8") if linux else _performance_cores_of_mac()
        return max(1, min(cores(), _count(ranges)))
    except (OSError, ValueError, subprocess.SubprocessError):
        return cores()


def _performance_cores_of_mac() -> str:
    """As a range, "1-8". Raises OSError on other systems."""
    if platform.system() != "Darwin":
        raise OSError
    command = ["sysctl", "-n", "hw.perflevel0.physicalcpu"]
    return f"1-{subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout.strip()}"


def _count(ranges: str) -> int:
    """The number of cores in ranges such as "0-3,8", which has five."""
    ends = [(part.split("-") * 2)[:2] for part in ranges.strip().split(",")]
    return sum(int(last) - int(first) + 1 for first, last in ends)


def threads(sharing: int) -> int:
    """How many threads each of `sharing` simultaneous trainings should use at most. With more than two cores, one is left
    free for the server, the browser and other programs."""
    free = fast_cores() - 1 if fast_cores() > 2 else fast_cores()
    return max(1, min(MAX_THREADS, free // max(1, sharing)))


def let_threads_sleep() -> None:
    """Let idle OpenMP threads sleep, in a process that imports torch after this. With threads that spin, the default,
    measuring took ten times as long beside a training on two cores."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
