"""Settings changed while a run trains: from the command to the record, on resume, in a fork, on the card and in the news."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient
from there import there

from gencmp.errors import ConfigError, RunStateError
from gencmp.events import Changed, Checkpoint, Epoch, Step
from gencmp.models.snapshot import read
from gencmp.runs.card import card
from gencmp.runs.catalog import ShippedRun, StoredRun
from gencmp.runs.export import export
from gencmp.runs.forks.fork import fork
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_now, config_of
from gencmp.runs.worker import train_run, work
from gencmp.settings.configs import VaeConfig

LEVER = {"beta": 4.0}


@pytest.fixture
def changed(store: RunStore, vae: VaeConfig, digits_folder: Path) -> Run:
    """A finished run of three epochs of six steps whose beta was changed in its second epoch."""
    run = store.create(vae.replace(dataset=str(digits_folder)), name="mine")
    train_run(store, there(store.claim(run.id)), watch=changing(store, run.id, step=9))
    return store.queries.get(run.id)


def changing(store: RunStore, run_id: str, step: int) -> Callable[..., Any]:
    """A watcher that changes beta after this step, and waits until the next look at the commands."""

    def watch(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, Step) and event.step == step:
                store.change(run_id, LEVER)
                time.sleep(0.3)
            yield event

    return watch


def weights(store: RunStore, run_id: str) -> dict[str, torch.Tensor]:
    return dict(read(store.queries.folder(run_id).state).tensors)


def test_a_change_is_made_within_a_step_of_being_read_and_recorded(store: RunStore, changed: Run) -> None:
    [found] = store.queries.changes(changed.id)
    assert (found.epoch, found.step, found.before, found.after) == (2, 10, {"beta": 1.0}, {"beta": 4.0})
    assert changed.state == "finished" and changed.config["beta"] == 1.0
    assert config_now(changed, [found]) == config_of(changed).replace(beta=4.0)


def test_levered_stopped_and_resumed_is_levered_and_not_stopped(store: RunStore, changed: Run) -> None:
    parted = store.create(config_now(changed, []))
    watch = changing(store, parted.id, step=9)

    def stopping(events: Any) -> Iterator[Any]:
        for event in watch(events):
            if isinstance(event, Epoch) and event.epoch == 2:
                store.command(
                    parted.id, "stop"
                )  # heard before epoch 2's state is written, so its steps are trained again
                raise KeyboardInterrupt
            yield event

    with pytest.raises(KeyboardInterrupt):
        train_run(store, there(store.claim(parted.id)), watch=stopping)
    assert store.queries.changes(parted.id) == store.queries.changes(changed.id)
    store.requeue(parted.id)
    assert work(store) == 1
    one, two = weights(store, changed.id), weights(store, parted.id)
    assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
    assert store.queries.changes(parted.id) == store.queries.changes(changed.id)


def test_a_paused_run_takes_a_change_when_it_goes_on(store: RunStore, vae: VaeConfig, digits_folder: Path) -> None:
    run = store.create(vae.replace(dataset=str(digits_folder)))

    def pausing(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, Checkpoint) and event.epoch == 1:
                for verb in ("pause", "go on"):
                    store.command(run.id, verb)
                    store.change(run.id, LEVER)
                time.sleep(0.3)
            yield event

    train_run(store, there(store.claim(run.id)), watch=pausing)
    assert [each.after for each in store.queries.changes(run.id)] == [LEVER]
    assert store.queries.get(run.id).state == "finished"


def test_a_run_that_does_not_train_says_so(store: RunStore, vae: VaeConfig, changed: Run) -> None:
    with pytest.raises(RunStateError, match="mine is finished: its settings can be changed only while it trains"):
        store.change(changed.id, LEVER)
    with pytest.raises(RunStateError, match="is waiting"):
        store.change(store.create(vae).id, LEVER)


def test_a_value_out_of_range_is_refused_before_the_worker_hears_of_it(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    store.claim(run.id)
    with pytest.raises(ConfigError, match="found -1"):
        store.change(run.id, {"beta": -1})
    assert store.take_commands(run.id) == []


def test_a_fork_starts_with_the_settings_of_its_epoch(store: RunStore, changed: Run) -> None:
    record = StoredRun(store, changed)
    assert [fork(store, record, {"epochs": 9}, epoch).config["beta"] for epoch in (1, 2)] == [1.0, 4.0]


def test_the_card_of_an_export_names_the_change(store: RunStore, changed: Run, tmp_path: Path) -> None:
    record = StoredRun(store, changed)
    export(record, tmp_path / "shared")
    assert ShippedRun(tmp_path / "shared").changes() == record.changes()
    assert "| changed | From step 10 (epoch 2): " in card(record, "mine", "a command")


def test_deleting_a_run_deletes_its_changes(store: RunStore, changed: Run) -> None:
    store.delete(changed.id)
    assert store.queries.changes(changed.id) == []


def test_the_news_carry_each_change_with_its_place_in_epochs(store: RunStore, changed: Run, client: TestClient) -> None:
    [found] = client.get(f"/gencmp/news/{changed.id}").json()["changes"]
    assert found["place"] == pytest.approx(1.5) and found["words"].startswith("From step 10 (epoch 2): ")


def test_a_change_recorded_twice_is_one(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    for _ in range(2):
        store.add_change(run.id, Changed(1, 7, {"beta": 1.0}, {"beta": 2.0}))
    assert len(store.queries.changes(run.id)) == 1
