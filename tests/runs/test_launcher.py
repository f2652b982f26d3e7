"""Runs in processes of their own: real workers, a real kill -9."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from there import there

from gencmp.data.digits import Digits
from gencmp.events import Checkpoint
from gencmp.files import ROOT
from gencmp.models.snapshot import read, unpack
from gencmp.runs import launcher
from gencmp.runs.device_probe import device_trouble
from gencmp.runs.executors.process import PRIORITY
from gencmp.runs.executors.status import Status, keep_status
from gencmp.runs.store import LOST_AFTER, RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.loop import train

PARENT = """
import sys, time, pathlib
from gencmp.runs.launcher import start_worker
from gencmp.runs.store import RunStore
print(start_worker(RunStore(pathlib.Path(sys.argv[1]))), flush=True)
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _one_core() -> Iterator[None]:
    """Workers inherit it and take one thread: quicker with models this small, above all on a busy machine."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    yield
    os.sched_setaffinity(0, cores)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """On the machine's own clock, as workers are."""
    return RunStore(tmp_path / "home")


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="there is an accelerator")
def test_a_device_that_is_not_there_is_told_by_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    device_trouble.cache_clear()
    assert device_trouble("cuda") == "This machine has no device cuda. Choose auto, or one of: cpu."
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("asked again"))
    assert device_trouble("auto") == device_trouble("cpu") == "" != device_trouble("cuda")


@pytest.fixture
def long(vae: VaeConfig, digits_folder: Path) -> VaeConfig:
    """A run that would go on for minutes, and keeps every early epoch."""
    return vae.replace(dataset=str(digits_folder), epochs=10_000, keep_per_decade=1000)


def lives(pid: Any) -> Any:
    """Whether the process is there, and no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(os.name != "posix", reason="kills a whole group of processes")
def test_a_worker_outlives_its_parent_and_obeys_a_second_session(
    store: RunStore, long: VaeConfig, pids: list[int], wait_until: Callable[..., Any]
) -> None:
    run = store.create(long)
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(store.home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pids += [int(there(parent.stdout).readline()), parent.pid]
    os.killpg(parent.pid, signal.SIGKILL)  # the whole terminal goes, not this process alone
    parent.wait()
    there(parent.stdout).close()
    wait_until(lambda: store.queries.get(run.id).epoch >= 2)
    assert lives(pids[0]) and store.queries.get(run.id).state == "running"
    assert os.getpriority(os.PRIO_PROCESS, pids[0]) == min(19, os.nice(0) + PRIORITY)  # pages go first

    other = RunStore(store.home)
    other.command(run.id, "pause")
    wait_until(lambda: store.queries.get(run.id).state == "paused", seconds=2)
    stood = store.queries.get(run.id).step
    time.sleep(0.3)
    assert (store.queries.get(run.id).step, other.queries.get(run.id).state) == (stood, "paused")
    other.command(run.id, "go on")
    wait_until(lambda: store.queries.get(run.id).step > stood, seconds=5)

    store.command(run.id, "stop")
    wait_until(lambda: other.queries.get(run.id).state == "stopped", seconds=2)
    wait_until(lambda: not lives(pids[0]), seconds=10)
    assert store.queries.folder(run.id).kept()[-1] == read(store.queries.folder(run.id).state).epoch


def test_a_killed_worker_leaves_a_readable_store_and_the_run_can_be_resumed(
    store: RunStore, long: VaeConfig, digits: Digits, pids: list[int], wait_until: Callable[..., Any]
) -> None:
    run = store.create(long)
    pids.append(launcher.start_worker(store))
    wait_until(lambda: store.queries.get(run.id).epoch >= 3)
    os.kill(pids[0], signal.SIGKILL)
    wait_until(lambda: not lives(pids[0]))

    killed, folder = store.queries.get(run.id), store.queries.folder(run.id)
    state = read(folder.state)
    assert state.epoch in (killed.epoch, killed.epoch - 1)
    assert [row.epoch for row in store.queries.epochs(run.id)] == list(range(1, killed.epoch + 1))
    assert all(read(folder.weights(epoch)).epoch == epoch for epoch in folder.kept())
    assert all("samples" in folder.read_arrays(epoch) for epoch in folder.pictured())
    assert np.isfinite(store.queries.steps(run.id)["kl"]).all()

    later = RunStore(store.home, clock=lambda: time.time() + LOST_AFTER)
    assert later.queries.get(run.id).state == "lost"
    later.requeue(run.id)
    pids.append(launcher.start_worker(store))
    wait_until(lambda: store.queries.get(run.id).epoch > killed.epoch + 1)
    store.command(run.id, "stop")
    wait_until(lambda: store.queries.get(run.id).state == "stopped", seconds=5)
    assert [row.epoch for row in store.queries.epochs(run.id)] == list(range(1, store.queries.get(run.id).epoch + 1))

    torch.set_num_threads(killed.threads)
    never_killed = next(e for e in train(long, digits) if isinstance(e, Checkpoint) and e.epoch == state.epoch + 1)
    resumed, wanted = read(folder.weights(state.epoch + 1)).tensors, unpack(there(never_killed.weights)).tensors
    assert all(torch.equal(resumed[name], wanted[name]) for name in wanted)


WORKERS = """
import os, pathlib, signal, sys
import gencmp.evaluation.checkups, gencmp.training.thread_check, gencmp.runs.recorder, gencmp.runs.worker
from gencmp.runs.store import RunStore
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever ends is gone, and leaves no zombie
for _ in sys.stdin:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        gencmp.runs.worker.work(RunStore(pathlib.Path(sys.argv[1])))
        os._exit(0)
    print(pid, flush=True)
