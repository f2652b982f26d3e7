"""A real Ray cluster of a head and two nodes on this computer, each with an address of its own, for the tests marked `ray`."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import pytest

from gencmp.files import ROOT
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

NET = f"127.0.{1 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"  # each process has its own
HEAD, NODES = f"{NET}.2", (f"{NET}.3", f"{NET}.4")
PLACES = 2  # of each node
REASON = ""
if find_spec("ray") is None:
    REASON = "Ray is not installed (pip install -r requirements-ray.txt), so nothing is trained on a cluster here."
elif not sys.platform.startswith("linux"):
    REASON = "Only Linux has more loopback addresses than one, so there is no cluster on one computer here."


# Runs a command, and kills all that it has started when the tests have gone, however they ended: a head takes 600 MB
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
class Cluster:
    """address: of the head. token: of this cluster alone."""

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
                "--object-store-memory", "200000000", *options,
            ]  # fmt: skip
            self.nodes[address] = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(**more), stdin=subprocess.PIPE, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def join(self, address: str, places: int = PLACES, **more: str) -> None:
        """Add a node and wait for it."""
        self.start(address, "--address", self.address, "--num-cpus", str(places), **more)
        until = time.monotonic() + 90
        while b"Ray runtime started" not in (self.folder / f"{address}.log").read_bytes():
            assert self.nodes[address].poll() is None and time.monotonic() < until, self.log(address)
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


@pytest.fixture(scope="session")
def whole_cluster() -> Iterator[Cluster]:
    if REASON and os.environ.get("GENCMP_REQUIRE_RAY"):
        pytest.fail(REASON)
    if REASON:
        pytest.skip(REASON)
    folder = Path(tempfile.mkdtemp(prefix="gr"))  # short: Ray makes sockets below it
    with socket.socket() as probe:
        probe.bind((HEAD, 0))
        port = probe.getsockname()[1]
    found = Cluster(folder, f"{HEAD}:{port}", secrets.token_hex(32))
    try:
        found.start(
            HEAD, "--head", "--port", str(port), "--num-cpus", "0", "--include-dashboard", "false", "--temp-dir", str(folder / "t")
        )  # fmt: skip
        until = time.monotonic() + 90
        while b"Ray runtime started" not in (folder / f"{HEAD}.log").read_bytes():
            assert found.nodes[HEAD].poll() is None and time.monotonic() < until, found.log(HEAD)
            time.sleep(0.1)
        yield found
    finally:
        for process in reversed([*found.nodes.values()]):
            end(process)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(whole_cluster: Cluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cluster]:
    """The cluster with both nodes, which what a test starts would use; afterwards no dispatcher is left."""
    for address in NODES:
        if address not in whole_cluster.nodes:
            whole_cluster.join(address)
    for name, value in whole_cluster.environment(GENCMP_EXECUTOR="ray").items():
        if name.startswith(("RAY_", "GENCMP_E", "PYTHONPATH")):
            monkeypatch.setenv(name, value)
    yield whole_cluster
    for process in dispatchers(tmp_path):
        process.kill()
        process.wait(10)


def dispatchers(folder: Path) -> list[psutil.Process]:
    """Those that work for a store below this folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or ())
        if "executors.dispatcher" in words and str(folder) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture
def far_store(tmp_path: Path) -> RunStore:
    """On the machine's own clock, as dispatchers are."""
    return RunStore(tmp_path / "home")


@pytest.fixture
def ended(far_store: RunStore, wait_until: Callable[..., Any]) -> Callable[..., list[Run]]:
    """A function that waits until runs have ended, and gives them back."""

    def wait(*runs: Run, seconds: float = 120.0) -> list[Run]:
        ids = [run.id for run in runs]
        wait_until(lambda: not any(far_store.queries.get(each).is_open for each in ids), seconds)
        return [far_store.queries.get(each) for each in ids]

    return wait


@pytest.fixture
def begin(far_store: RunStore) -> Callable[..., Run]:
    """A function that makes a run and has the dispatcher look for it."""

    def make(config: Any, **facts: Any) -> Run:
        run = far_store.create(config, **facts)
        start_worker(far_store)
        return run

    return make
