"""A real Ray cluster of a head and two nodes on this computer, each with an address of its own, for the tests marked `ray`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from gencmp.bench.cluster.nodes import Nodes, refusal, started
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

NET = f"127.0.{1 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"  # each process has its own
HEAD, NODES = f"{NET}.2", (f"{NET}.3", f"{NET}.4")
REASON = refusal()


@pytest.fixture(scope="session")
def whole_cluster() -> Iterator[Nodes]:
    if REASON and os.environ.get("GENCMP_REQUIRE_RAY"):
        pytest.fail(REASON)
    if REASON:
        pytest.skip(REASON)
    with started(HEAD) as found:
        yield found


@pytest.fixture
def cluster(whole_cluster: Nodes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Nodes]:
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
