"""Checks in a separate process whether this machine has a device: torch takes seconds to load, so the server never loads it."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

from gencmp.runs.launcher import environment

PROBE = """
import sys
from gencmp.errors import DeviceError
from gencmp.training.build import pick_device
try:
    pick_device(sys.argv[1])
except DeviceError as error:
    print(error)
"""


@lru_cache
def device_trouble(name: str) -> str:
    """A sentence on why a device cannot be used here; empty if it can. The first call for a device takes two to three seconds."""
    if name in ("auto", "cpu"):
        return ""
    command = [sys.executable, "-c", PROBE, name]
    probe = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment(), check=False)
    return probe.stdout.strip()  # any other failure will show up in the run itself
