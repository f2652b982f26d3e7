"""Damaged files on the command line: one sentence on standard error, and what is whole goes on."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from gencmp.cli.main import main
from gencmp.files import home
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def store() -> RunStore:
    """The commands' own."""
    return RunStore(home())


@pytest.fixture
def run(trained: Callable[..., Run], vae: VaeConfig) -> Run:
    return trained(vae, "mine")


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("gencmp: ")
    return line


def test_a_damaged_row_is_named_beside_the_list_of_the_others(
    store: RunStore, run: Run, vae: VaeConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    store.create(vae, name="bad")
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET config = '{' WHERE name = 'bad'")
    assert main(["runs"]) == 0
    out, err = capsys.readouterr()
    assert "mine" in out and "bad" not in out and "older" not in out
    assert err.count("'bad'") == 1 and "gencmp repair" in err
    assert main(["resume", "bad"]) == 2
    assert "left out" in one_sentence(capsys)


def test_damaged_pictures_end_a_panel_with_a_sentence(
    store: RunStore, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.queries.folder(run.id).arrays(3).write_bytes(b"PK\x03\x04")
    assert main(["panel", "mine", "--out", str(tmp_path / "x.png")]) == 2
    assert "00003.npz is damaged" in one_sentence(capsys) and not (tmp_path / "x.png").exists()


def test_an_export_of_cut_off_weights_is_refused_before_anything_is_written(
    store: RunStore, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store.queries.folder(run.id).weights(2)
    path.write_bytes(path.read_bytes()[:-100])
    assert main(["export", "mine", "--out", str(tmp_path / "x")]) == 2
    assert "00002.safetensors" in one_sentence(capsys) and not (tmp_path / "x").exists()


def test_a_resume_without_the_state_is_refused_and_the_run_stays_as_it_was(
    store: RunStore, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    store.set_state(run.id, "stopped")
    store.queries.folder(run.id).state.unlink()
    assert main(["resume", "mine"]) == 2
    assert "--from-epoch 3" in one_sentence(capsys)
    after = store.queries.get(run.id)
    assert (after.state, after.epoch) == ("stopped", 3)


def test_a_damaged_store_is_repaired_by_a_command(
    store: RunStore, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    path = store.database.path
    store.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    store.database.connection().close()
    with sqlite3.connect(path) as db:
        [[page]] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'steps'")
    db.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(content)
    assert main(["runs"]) == 2
    assert "gencmp repair" in one_sentence(capsys)
    assert main(["repair"]) == 0
    capsys.readouterr()
    assert main(["runs"]) == 0
    assert "mine" in capsys.readouterr().out
