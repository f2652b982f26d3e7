"""The recipe of the container: its files are there, and its commands do what they should, outside a container."""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clustering import REASON

from gencmp.files import ROOT

RECIPE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")


def command(of: str) -> list[str]:
    """The last word list of an instruction, with this Python."""
    [found] = re.findall(rf"^{of} .*?(\[.*\])$", RECIPE, re.M)
    words: list[str] = json.loads(found)
    return [sys.executable, *words[1:]]


def test_what_is_copied_is_there_and_its_packages_are_the_readmes() -> None:
    for line in re.findall(r"^COPY (.*) \S+$", RECIPE, re.M):
        for name in line.split():
            assert (ROOT / name).exists(), name
    assert "-r requirements-ray.txt" in RECIPE
    assert "-r requirements.txt" in (ROOT / "requirements-ray.txt").read_text("utf-8")
    assert re.search(r"^USER gencmp$", RECIPE, re.M), "nothing runs as root"


def test_its_dashboard_is_healthy_by_its_own_check(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    start, check = ([word.replace("8501", port) for word in command(of)] for of in ("CMD", "HEALTHCHECK"))
    server = subprocess.Popen(
        start,
        cwd=ROOT,
        env=os.environ | {"GENCMP_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until = time.monotonic() + 60
        while healthy := subprocess.run(check, capture_output=True).returncode:
            assert server.poll() is None and time.monotonic() < until
        assert healthy == 0
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert subprocess.run(check, capture_output=True).returncode == 1, "nobody answers any more"


def test_the_composed_dashboard_and_node_are_commands_of_ours_and_of_ray() -> None:
    [dashboard] = re.findall(r"exec python -m gencmp (.*)\"", COMPOSE)
    asked = subprocess.run(
        [sys.executable, "-m", "gencmp", *shlex.split(dashboard), "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert asked.returncode == 0, asked.stderr
    assert all(option in asked.stdout for option in re.findall(r"--[a-z-]+", dashboard))


@pytest.mark.ray
@pytest.mark.skipif(bool(REASON), reason=REASON)
def test_ray_has_the_options_of_the_composed_nodes() -> None:
    known = subprocess.run(
        [sys.executable, "-m", "ray.scripts.scripts", "start", "--help"], capture_output=True, text=True
    ).stdout
    options = {
        option
        for line in re.findall(r"ray start (.*?)(?:&&|$)", COMPOSE, re.M)
        for option in re.findall(r"--[a-z-]+", line)
    }
    assert options and [option for option in sorted(options) if option not in known] == []
