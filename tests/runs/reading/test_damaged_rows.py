"""One damaged row of the store never hides another."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gencmp.errors import DamagedRun
from gencmp.events import Epoch, Started
from gencmp.files import SHIPPED
from gencmp.runs.catalog import Catalog
from gencmp.runs.names import shipped_names
from gencmp.runs.reading.rows import NEEDED, run_of
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

COLUMNS = (
    "config", "state", "kind", "preset", "versions", "test", "machine", "data", "classes", "origin", "extended", "created",
    "epoch", "heartbeat", "name",
)  # fmt: skip
BAD = ("{", "[]", '{"epochs": "x"}', "[1e999]", "[" * 50_000, b"\xff\x00", '{"run": 3}', '{"run": "a"}')


@pytest.fixture
def runs(store: RunStore, vae: VaeConfig) -> list[str]:
    made = [store.create(vae, name=name).id for name in ("good", "bad", "better")]
    for run_id in made:
        store.begin(run_id, Started("vae", {}, 0, 0, 60, 300, "cpu", 2, "float32", {}, 44.0))
        store.add_epoch(run_id, Epoch(1, 10, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 1.0}))
        store.set_state(run_id, "finished")
    return made


def damage(store: RunStore, run_id: str, column: str, value: Any) -> None:
    with store.database.transaction() as db:
        db.execute(f"UPDATE runs SET {column} = ? WHERE id = ?", (value, run_id))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_damaged_row_is_left_out_and_named_once(store: RunStore, runs: list[str], column: str) -> None:
    catalog = Catalog(store)
    for value in BAD:
        damage(store, runs[1], column, value)
        listed = [run.name for run in store.queries.all()]
        assert [name for name in listed if name in ("good", "better")] == ["better", "good"]
        assert {each.name for each in catalog.choices()} >= {"good", "better"}
        left_out = [words for words in catalog.left_out() if runs[1] in words]
        assert len(left_out) == (len(listed) == 2)
        if left_out:
            with pytest.raises(DamagedRun, match="repair"):
                catalog.find(runs[1])


def test_a_row_that_lacks_a_column_is_damaged(store: RunStore, runs: list[str]) -> None:
    row = dict(store.database.execute("SELECT * FROM runs WHERE id = ?", (runs[0],)).fetchone())
    assert run_of(row).id == runs[0]
    for column in row:
        with suppress(DamagedRun):  # and no other error
            run_of({name: value for name, value in row.items() if name != column})
            assert column not in NEEDED


@pytest.mark.parametrize("run_id", ["../home", "", ".", "a/b", "a\\b"])
def test_an_id_that_names_another_folder_is_never_opened(store: RunStore, runs: list[str], run_id: str) -> None:
    with store.database.transaction() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("UPDATE epochs SET run = ? WHERE run = ?", (run_id, runs[1]))
        db.execute("UPDATE runs SET id = ? WHERE id = ?", (run_id, runs[1]))
    assert len(store.queries.all()) == 2
    with pytest.raises(DamagedRun):
        store.delete(run_id)


def test_a_damaged_epoch_checkup_or_change_is_left_out_alone(store: RunStore, runs: list[str]) -> None:
    run_id = runs[1]
    with store.database.transaction() as db:
        db.execute("INSERT INTO epochs VALUES (?, 2, 20, 1, 1, '{', '{}', '{}')", (run_id,))
        db.execute("INSERT INTO epochs VALUES (?, 3, 30, 1, 1, '{}', '{}', '{}')", (run_id,))
        db.execute("INSERT INTO checkups VALUES (?, 3, '[]')", (run_id,))
        db.execute("INSERT INTO changes VALUES (?, 3, 1, '{}', '{\"beta\": 2}')", (run_id,))
    queries = store.queries
    assert [row.epoch for row in queries.epochs(run_id)] == [1, 3]
    assert queries.checkups(run_id) == [] and queries.checkup(run_id) is None and queries.changes(run_id) == []
    assert len(queries.left_out.sentences) == 3


def test_a_waiting_run_that_cannot_be_read_does_not_hold_up_the_queue(store: RunStore, vae: VaeConfig) -> None:
    first, second = (store.create(vae).id for _ in range(2))
    damage(store, first, "config", "{")
    claimed = store.claim()
    assert claimed and claimed.id == second


def test_a_damaged_evaluation_and_setting_do_no_harm(store: RunStore, runs: list[str]) -> None:
    with store.database.transaction() as db:
        db.execute("INSERT INTO evaluations (models, count, seed, queued) VALUES ('{', 1, 1, 1)")
    store.set_setting("at_once_gan", "many")
    assert store.evaluations.of(runs) is None and store.evaluations.claim() is None
    assert not store.evaluations.is_waiting()
    assert store.queries.at_once("gan") == 1


# Shipped models


@pytest.mark.parametrize(
    ("file", "content"),
    [("card.json", b""), ("card.json", b"[]"), ("card.json", b'{"run": {"kind": "vae", "config": {}}}'),
     ("curves.json", b'{"steps": {}, "epochs": []}'), ("curves.json", b"\xff"), ("curves.json", None)],
)  # fmt: skip
def test_a_shipped_model_with_a_damaged_card_is_left_out(
    store: RunStore, tmp_path: Path, file: str, content: bytes | None
) -> None:
    for name in ("paper-gan", "paper-vae"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
    path = tmp_path / "paper-vae" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    catalog = Catalog(store, tmp_path)
    assert [record.run.id for record in catalog.shipped()] == ["paper-gan"]
    assert [file in words and str(tmp_path) in words for words in catalog.left_out()] == [True]
    assert shipped_names(tmp_path) == {"paper-gan", "paper-vae"}
