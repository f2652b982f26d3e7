"""Whether a device is on this machine, found out by a process of its own: torch takes seconds to load and stays out of
the server."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

from gencmp.runs.launcher import environment

ASK = """
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
    """Why a device cannot be trained on here, in a sentence; empty when it can. Asked once, for two or three seconds."""
    if name in ("auto", "cpu"):
        return ""
    command = [sys.executable, "-c", ASK, name]
    asked = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment(), check=False)
    return asked.stdout.strip()  # whatever else may go wrong, the run itself will tell
