"""Processes, nodes and dispatchers that are killed while runs train on a cluster: nobody clicks, and no bit differs."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clustering import NODES, dispatchers
from safetensors.torch import load_file
from there import there

from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import VaeConfig

EPOCHS = 300  # some seconds, with hundreds of states, of which few are kept or sent


@pytest.fixture(scope="module")
def quick(digits_folder: Path) -> VaeConfig:
    """Epochs of six steps, on pictures without a judge."""
    return VaeConfig(
        epochs=EPOCHS, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), dataset=str(digits_folder), device="cpu",
        threads="1", keep_per_decade=1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def never_disturbed(quick: VaeConfig, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The last state of the same run, trained in this process."""
    store = RunStore(tmp_path_factory.mktemp("here"))
    run = store.create(quick)
    train_run(store, there(store.claim(run.id)))
    return state_of(store, run)


def state_of(store: RunStore, run: Run) -> dict[str, Any]:
    tensors = load_file(store.queries.folder(run.id).state)
    return {name: tensor.numpy().tobytes() for name, tensor in tensors.items()}


def test_a_run_goes_on_elsewhere_from_its_last_state_when_its_process_and_then_its_node_is_killed(
    cluster: Any, quick: VaeConfig, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]],
    wait_until: Callable[..., Any], never_disturbed: dict[str, Any],
) -> None:  # fmt: skip
    run = begin(quick)

    def now() -> Run:
        return far_store.queries.get(run.id)

    wait_until(lambda: now().epoch >= 5)
    [process] = cluster.trainings()
    process.kill()
    wait_until(lambda: now().state in ("queued", "starting"), 5)
    wait_until(lambda: now().state == "running" and now().epoch >= 60)
    [address] = [each for each in NODES if cluster.trainings(each)]
    cluster.leave(address)
    wait_until(lambda: now().state in ("queued", "starting"), 10)
    [run] = ended(run)
    assert (run.state, run.epoch, run.reason) == ("finished", EPOCHS, "")
    assert state_of(far_store, run) == never_disturbed
    assert address not in run.place["node"]
    steps = far_store.queries.steps(run.id)["step"]
    assert steps == sorted(set(steps)) and steps[-1] == EPOCHS * 6


def test_a_killed_dispatcher_leaves_no_process_behind_and_the_next_goes_on_without_a_click(
    cluster: Any, quick: VaeConfig, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]],
    wait_until: Callable[..., Any], never_disturbed: dict[str, Any],
) -> None:  # fmt: skip
    run = begin(quick)
    for _ in range(4):
        start_worker(far_store)
    wait_until(lambda: far_store.queries.get(run.id).epoch >= 5)
    [dispatcher] = dispatchers(far_store.home)  # of five that were started
    dispatcher.kill()
    wait_until(lambda: not cluster.trainings(), 5)
    keep_going(far_store)  # as every page does; its heart has only just stopped
    start_worker(far_store)
    [run] = ended(run)
    assert (run.state, run.epoch, run.reason) == ("finished", EPOCHS, "")
    assert state_of(far_store, run) == never_disturbed
    wait_until(lambda: not dispatchers(far_store.home), 15)  # nothing waits


def test_pause_go_on_and_stop_reach_a_node_within_moments(
    cluster: Any, quick: VaeConfig, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], wait_until: Callable[..., Any]
) -> None:  # fmt: skip
    run = begin(quick.replace(epochs=10_000))

    def now() -> Run:
        return far_store.queries.get(run.id)

    wait_until(lambda: now().epoch >= 3)
    [process] = cluster.trainings()
    far_store.command(run.id, "pause")
    wait_until(lambda: now().state == "paused", 5)
    step, used = now().step, process.cpu_times().user
    time.sleep(1.5)
    assert now().step == step and process.cpu_times().user - used < 0.2
    # step by step, with the pictures of each phase
    held = there(far_store.moments.newest(run.id))["step"]
    far_store.step(run.id, steps=2)
    wait_until(lambda: there(far_store.moments.newest(run.id))["step"] > held, 10)
    time.sleep(1)
    assert now().state == "paused" and held < there(far_store.moments.newest(run.id))["step"] <= held + 2
    # a setting
    far_store.change(run.id, {"learning_rate": 0.0005})
    far_store.command(run.id, "go on")
    wait_until(lambda: now().state == "running" and now().step > step + 30, 10)
    [change] = far_store.queries.changes(run.id)
    assert change.after == {"learning_rate": 0.0005} and step < change.step <= step + 30
    far_store.command(run.id, "stop")
    [stopped] = ended(run, seconds=5)
    wait_until(lambda: not cluster.trainings(), 5)
    assert stopped.state == "stopped"
    assert far_store.queries.folder(run.id).state.exists() and epoch_of_state(far_store, stopped) == stopped.epoch


def epoch_of_state(store: RunStore, run: Run) -> int:
    from gencmp.models.snapshot import read

    return read(store.queries.folder(run.id).state).epoch


def test_a_run_stops_before_it_has_begun_and_while_it_is_paused(
    cluster: Any, quick: VaeConfig, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], wait_until: Callable[..., Any]
) -> None:  # fmt: skip
    runs = [begin(quick.replace(epochs=10_000), paused=True) for _ in range(5)]  # one more than places
    wait_until(lambda: sum(run.state != "queued" for run in map(far_store.queries.get, (run.id for run in runs))) == 4)
    states = {run.id: far_store.queries.get(run.id).state for run in runs}
    assert sorted(states.values()) == ["queued", *["starting"] * 4]
    for run in runs:
        far_store.command(run.id, "stop")
    assert [run.state for run in ended(*runs, seconds=5)] == ["stopped"] * 5
    wait_until(lambda: not cluster.trainings(), 5)
    paused = begin(quick, paused=True)
    wait_until(lambda: far_store.queries.get(paused.id).state == "paused")
    assert far_store.queries.get(paused.id).step == 0  # before its first step
    far_store.command(paused.id, "stop")
    assert ended(paused, seconds=5)[0].state == "stopped"


if os.name != "posix":
    pytest.skip("kills processes", allow_module_level=True)
