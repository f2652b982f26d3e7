"""A head and nodes of Ray on this computer, each with an address of its own, for benchmarks and tests."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psutil

from gencmp.errors import GencmpError
from gencmp.files import ROOT

PLACES = 2  # of each node
PATIENCE = 90.0  # seconds that a head or a node may take to start
STORE = 200_000_000  # bytes of a node's object store


def refusal() -> str:
    """Why there can be no cluster on this computer; "" where there can."""
    if find_spec("ray") is None:
        return "Ray is not installed (pip install -r requirements-ray.txt), so nothing is trained on a cluster here."
    if not sys.platform.startswith("linux"):
        return "Only Linux has more loopback addresses than one, so there is no cluster on one computer here."
    return ""


# Runs a command, and kills all that it has started when we have gone, however they ended: a head takes 600 MB
WATCHED = """
import os, psutil, subprocess, sys, threading
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: os._exit(process.wait()), daemon=True).start()
sys.stdin.read()
for each in psutil.Process().children(recursive=True):
    each.kill()
"""


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started."""
    try:
        family = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
    except psutil.NoSuchProcess:
        family = []
    for each in family:
        try:
            each.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait(20)
    if process.stdin:
        process.stdin.close()


@dataclass
class Nodes:
    """address: HOST:PORT of the head. token: of this cluster alone. nodes: their processes by address, the head's, too."""

    folder: Path
    address: str
    token: str
    nodes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, **more: str) -> dict[str, str]:
        fixed = {
            "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token, "RAY_ADDRESS": self.address, "RAY_USAGE_STATS_ENABLED": "0",
            "PYTHONPATH": str(ROOT), "GENCMP_HOME": str(self.folder / "nowhere"),
        }  # fmt: skip
        return os.environ | fixed | more

    def start(self, address: str, *options: str, **more: str) -> None:
        with open(self.folder / f"{address}.log", "ab") as log:
            command = [
                sys.executable, "-c", WATCHED, sys.executable, "-m", "ray.scripts.scripts", "start", "--block",
                "--node-ip-address", address, "--disable-usage-stats",
                "--object-store-memory", str(STORE), *options,
            ]  # fmt: skip
            self.nodes[address] = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(**more), stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def start_head(self) -> None:
        """Start it, also again, and wait for it."""
        host, _, port = self.address.rpartition(":")
        (self.folder / f"{host}.log").unlink(missing_ok=True)
        self.start(
            host, "--head", "--port", port, "--num-cpus", "0", "--include-dashboard", "false", "--temp-dir", str(self.folder / "t")
        )  # fmt: skip
        self._wait_for(host)

    def join(self, address: str, places: int = PLACES, **more: str) -> None:
        """Add a node and wait for it."""
        self.start(address, "--address", self.address, "--num-cpus", str(places), **more)
        self._wait_for(address)

    def _wait_for(self, address: str) -> None:
        until = time.monotonic() + PATIENCE
        while b"Ray runtime started" not in (self.folder / f"{address}.log").read_bytes():
            if self.nodes[address].poll() is not None or time.monotonic() > until:
                raise GencmpError(f"Ray does not start at {address}. Its last output: {self.log(address)}")
            time.sleep(0.1)

    def leave(self, address: str) -> None:
        """The node dies without a word."""
        (self.folder / f"{address}.log").unlink(missing_ok=True)
        end(self.nodes.pop(address))

    def log(self, address: str) -> str:
        return (self.folder / f"{address}.log").read_text("utf-8", "replace")[-2000:]

    def trainings(self, address: str = "") -> list[psutil.Process]:
        """The processes that train, of all nodes or of one."""
        found = []
        for at, node in self.nodes.items():
            if address in ("", at) and psutil.pid_exists(node.pid):
                for each in psutil.Process(node.pid).children(recursive=True):
                    try:
                        if "train_far" in " ".join(each.cmdline()):
                            found.append(each)
                    except psutil.NoSuchProcess:
                        continue
        return found

    def processes(self, address: str) -> list[psutil.Process]:
        """All of a node."""
        found: list[psutil.Process] = psutil.Process(self.nodes[address].pid).children(recursive=True)
        return found


@contextmanager
def started(head: str, nodes: tuple[str, ...] = ()) -> Iterator[Nodes]:
    """A head and nodes at these addresses of this computer; gone afterwards. Raises GencmpError."""
    folder = Path(tempfile.mkdtemp(prefix="gr"))  # short: Ray makes sockets below it
    with socket.socket() as probe:
        probe.bind((head, 0))
        port = probe.getsockname()[1]
    found = Nodes(folder, f"{head}:{port}", secrets.token_hex(32))
    try:
        found.start_head()
        for address in nodes:
            found.join(address)
        yield found
    finally:
        for process in reversed([*found.nodes.values()]):
            end(process)
        shutil.rmtree(folder, ignore_errors=True)