"""


@pytest.fixture
def begin_worker(store: RunStore) -> Iterator[Callable[[], int]]:
    """A function that starts a worker in a process of its own and returns its id; forked, so that it need not load torch."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    command = [sys.executable, "-c", WORKERS, str(store.home)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        orders = there(parent.stdin)

        def begin() -> int:
            orders.write("begin\n")
            orders.flush()
            return int(there(parent.stdout).readline())

        yield begin
        orders.close()


KILLS = 3


def test_killed_again_and_again_it_comes_to_the_same_bits(
    store: RunStore,
    config: GanConfig | VaeConfig,
    digits_folder: Path,
    begin_worker: Callable[[], int],
    pids: list[int],
    wait_until: Callable[..., Any],
) -> None:
    """At any moment: while it begins, within a step, while a checkpoint is written."""
    config = config.replace(dataset=str(digits_folder), epochs=60)
    parted = store.create(config).id
    later = RunStore(store.home, clock=lambda: time.time() + LOST_AFTER)
    chance = random.Random(config.kind)
    killed: list[int] = []
    for kill in range(KILLS):
        pids.append(begin_worker())
        wait_until(lambda: store.queries.get(parted).is_live)
        if kill:  # the first comes before anything is kept, perhaps
            wait_until(lambda: store.queries.get(parted).epoch > max(killed))
        time.sleep(chance.uniform(0.0, 0.05))
        os.kill(pids[-1], signal.SIGKILL)
        killed.append(store.queries.get(parted).epoch)
        later.requeue(parted)
    whole = store.create(config).id
    for run in (parted, whole):
        train_run(store, there(store.claim(run)))

    assert len(set(killed)) == KILLS and max(killed) < config.epochs
    ours, theirs = (read(store.queries.folder(run).state).tensors for run in (parted, whole))
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert store.queries.steps(parted) == store.queries.steps(whole)
    assert [(e.epoch, e.test) for e in store.queries.epochs(parted)] == [
        (e.epoch, e.test) for e in store.queries.epochs(whole)
    ]


def test_the_worker_stands_on_its_own(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Process:
        pid = 7

        def __init__(self, command: Any, **options: Any) -> None:
            asked.update(options, command=command)

        def poll(self) -> Any:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Process)
    assert launcher.start_worker(store) == 7
    assert asked["command"] == [sys.executable, "-m", "gencmp.runs.worker", "--home", str(store.home)]
    assert asked["start_new_session"] is True or os.name == "nt"
    assert asked["stdin"] == subprocess.DEVNULL
    assert asked["env"]["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT)


@pytest.mark.parametrize(
    ("states", "starts"),
    [
        ([], 0), (["queued"], 1), (["queued", "queued"], 1), (["running", "queued"], 0), (["paused", "queued"], 0),
        (["lost", "queued"], 1), (["finished", "failed", "stopped"], 0), (["running"], 0),
    ],
)  # fmt: skip
def test_a_worker_is_started_when_a_run_waits_that_none_will_come_for(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch, states: Any, starts: int
) -> None:
    started: list[RunStore] = []
    monkeypatch.setattr(launcher, "start_worker", started.append)
    for state in states:
        store.set_state(store.create(vae).id, "running" if state == "lost" else state)
    if "lost" in states:
        store = RunStore(store.home, lambda: time.time() + LOST_AFTER + 1)
    launcher.keep_going(store)
    assert started == [store] * starts


def test_a_cluster_that_is_away_is_looked_for_now_and_then(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[RunStore] = []
    monkeypatch.setattr(launcher, "start_worker", started.append)
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")
    store.create(vae)
    keep_status(store, Status(store.clock(), "No Ray cluster answers."))
    launcher.keep_going(store)
    assert started == []
    later = RunStore(store.home, clock=lambda: store.clock() + launcher.TRY_AGAIN)
    launcher.keep_going(later)
    keep_status(later, Status(later.clock(), "", 4))
    launcher.keep_going(later)
    assert started == [later, later]


def test_a_worker_logs_to_a_file_beside_the_runs(
    store: RunStore, long: VaeConfig, pids: list[int], wait_until: Callable[..., Any]
) -> None:
    store.create(long.replace(dataset="/none/there"))
    pids.append(launcher.start_worker(store))
    run = wait_until(lambda: next((run for run in store.queries.all() if run.state == "failed"), None))
    assert "/none/there is not a folder" in run.reason
    assert "Traceback" not in (store.home / "worker.log").read_text("utf-8")


def test_no_worker_is_started_for_a_store_that_may_only_be_read(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(vae)
    started: list[RunStore] = []
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", started.append)
    launcher.keep_going(store)
    store.database.trouble = "this folder may only be read"
    launcher.keep_going(store)
    assert started == [store]
