import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from there import there

from gencmp.data import load as loading
from gencmp.events import Checkpoint, Epoch, Started
from gencmp.files import ROOT
from gencmp.models.snapshot import read
from gencmp.runs.executors import recording
from gencmp.runs.executors.local import threads_for
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run, work
from gencmp.settings.configs import GanConfig, VaeConfig


@pytest.fixture
def quick(vae: VaeConfig, digits_folder: Path) -> VaeConfig:
    """A run of three epochs on a few digits from disk."""
    return vae.replace(dataset=str(digits_folder))


@pytest.fixture
def real_time(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "home")


def weights(store: Any, run_id: Any) -> Any:
    return read(store.queries.folder(run_id).state).tensors


def same(left: Any, right: Any) -> Any:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_a_worker_trains_what_waits_until_nothing_is_left(store: RunStore, quick: VaeConfig, gan: GanConfig) -> None:
    runs = [store.create(config) for config in (quick, gan.replace(dataset=quick.dataset), quick)]
    assert work(store) == 3
    assert [(run.state, run.epoch, run.reason) for run in map(store.queries.get, (run.id for run in runs))] == [
        ("finished", 3, "")
    ] * 3
    assert store.queries.folder(runs[0].id).kept() == [1, 2, 3]
    assert work(store) == 0


def test_the_same_run_twice_is_the_same_bit_for_bit(
    store: RunStore, config: GanConfig | VaeConfig, digits_folder: Path
) -> None:
    one, two = (store.create(config.replace(dataset=str(digits_folder))).id for _ in range(2))
    assert work(store) == 2
    assert same(weights(store, one), weights(store, two))


def stopping_after(store: Any, run_id: Any, epoch: Any, kind: Any = Checkpoint) -> Any:
    """A watcher that says stop after this event of this epoch, and waits until the next look at the commands."""

    def watch(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, kind) and event.epoch == epoch:
                store.command(run_id, "stop")
                time.sleep(0.3)
            yield event

    return watch


def test_stopped_and_resumed_is_never_stopped_bit_for_bit(
    store: RunStore, config: GanConfig | VaeConfig, digits_folder: Path
) -> None:
    whole, parted = (store.create(config.replace(dataset=str(digits_folder))).id for _ in range(2))
    for epoch in (1, 2):
        train_run(store, there(store.claim(parted)), watch=stopping_after(store, parted, epoch))
        assert (store.queries.get(parted).state, store.queries.get(parted).epoch) == ("stopped", epoch)
        store.requeue(parted)
    assert work(store) == 2
    assert same(weights(store, whole), weights(store, parted))
    assert store.queries.steps(whole) == store.queries.steps(parted)
    assert [(row.epoch, row.test) for row in store.queries.epochs(whole)] == [
        (row.epoch, row.test) for row in store.queries.epochs(parted)
    ]


def test_stopped_within_an_epoch_it_goes_on_from_the_one_before(store: RunStore, quick: VaeConfig) -> None:
    run, began = store.create(quick), []

    def noting(events: Any) -> Iterator[Any]:
        for event in events:
            began.extend([event.epoch] if isinstance(event, Started) else [])
            yield event

    train_run(store, there(store.claim(run.id)), watch=stopping_after(store, run.id, 2, kind=Epoch))
    store.requeue(run.id)
    train_run(store, there(store.claim(run.id)), watch=noting)
    assert began == [2] and store.queries.get(run.id).state == "finished"
    assert store.queries.steps(run.id)["step"] == list(range(1, 19))


# How a run ends


def ending(store: Any, config: Any, watch: Any = iter) -> Any:
    run = store.create(config)
    train_run(store, there(store.claim(run.id)), watch=watch)
    return store.queries.get(run.id)


def raising(error: Any) -> Any:
    def watch(events: Any) -> Iterator[Any]:
        yield next(events)
        raise error

    return watch


def test_a_diverged_run_has_failed_in_words(store: RunStore, quick: VaeConfig) -> None:
    run = ending(store, quick.replace(learning_rate=10.0, batch_size=10))
    assert run.state == "failed" and run.ended
    assert "the training has diverged. Lower the learning rate" in run.reason


