"""python -m gencmp dashboard: start the dashboard from any folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import click

from gencmp.cli.clusters.following import executor_option
from gencmp.cli.command import Whole, command
from gencmp.errors import RunStateError
from gencmp.files import ROOT, home


@command("dashboard", "start the dashboard, as `streamlit run dashboard.py` does")
@click.option("--port", type=Whole(1, 65535), show_default="8501, or the next free one", help="Port of the page.")
@click.option(
    "--address", default="", show_default="this computer only", help="Address to listen on; 0.0.0.0: the whole network."
)
@executor_option
@click.option("--headless", is_flag=True, help="Do not open a browser.")
def dashboard(port: int | None, address: str, headless: bool) -> dict[str, Any]:
    words = [sys.executable, "-m", "streamlit", "run", "dashboard.py"]
    words += [f"--server.port={port}"] if port else []
    words += [f"--server.address={address}"] if address else []
    words += ["--server.headless=true"] if headless else []
    # from its own folder, for its configuration; the runs stay where they are
    status = _run(words)
    if status:
        raise RunStateError(f"The dashboard ended with status {status}; see its output above.")
    return {}


def _run(words: list[str]) -> int:
    """The status with which the server ends; 0 if it was told to (SIGTERM, as from `docker stop`), which it is passed on."""
    told = False

    def end(*_: Any) -> None:
        nonlocal told
        told = True
        server.terminate()

    with subprocess.Popen(words, cwd=ROOT, env=os.environ | {"GENCMP_HOME": str(home())}) as server:
        before = signal.signal(signal.SIGTERM, end)
        try:
            status = server.wait()
        finally:
            signal.signal(signal.SIGTERM, before)
    return 0 if told else status
