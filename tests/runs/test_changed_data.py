"""A folder that has changed between a stop and the resume: said before it goes on, and recorded where it does."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from drawn import cross, draw_classes

from gencmp.cli.main import main
from gencmp.data.fingerprint import fingerprint
from gencmp.events import Started
from gencmp.files import home
from gencmp.runs.changed_data import changed_data
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import work
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw_classes(tmp_path / "mine", "0123456789")
    return tmp_path / "mine"


@pytest.fixture
def stopped(store: RunStore, vae: VaeConfig, folder: Path) -> Run:
    """A run of that folder with an epoch to go on from."""
    run = store.create(vae.replace(dataset=str(folder), epochs=1), name="own")
    assert work(store) == 1 and store.queries.get(run.id).state == "finished"
    store.set_state(run.id, "stopped")
    return store.queries.get(run.id)


def change(folder: Any) -> None:
    cross(77).save(folder / "1" / "more.png")
    shutil.rmtree(folder / "9")


def test_a_run_records_what_it_was_trained_on(stopped: Run, folder: Path) -> None:
    assert stopped.data["fingerprint"] == fingerprint(str(folder)) != ""
    assert stopped.data["summary"] == "20 pictures, 10 classes"
    assert list(stopped.classes) == list("0123456789")


def test_an_unchanged_folder_is_gone_on_with(store: RunStore, stopped: Run, folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"Bud1")
    assert changed_data(stopped) == ""
    store.requeue(stopped.id)
    assert work(store) == 1 and store.queries.get(stopped.id).state == "finished"


def test_a_changed_folder_stops_the_worker_until_it_is_accepted(store: RunStore, stopped: Run, folder: Path) -> None:
    change(folder)
    store.requeue(stopped.id)
    assert work(store) == 1
    failed = store.queries.get(stopped.id)
    assert failed.state == "failed"
    assert f"The pictures in {folder} have changed since own was trained on them, up to epoch 1" in failed.reason
    assert f"resume {stopped.id} --anyway" in failed.reason

    found = changed_data(failed)
    assert found == fingerprint(str(folder)) != stopped.data["fingerprint"]
    store.accept_data(stopped.id, found)
    assert changed_data(store.queries.get(stopped.id)) == ""
    store.requeue(stopped.id)
    assert work(store) == 1
    done = store.queries.get(stopped.id)
    assert (done.state, done.data["fingerprint"], done.data["changed_after_epoch"]) == ("finished", found, "1")


def test_a_second_change_is_recorded_beside_the_first(store: RunStore, stopped: Run, folder: Path) -> None:
    store.accept_data(stopped.id, "one")
    store.begin(
        stopped.id, Started("vae", {}, 2, 2, 60, 300, "cpu", 1, "float32", {}, 44.0, data={"fingerprint": "one"})
    )
    store.accept_data(stopped.id, "two")
    assert store.queries.get(stopped.id).data["changed_after_epoch"] == "1, 2"


@pytest.mark.parametrize("state", ["queued", "running", "finished"])
def test_of_a_run_that_cannot_be_resumed_nothing_is_asked(
    store: RunStore, stopped: Run, folder: Path, state: str
) -> None:
    change(folder)
    assert changed_data(stopped) != ""
    store.set_state(stopped.id, state)
    assert changed_data(store.queries.get(stopped.id)) == ""


def test_nothing_is_asked_without_an_epoch_a_fingerprint_or_a_folder(
    store: RunStore, stopped: Run, vae: VaeConfig, folder: Path
) -> None:
    new = store.create(vae.replace(dataset=str(folder)))
    store.set_state(new.id, "stopped")
    assert changed_data(store.queries.get(new.id)) == ""
    shutil.rmtree(folder)
    assert changed_data(stopped) == ""  # the worker says that the folder is gone
    assert changed_data(stopped.from_dict(stopped.to_dict() | {"data": {}})) == ""  # recorded by an earlier version


# On the command line


def test_resume_refuses_and_names_both_ways(stopped: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder)
    assert main(["resume", "own"]) == 2
    words = capsys.readouterr().err
    assert words.startswith(
        f"gencmp: The pictures in {folder} have changed since own was trained on them, up to epoch 1"
    )
    assert "Train a new run on them (python -m gencmp train vae --preset" in words
    assert f"python -m gencmp resume {stopped.id} --anyway" in words
    assert RunStore(home()).queries.get(stopped.id).state == "stopped"


def test_resume_anyway_goes_on_and_records_it(stopped: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(folder)
    assert main(["resume", "own", "--anyway", "--json"]) == 0
    run = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (run["state"], run["data"]["changed_after_epoch"]) == ("finished", "1")
    assert run["data"]["summary"] == "19 pictures, 9 classes"


def test_the_new_run_that_is_proposed_can_be_started(
    stopped: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(folder)
    main(["resume", "own"])
    command = capsys.readouterr().err.split("(python -m gencmp ")[1].split("), or")[0]
    assert main(shlex.split(command)) == 0
    assert RunStore(home()).queries.all()[0].data["fingerprint"] == fingerprint(str(folder))
