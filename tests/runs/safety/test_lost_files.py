"""What is missing or damaged on disk is said before anything is lost, and what a killed worker left is removed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gencmp.errors import GencmpError, RunNotFound, RunStateError
from gencmp.models.weights_file import read_facts
from gencmp.runs.catalog import Catalog, StoredRun
from gencmp.runs.export import export, export_zip
from gencmp.runs.run import Run
from gencmp.runs.safety.leftovers import OLD, clear_leftovers, clear_own
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import RunStore
from gencmp.runs.worker import work
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def run(trained: Callable[..., Run], vae: VaeConfig) -> Run:
    return trained(vae, "mine")


def test_a_run_whose_state_is_missing_is_not_trained_from_its_first_epoch(store: RunStore, run: Run) -> None:
    folder = store.queries.folder(run.id)
    refuse_lost_state(run, folder)
    folder.state.unlink()
    with pytest.raises(RunStateError, match=r"state\.safetensors is missing, .*--from-epoch 3`"):
        refuse_lost_state(run, folder)
    store.set_state(run.id, "stopped")
    store.requeue(run.id)
    assert work(store) == 1
    after = store.queries.get(run.id)
    assert (after.state, after.epoch, len(store.queries.epochs(run.id))) == ("failed", 3, 3)
    assert "--from-epoch 3" in after.reason


def test_a_damaged_state_offers_the_newest_weights_that_are_whole(store: RunStore, run: Run) -> None:
    folder = store.queries.folder(run.id)
    folder.state.write_bytes(folder.state.read_bytes()[:-9])
    folder.weights(3).write_bytes(b"")
    with pytest.raises(RunStateError, match=r"is damaged .*--from-epoch 2`"):
        refuse_lost_state(run, folder)


def test_a_run_killed_at_the_end_of_its_first_epoch_trains_it_again(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    refuse_lost_state(run, store.queries.folder(run.id))
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET epoch = 1, state = 'running' WHERE id = ?", (run.id,))
    refuse_lost_state(store.queries.get(run.id), store.queries.folder(run.id))


def test_an_export_with_damaged_weights_or_pictures_writes_nothing(store: RunStore, run: Run, tmp_path: Path) -> None:
    record, target = StoredRun(store, run), tmp_path / "out"
    for path in (record.folder.weights(2), record.folder.arrays(3)):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        for way in (lambda: export(record, target), lambda: export_zip(record)):
            with pytest.raises(GencmpError, match=path.name):
                way()
        path.write_bytes(content)
    assert not target.exists()
    export(record, target)
    read_facts((target / "epochs" / "00003.safetensors").read_bytes(), "")


def test_a_deleted_folder_of_epochs_is_said_to_be_gone(store: RunStore, run: Run) -> None:
    folder = store.queries.folder(run.id).path / "epochs"
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(RunNotFound, match=r"mine has finished epoch 3, but its weights are gone: .*epochs is missing"):
        Catalog(store).weights("mine")


def test_leftovers_of_killed_workers_are_removed_but_not_those_of_live_ones(
    store: RunStore, run: Run, vae: VaeConfig
) -> None:
    live = store.create(vae)
    store.claim(live.id)
    left = []
    for run_id in (run.id, live.id):
        folder = store.queries.folder(run_id).path
        (folder / "epochs").mkdir(parents=True, exist_ok=True)
        for path in (folder / "reserve", folder / ".tmp-a", folder / "epochs" / ".tmp-b"):
            path.write_bytes(b"x")
            os.utime(path, (0, 0))
            left.append(path)
    young = store.queries.folder(run.id).path / ".tmp-young"
    young.write_bytes(b"x")
    assert clear_leftovers(store) == 3
    assert [path.exists() for path in left] == [False] * 3 + [True] * 3 and young.exists()
    assert clear_leftovers(store, now=young.stat().st_mtime + OLD + 1) == 1
    clear_own(store.queries.folder(live.id))
    assert not any(path.exists() for path in left)