def test_data_that_cannot_be_had_are_told(store: RunStore, quick: VaeConfig) -> None:
    run = ending(store, quick.replace(dataset="/none/there"))
    assert (run.state, run.reason) == (
        "failed",
        "/none/there is not a folder. Give the full path of a folder of IDX files or of pictures.",
    )


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA out of memory. Tried"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_a_full_memory_is_told_with_what_to_do(store: RunStore, quick: VaeConfig, error: Any) -> None:
    run = ending(store, quick, raising(error))
    assert run.state == "failed"
    assert run.reason.startswith("The machine is out of memory. Choose fewer images")


def test_an_unforeseen_error_is_told_and_does_not_stop_the_queue(
    store: RunStore, quick: VaeConfig, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = store.create(quick), store.create(quick)
    load = loading.load
    monkeypatch.setattr(loading, "load", lambda *a, **k: (monkeypatch.setattr(loading, "load", load), 1 / 0))
    assert work(store) == 2
    assert (store.queries.get(first.id).state, store.queries.get(first.id).reason) == (
        "failed",
        "ZeroDivisionError: division by zero",
    )
    assert store.queries.get(second.id).state == "finished"
    assert f"run {first.id} failed" in caplog.text


def test_an_interrupt_stops_the_run_and_passes_on(store: RunStore, quick: VaeConfig) -> None:
    with pytest.raises(KeyboardInterrupt):
        ending(store, quick, raising(KeyboardInterrupt()))
    assert store.queries.all()[0].state == "stopped"


def test_a_damaged_state_is_told(store: RunStore, quick: VaeConfig) -> None:
    run = ending(store, quick, raising(ValueError()))
    state = store.queries.folder(run.id).state
    state.parent.mkdir()
    state.write_bytes(b"half a st")
    store.requeue(run.id)
    train_run(store, there(store.claim(run.id)))
    assert store.queries.get(run.id).state == "failed"
    assert f"{state} is not a gencmp snapshot, or is damaged" in store.queries.get(run.id).reason


# Heartbeats and threads


def test_the_heart_beats_and_the_words_show_while_the_data_load(
    real_time: RunStore, quick: VaeConfig, monkeypatch: pytest.MonkeyPatch, wait_until: Callable[..., Any]
) -> None:
    beats, load = [], loading.load

    def slow(config: Any, progress: Any) -> Any:
        for n in range(3):
            progress(f"Downloading {n}")
            before = there(real_time.queries.all()[0].heartbeat)
            wait_until(lambda: there(real_time.queries.all()[0].heartbeat) > before, seconds=5)  # noqa: B023
            beats.append((real_time.queries.all()[0].words, real_time.queries.all()[0].state))
        return load(config)

    monkeypatch.setattr(recording, "HEARTBEAT", 0.01)
    monkeypatch.setattr(loading, "load", slow)
    real_time.create(quick)
    work(real_time)
    assert beats == [(f"Downloading {n}", "starting") for n in range(3)]
    assert real_time.queries.all()[0].words == ""


@pytest.mark.parametrize(
    ("cores", "kinds", "at_once", "threads"),
    [
        (1, "gv", 1, 1),
        (2, "gv", 1, 1),
        (2, "v", 1, 2),
        (2, "", 1, 2),
        (4, "v", 1, 3),
        (8, "gv", 1, 3),
        (8, "ggg", 1, 4),
        (8, "gggv", 3, 1),
    ],
)
def test_runs_share_the_cores(
    store: RunStore,
    gan: GanConfig,
    vae: VaeConfig,
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    kinds: str,
    at_once: int,
    threads: int,
) -> None:
    monkeypatch.setattr("gencmp.training.cores.fast_cores", lambda: cores)
    store.set_setting("at_once_gan", str(at_once))
    for kind in kinds:
        store.create(gan if kind == "g" else vae)
    assert threads_for(store) == threads


def test_a_paused_run_leaves_its_cores_to_the_others(
    store: RunStore, gan: GanConfig, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.training.cores.fast_cores", lambda: 2)
    for config in (gan, vae):
        store.create(config)
        store.set_state(there(store.claim()).id, "running")
    assert threads_for(store) == 1
    store.set_state(store.queries.live()[0].id, "paused")
    assert threads_for(store) == 2


def test_a_worker_without_work_is_gone_at_once_and_never_loads_torch(tmp_path: Path) -> None:
    code = "import sys, gencmp.runs.worker as w; sys.argv = ['w', '--home', sys.argv[1]]; w.main(); assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "home")], cwd=ROOT, check=True, timeout=30)
    assert RunStore(tmp_path / "home").queries.all() == []
