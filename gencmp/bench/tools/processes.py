"""The product's own processes, for a benchmark: a server with a home of its own, and workers.

Both come as context managers: whatever happens inside, Ctrl-C too, they are gone afterwards.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gencmp.errors import GencmpError
from gencmp.files import ROOT
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config
from gencmp.training.cores import cores
from gencmp.version import installed

HOST = "127.0.0.1"  # not localhost: where that is tried as IPv6 first, each connection would wait
PATIENCE = 60.0  # seconds that a server or a worker may take to start


@dataclass(frozen=True)
class Server:
    """A dashboard that answers. Times are of time.perf_counter()."""

    port: int
    pid: int
    log: Path
    spawned: float
    answered: float

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def served(home: Path, interpreter: Sequence[str] = ()) -> Iterator[Server]:
    """`streamlit run dashboard.py` on a free port, its runs in `home`. Raises GencmpError when it does not answer.

    interpreter: options of Python itself, say -X importtime, whose words then are in the log.
    """
    if installed("streamlit") is None:
        raise GencmpError("Streamlit is not installed, so no page can be served. Run: pip install -r requirements.txt")
    port, log = _free_port(), home / "server.log"
    command = [
        sys.executable, *interpreter, "-m", "streamlit", "run", "dashboard.py",
        "--server.port", str(port), "--server.address", HOST, "--server.headless", "true",
    ]  # fmt: skip
    with open(log, "wb") as words:
        spawned = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"GENCMP_HOME": str(home)}, stdout=words, stderr=words
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - spawned > PATIENCE:
                raise GencmpError(f"The server does not answer. Its last output: {_last_output(log)}")
            time.sleep(0.01)
        yield Server(port, process.pid, log, spawned, time.perf_counter())
    finally:
        _end(process)


@contextmanager
def trained(store: RunStore, configs: Sequence[Config], preset: str = "paper") -> Iterator[list[Run]]:
    """Runs at work, each in a worker as the Train page starts it. Raises GencmpError when one does not come to work."""
    runs = [store.create(config, preset) for config in configs]
    workers: list[int] = []
    try:
        for _ in runs:
            workers.append(start_worker(store))
        wait_until(lambda: all(_at_work(store, run) for run in runs), "The training did not start")
        yield runs
    finally:
        for run in runs:
            with suppress(GencmpError):  # it has ended by itself
                store.command(run.id, "stop")
        _wait_for(lambda: not any(store.queries.get(run.id).is_open for run in runs), 5)
        for pid in workers:
            _kill(pid)


def must_go_on(store: RunStore, runs: Sequence[Run]) -> None:
    """Raises GencmpError when one of the runs is no longer training, which invalidates the measurement."""
    for run in (store.queries.get(run.id) for run in runs):
        if not run.is_live:
            raise GencmpError(f"The {run.kind.upper()} {run.state} while it was being measured. {run.reason}".strip())


def _at_work(store: RunStore, run: Run) -> bool:
    """Raises GencmpError for a run that has ended already."""
    now = store.queries.get(run.id)
    if not now.is_open:
        raise GencmpError(f"The training ended before it could be measured: it {now.state}. {now.reason}".strip())
    return now.state == "running" and now.step > 0


def wait_until(ready: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Poll until the condition holds. Raises GencmpError with `what`, the beginning of a sentence."""
    if not _wait_for(ready, seconds):
        raise GencmpError(f"{what} within {seconds:g} s. `python -m gencmp doctor` may say why.")


def _wait_for(ready: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not (found := ready()) and time.monotonic() < limit:
        time.sleep(0.02)
    return bool(found)


# Load


def load_before() -> float | None:
    """How many processes were busy in the minute before, on average; None on Windows, which does not say."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def say_load(load: float | None) -> list[str]:
    """A line if other processes were busy, because the machine then measures slower than it is."""
    if load is None or load < cores() / 2:
        return []
    return [
        f"In the minute before, {load:g} processes were busy on {cores()} cores; an idle machine gives better figures."
    ]


# Small parts


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        line.request("GET", "/_stcore/health")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def _last_output(log: Path) -> str:
    return log.read_text("utf-8", "replace").strip()[-500:] or "none"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(5)


def _kill(pid: int) -> None:
    """Kill a worker without letting it finish, as its run is deleted with the folder of the runs."""
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        return  # it has ended by itself
