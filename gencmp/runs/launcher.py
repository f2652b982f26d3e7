"""Starts processes for runs and evaluations; they outlive the process that started them. The one place where it is chosen
which: workers on this computer, or the dispatcher of a cluster, see executors/choice.py."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import Any

from gencmp.console import utf8_environment
from gencmp.errors import ConfigError
from gencmp.files import ROOT
from gencmp.runs.executors.choice import RAY, executor, on_cluster
from gencmp.runs.executors.status import status_of
from gencmp.runs.store import RunStore

TRY_AGAIN = 15.0  # seconds until a cluster that was not there is looked for again by itself


def start_worker(store: RunStore) -> int:
    """Start a worker for the store's queue, or the dispatcher that has it trained on a cluster, and return its process id
    immediately. Raises ConfigError for a GENCMP_EXECUTOR that there is not.

    Not multiprocessing: under Streamlit it would run the page again (spawn) or hang (fork).
    A worker that finds nothing to do exits, so starting one too many does no harm.
    """
    if executor() == RAY:
        if store.evaluations.is_waiting():
            _start(store, "gencmp.runs.worker")
        return _start(store, "gencmp.runs.executors.dispatcher")
    return _start(store, "gencmp.runs.worker")


def _start(store: RunStore, module: str) -> int:
    # DETACHED, NEW_PROCESS_GROUP, and BELOW_NORMAL_PRIORITY, see process.give_way
    detached = {"creationflags": 0x00004208} if os.name == "nt" else {"start_new_session": True}
    with open(store.home / "worker.log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, "--home", str(store.home)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(), cwd=store.home, **detached,
        )  # fmt: skip
    _children.append(process)
    _children[:] = [child for child in _children if child.poll() is None]  # poll() reaps those that have ended
    return process.pid


def environment() -> dict[str, str]:
    """Environment of a process that imports gencmp from any working directory."""
    return utf8_environment() | {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}


_children: list[subprocess.Popen[Any]] = []


def keep_going(store: RunStore) -> None:
    """Start a worker if runs or evaluations wait although one could start: after a crash, or a restart of the machine."""
    if store.database.trouble:
        return  # nothing can be written, so nothing can be trained
    with suppress(ConfigError):  # pages say it
        _keep_going(store)


def _keep_going(store: RunStore) -> None:
    if on_cluster() and _cluster_is_away(store):
        return
    if _runs_wait(store) or store.evaluations.is_waiting():
        start_worker(store)


def _cluster_is_away(store: RunStore) -> bool:
    """Whether the last dispatcher has just found no cluster: the next look would find none either."""
    status = status_of(store)
    return bool(status and status.trouble and 0 <= store.clock() - status.at < TRY_AGAIN)


def _runs_wait(store: RunStore) -> bool:
    """Whether a run waits that could start. Those on a cluster that have lost their dispatcher wait for another one."""
    if on_cluster():
        lost = {run.run for run in store.queries.turns_held(RAY)} - {run.id for run in store.queries.live()}
        return bool(store.queries.turns() or lost)
    by_kind = store.queries.open_by_kind().items()
    return any(waiting and live < store.queries.at_once(kind) for kind, (live, waiting) in by_kind)
