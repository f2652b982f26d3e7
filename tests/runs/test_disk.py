"""What is kept of a run is bounded, told beforehand, and never half made when the disk is full."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from gencmp.bench.store import fill
from gencmp.data.digits import Digits
from gencmp.events import GRADIENT_NORMS, MEASURES, Checkpoint, Epoch, Finished, Started, Step
from gencmp.files import ROOT
from gencmp.runs import disk
from gencmp.runs.disk import DiskFull, disk_use, room_words, size_words
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training import schedule
from gencmp.training.loop import train
from gencmp.training.schedule import PICTURED, kept_epochs, pictured_epochs
from gencmp.ui import catalog


def epoch(number: Any, arrays: Any = None) -> Any:
    return Epoch(number, 10 * number, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.0}, {"negative_elbo": 170.0}, arrays or {})


def started(steps: int = 60) -> Any:
    return Started("vae", {"epochs": 3}, 0, 0, steps, 300, "cpu", 1, "float32", {}, 44.0)


# Files


@pytest.mark.parametrize(
    ("epochs", "per_decade"), [(1, 8), (3, 8), (50, 8), (51, 1), (200, 8), (450, 3), (10_000, 8), (10_000, 1000)]
)
def test_what_is_kept_is_bounded_and_has_both_ends(epochs: int, per_decade: int) -> None:
    kept, pictured = kept_epochs(epochs, per_decade), pictured_epochs(epochs, per_decade)
    assert {1, epochs} <= kept <= pictured <= set(range(1, epochs + 1))
    assert len(kept) <= per_decade * len(str(epochs)) + 1
    assert len(pictured) <= PICTURED + len(kept)
    assert epochs > PICTURED or len(pictured) == epochs
    assert max(np.diff(sorted(pictured)), default=1) <= schedule.pictured_every(epochs)


def test_training_keeps_the_same_epochs(vae: VaeConfig, digits: Digits) -> None:
    events = list(train(vae.replace(epochs=7, keep_per_decade=2), digits))
    kept = {event.epoch for event in events if isinstance(event, Checkpoint) and event.weights is not None}
    assert kept == kept_epochs(7, 2) == {1, 3, 7}


def test_a_long_run_keeps_a_bounded_number_of_pictures_and_always_the_newest(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, client: TestClient
) -> None:
    monkeypatch.setattr(os, "fsync", lambda handle: None)
    run = store.create(VaeConfig(epochs=450))
    folder, newest = store.queries.folder(run.id), []
    arrays = {
        "samples": np.zeros((64, 28, 28), np.uint8),
        "means": np.ones((5, 1024), np.float16),
        "labels": np.zeros(5, np.uint8),
    }

    def events() -> Iterator[Any]:
        yield started()
        for number in range(1, 441):
            yield epoch(number, arrays)
            newest.append(folder.arrays(number).exists())

    drain(events(), store, run.id)
    assert all(newest)
    assert set(folder.pictured()) == {e for e in pictured_epochs(450, 8) if e <= 440} | {440}
    assert folder.read_arrays(440)["means"].shape == (5, 2)  # what the plane shows
    assert {
        client.get(f"/gencmp/pictures/{run.id}/{e}/samples.png").status_code for e in (1, 2, 3, 4, 5, 100, 440, 450)
    } == {200}


# Disk


@pytest.mark.parametrize("epochs", [1, 4])
def test_the_disk_use_told_beforehand_is_that_of_a_real_run(
    trained: Callable[..., Run], store: RunStore, config: GanConfig | VaeConfig, epochs: int
) -> None:
    run = trained(config.replace(epochs=epochs))
    folder, told = store.queries.folder(run.id), disk_use(config.replace(epochs=epochs), images=300, tests=100)
    weights = sum(folder.weights(each).stat().st_size for each in folder.kept())
    assert told.weights == pytest.approx(weights, rel=0.03)
    optimisers = sum(folder.optimiser(each).stat().st_size for each in folder.kept())
    assert told.optimisers == pytest.approx(optimisers, rel=0.03)
    assert told.state == pytest.approx(folder.state.stat().st_size, rel=0.03)
    assert told.total - told.rows == pytest.approx(folder.size(), rel=0.15)


def test_the_rows_take_what_was_told(store: RunStore) -> None:
    for epochs, steps in ((5, 500), (1500, 4500)):
        before = _pages_of(store)
        config = VaeConfig(epochs=epochs, limit=steps // epochs * 100)
        fill(store, config, steps)
        assert disk_use(config).rows == pytest.approx(_pages_of(store) - before + 50_000, rel=0.3)


def _pages_of(store: Any) -> int:
    sizes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    return int(store.database.connection().execute(sizes).fetchone()[0])


def test_more_of_anything_takes_more_disk(config: GanConfig | VaeConfig) -> None:
    base = disk_use(config.replace(epochs=40))
    for change in ({"epochs": 80}, {"keep_per_decade": 20}, {"activation": "tanh"}):
        assert (disk_use(config.replace(**({"epochs": 40} | change))).total > base.total) == (
            "activation" not in change
        )
    assert disk_use(config.replace(epochs=10_000)).pictures < 10 * base.pictures


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0.0 MB"), (340_000, "0.3 MB"), (8.4e7, "84 MB"), (1.26e9, "1.3 GB"), (2e12, "2.0 TB")]
)
def test_sizes_in_words(count: float, words: str) -> None:
    assert size_words(count) == words


def test_the_train_page_tells_the_disk_use_and_refuses_when_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, store: RunStore
) -> None:
    catalog.open_catalog.cache_clear()
    at = AppTest.from_file(str(ROOT / "pages" / "train.py"), default_timeout=30).run()
    uses = [disk_use(GanConfig()), disk_use(VaeConfig())]
    assert room_words(uses, 0).split(";")[0] in " ".join(each.value for each in at.caption)
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 100_000_000)
    at.run()
    assert at.button(key="start").disabled
    assert "100 MB free, but about 422 MB are needed" in " ".join(each.value for each in at.markdown)
    catalog.open_catalog.cache_clear()


def test_a_run_without_room_is_refused_before_its_first_step(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(vae)
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 1_000_000)
    seen = []
    events = (seen.append(event) or event for event in (started(), Step(1, 1, {"kl": 1.0}), Finished(1, 1, 1.0)))
    with pytest.raises(
        DiskFull, match=r"has 1.0 MB free, but about [\d.]+ MB are needed. Keep fewer epochs, delete old runs"
    ):
        drain(events, store, run.id)
    assert len(seen) == 1 and store.queries.get(run.id).state == "queued"
    assert not store.queries.folder(run.id).path.exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)])
def test_a_disk_that_fills_up_ends_the_run_in_a_sentence_and_leaves_nothing_half_made(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch, code: Any
) -> None:
    run = store.create(vae)

    def full(*_: Any) -> None:
        raise OSError(code, "no room")

    def events() -> Iterator[Any]:
        yield started()
        yield epoch(1)
        yield Checkpoint(1, 10, b"old", b"weights")
        yield epoch(2)
        monkeypatch.setattr(os, "replace", full)
        yield Checkpoint(2, 20, b"new", b"weights")

    with pytest.raises(
        DiskFull, match=r"is full. Make room, then resume the run: everything up to its last complete epoch is saved."
    ):
        drain(events(), store, run.id)
    names = sorted(path.name for path in store.queries.folder(run.id).path.rglob("*") if path.is_file())
    assert names == ["00001.npz", "00001.safetensors", "00002.npz", "state.safetensors"]
    assert store.queries.folder(run.id).state.read_bytes() == b"old"


def test_a_store_that_fills_up_ends_the_run_in_the_same_sentence(store: RunStore, vae: VaeConfig) -> None:
    run, reserved = store.create(vae), []

    def events() -> Iterator[Any]:
        yield started()
        yield epoch(1)
        reserved.append((store.queries.folder(run.id).path / "reserve").exists())
        store.database.connection().execute(
            f"PRAGMA max_page_count = {store.database.connection().execute('PRAGMA page_count').fetchone()[0]}"
        )
        norms = dict.fromkeys((*MEASURES["vae"], *GRADIENT_NORMS["vae"]), 1.0)
        yield from (Step(n, 2, norms) for n in range(11, 1000))
        yield epoch(2)

    with pytest.raises(DiskFull) as caught:
        drain(events(), store, run.id)
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert reserved == [True] and not (store.queries.folder(run.id).path / "reserve").exists()
    assert (store.queries.get(run.id).epoch, store.queries.folder(run.id).pictured()) == (1, [1])


def test_pictures_of_an_epoch_that_cannot_be_stored_do_not_stay(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(vae)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(store, "add_epoch", full)
    with pytest.raises(DiskFull):
        drain((event for event in (started(), epoch(1))), store, run.id)
    assert store.queries.folder(run.id).pictured() == []
