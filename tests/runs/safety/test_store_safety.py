import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gencmp.errors import RunTakenOver, StoreError
from gencmp.events import Epoch, Started, Step
from gencmp.files import ROOT
from gencmp.runs.recorder import drain
from gencmp.runs.run import LOST_AFTER, Run
from gencmp.runs.safety.backup import KEPT, back_up, repair
from gencmp.runs.safety.ending import ends_orderly, told_to_end
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

DAY = 86_400.0
STARTED = Started("vae", {"epochs": 3}, 0, 0, 60, 300, "cpu", 2, "float32", {}, 44.0)


@pytest.fixture
def runs(store: RunStore, vae: VaeConfig) -> list[Run]:
    made = [store.create(vae, name=f"run {n}") for n in range(30)]
    for run in made:
        store.begin(run.id, STARTED)
        store.add(run.id, [Step(n, 1, {"kl": 1.0}) for n in range(1, 40)])
        store.add_epoch(run.id, Epoch(1, 10, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 1.0}))
        store.set_state(run.id, "finished")
    return made


# Backups and repair


def test_a_backup_a_day_is_made_and_the_last_three_are_kept(store: RunStore, runs: list[Run]) -> None:
    made = [back_up(store, now=day * DAY) for day in range(100, 106)]
    assert back_up(store, now=105 * DAY) is None
    there = sorted((store.home / "backups").iterdir())
    assert there == made[-KEPT:]
    copy = store.home / "copy"
    copy.mkdir()
    shutil.copy(there[-1], copy / "runs.sqlite3")
    assert len(RunStore(copy).queries.all()) == len(runs)


def test_an_empty_store_needs_no_backup(store: RunStore) -> None:
    assert back_up(store) is None and not (store.home / "backups").exists()


def closed(store: RunStore) -> Path:
    """The store's file, with all of its log in it."""
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.database.connection().close()
    return store.database.path


def test_a_damaged_store_is_refused_and_repaired(store: RunStore, runs: list[Run]) -> None:
    path = closed(store)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged .* repair`"):
        RunStore(store.home)
    found = repair(store.home)
    assert found.damaged.read_bytes() == bytes(content)
    saved = RunStore(store.home).queries.all()
    assert len(saved) == found.runs >= 20
    assert found.saved > 20 * 40


def test_a_repair_leaves_out_rows_that_cannot_be_read(store: RunStore, runs: list[Run]) -> None:
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET config = '{' WHERE id = ?", (runs[3].id,))
    closed(store)
    found = repair(store.home)
    assert (found.runs, found.lost) == (29, 1 + 39 + 1)
    after = RunStore(store.home).queries
    assert {run.name for run in after.all()} == {run.name for run in runs} - {"run 3"}
    assert [row.epoch for row in after.epochs(runs[0].id)] == [1]


def test_what_is_no_store_at_all_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite3").write_bytes(b"not a store " * 1000)
    with pytest.raises(StoreError, match="is damaged"):
        RunStore(tmp_path)
    with pytest.raises(StoreError, match="can be read"):
        repair(tmp_path)
    assert (tmp_path / "runs.sqlite3").read_bytes().startswith(b"not a store")
    with pytest.raises(StoreError, match="nothing to repair"):
        repair(tmp_path / "nowhere")


# Locks, deleted folders


def test_a_lock_is_waited_for_and_then_named(store: RunStore, vae: VaeConfig) -> None:
    store.create(vae)
    store.database.connection().execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(store.database.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    store.database.patience = 0.1
    with pytest.raises(StoreError, match="locked by another program"):
        store.create(vae)
    store.database.patience = 20.0
    threading.Timer(0.3, lambda: (other.execute("COMMIT"), other.close())).start()
    assert store.create(vae).name


def running(store: RunStore, vae: VaeConfig) -> str:
    run = store.create(vae)
    store.claim(run.id)
    return run.id


def test_a_worker_whose_store_was_deleted_ends_with_a_sentence(store: RunStore, vae: VaeConfig) -> None:
    run_id = running(store, vae)

    def events() -> Any:
        yield STARTED
        store.home.rename(store.home.with_name("moved"))
        yield Epoch(1, 10, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 1.0})

    with pytest.raises(StoreError, match="was deleted, moved or replaced"):
        drain(events(), store, run_id)
    assert not store.home.exists()
    with pytest.raises(StoreError):
        store.claim()


def test_a_run_stopped_while_it_read_lost_is_left_by_its_worker(store: RunStore, vae: VaeConfig, clock: Any) -> None:
    run_id = running(store, vae)

    def events() -> Any:
        yield STARTED
        clock.now += LOST_AFTER + 1  # the machine slept
        store.command(run_id, "stop")
        yield Epoch(1, 10, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 1.0})

    with pytest.raises(RunTakenOver, match="stopped while this worker did not answer"):
        drain(events(), store, run_id)
    assert store.queries.get(run_id).state == "stopped" and store.queries.epochs(run_id) == []


@pytest.mark.parametrize("back", [3600.0, -3600.0])
def test_a_killed_run_reads_lost_when_the_clock_is_set_to_another_hour(
    store: RunStore, vae: VaeConfig, clock: Any, back: float
) -> None:
    clock.now = 10_000.0
    first, second = running(store, vae), store.create(vae).id
    clock.now -= back
    assert store.queries.get(first).state == "lost" and not store.queries.live()
    claimed = store.claim()
    assert claimed and claimed.id == second


# An orderly end


def test_the_first_sigterm_is_noted_and_the_run_stops(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.runs.safety.ending._asked", threading.Event())
    run_id, seen = running(store, vae), []

    def events() -> Any:
        yield STARTED
        os.kill(os.getpid(), signal.SIGTERM)
        for n in range(1, 10):
            seen.append(n)
            yield Epoch(n, 10 * n, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 1.0})
            yield Step(10 * n, n, {"kl": 1.0})

    ticks = iter(range(1000))
    with ends_orderly():
        ended = drain(events(), store, run_id, clock=lambda: float(next(ticks)), is_ending=told_to_end)
    assert (ended, seen) == ("stopped", [1]) and len(store.queries.epochs(run_id)) == 1
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_worker_told_to_end_stops_its_run_after_a_whole_step(
    tmp_path: Path, vae: VaeConfig, digits_folder: Path, wait_until: Callable[..., Any]
) -> None:
    store = RunStore(tmp_path / "home")
    config = vae.replace(dataset=str(digits_folder), epochs=10_000)
    first, second = store.create(config), store.create(config)
    command = [sys.executable, "-m", "gencmp.runs.worker", "--home", str(store.home)]
    worker = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: store.queries.get(first.id).epoch > 0)
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
    assert store.queries.get(first.id).state == "stopped" and store.queries.get(second.id).state == "queued"
    assert not list(store.home.rglob(".tmp-*")) and not list(store.home.rglob("reserve"))
