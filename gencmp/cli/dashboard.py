"""python -m gencmp dashboard: the dashboard, from wherever gencmp is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import click

from gencmp.cli.command import Whole, command
from gencmp.errors import RunStateError
from gencmp.files import ROOT, home


@command("dashboard", "start the dashboard, as `streamlit run dashboard.py` does")
@click.option("--port", type=Whole(1, 65535), show_default="8501, or the next that is free", help="Of the page.")
@click.option("--address", default="", show_default="this computer alone", help="0.0.0.0: everyone on the network.")
@click.option("--headless", is_flag=True, help="Open no browser.")
def dashboard(port: int | None, address: str, headless: bool) -> dict[str, Any]:
    words = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    words += [f"--server.port={port}"] if port else []
    words += [f"--server.address={address}"] if address else []
    words += ["--server.headless=true"] if headless else []
    # in its own folder, where its configuration lies; the runs stay where they are
    status = subprocess.call(words, cwd=ROOT, env=os.environ | {"GENCMP_HOME": str(home())})
    if status:
        raise RunStateError(f"The dashboard has ended with status {status}; what it said is above.")
    return {}
