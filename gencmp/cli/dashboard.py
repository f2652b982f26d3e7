"""python -m gencmp dashboard: the dashboard, from wherever gencmp is installed."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from gencmp.errors import RunStateError
from gencmp.files import ROOT, home


def register(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the command line; `command` makes one."""
    dashboard = command(commands, "dashboard", _dashboard, "start the dashboard, as `streamlit run dashboard.py` does")
    dashboard.add_argument("--port", type=int, help="of the page (default 8501, or the next that is free)")
    dashboard.add_argument(
        "--address", default="", help="0.0.0.0 shows it to everyone on the network (default: this computer alone)"
    )
    dashboard.add_argument("--headless", action="store_true", help="open no browser")


def _dashboard(options: argparse.Namespace) -> dict[str, Any]:
    words = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    words += [f"--server.port={options.port}"] if options.port else []
    words += [f"--server.address={options.address}"] if options.address else []
    words += ["--server.headless=true"] if options.headless else []
    # in its own folder, where its configuration lies; the runs stay where they are
    status = subprocess.call(words, cwd=ROOT, env=os.environ | {"GENCMP_HOME": str(home())})
    if status:
        raise RunStateError(f"The dashboard has ended with status {status}; what it said is above.")
    return {}
