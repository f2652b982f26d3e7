"""The diagnosis of recorded runs: by the store, the routes, the command line and the button that cures."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gencmp.cli.main import main
from gencmp.errors import RunStateError
from gencmp.events import Checkup, Epoch, Started
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.diagnosis import cure_of, diagnosis_of
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig
from gencmp.ui import go_on

WON = {"discriminator_loss": 0.01, "generator_loss": 9.0, "d_real": 0.99, "d_fake": 0.001}


@pytest.fixture
def ill(store: RunStore, gan: GanConfig) -> Run:
    """A live run whose D has won since its second epoch."""
    run = store.create(
        gan.replace(epochs=9, discriminator_steps=5, discriminator_learning_rate=1e-3), name="lost cause"
    )
    store.claim(run.id)
    store.begin(run.id, Started("gan", run.config, 0, 0, 90, 300, "cpu", 1, "float32", {}, 0.0))
    for epoch in (1, 2, 3):
        measures = WON if epoch > 1 else WON | {"d_real": 0.6}
        store.add_epoch(run.id, Epoch(epoch, 10 * epoch, 1.0, 300.0, measures, measures, {"d_real": 0.9}))
        store.add_checkup(run.id, Checkup(epoch, 10 * epoch, 90.0, 0.1, (0.1,) * 10, (), 0.02, 1.0, 0.99, 0.98))
    return store.queries.get(run.id)


def test_checkups_come_back_as_they_were(ill: Run, store: RunStore) -> None:
    assert [(each.epoch, each.recognised, each.d_test) for each in store.queries.checkups(ill.id)] == [
        (epoch, 0.02, 0.98) for epoch in (1, 2, 3)
    ]


def test_a_live_run_is_cured_by_its_levers(
    ill: Run, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Catalog(store, tmp_path).find(ill.id)
    found = diagnosis_of(record)
    assert found and (found.name, found.since, found.level) == ("discriminator_won", 2, "ill")
    assert cure_of(record) == (0, {"discriminator_steps": 1, "discriminator_learning_rate": 2e-4})
    monkeypatch.setattr(go_on, "open_catalog", lambda: Catalog(store, tmp_path))
    go_on.cure(record, lambda runs: pytest.fail("no new run is needed"))
    [verb] = store.take_commands(ill.id)
    assert json.loads(verb.split(" ", 1)[1]) == {"discriminator_steps": 1, "discriminator_learning_rate": 2e-4}


def test_an_ended_run_is_trained_again_from_before_its_illness(
    ill: Run, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.set_state(ill.id, "stopped")
    catalog = Catalog(store, tmp_path)
    monkeypatch.setattr(go_on, "open_catalog", lambda: catalog)
    monkeypatch.setattr(go_on, "start_worker", lambda store: None)
    made: list[Run] = []
    go_on.cure(catalog.find(ill.id), made.extend)
    [new] = made
    assert new.config["discriminator_steps"] == 1 and new.origin["run"] == ill.id and new.origin["epoch"] == 0


def test_a_run_that_has_just_ended_says_so(
    ill: Run, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    catalog = Catalog(store, tmp_path)
    record = catalog.find(ill.id)
    monkeypatch.setattr(go_on, "open_catalog", lambda: catalog)
    monkeypatch.setattr("streamlit.toast", said.append)
    store.set_state(ill.id, "finished")
    with pytest.raises(RunStateError):
        store.change(ill.id, {"discriminator_steps": 1})
    go_on.cure(record, lambda runs: pytest.fail("no run"))
    assert len(said) == 1 and "finished" in said[0]


def test_the_news_carry_it_and_the_button(client: TestClient, ill: Run, store: RunStore) -> None:
    found = client.get(f"/gencmp/news/{ill.id}").json()["diagnosis"]
    assert found["level"] == "ill" and found["since"] == 2 and "0.99" in found["sentence"]
    assert found["cure"] == "Try D steps 5 → 1, learning rate of D 0.001 → 0.0002, at once"
    store.set_state(ill.id, "stopped")
    assert client.get(f"/gencmp/news/{ill.id}").json()["diagnosis"]["cure"].endswith("from the start")


def test_an_untrained_run_has_none(client: TestClient, store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    assert client.get(f"/gencmp/news/{run.id}").json()["diagnosis"] is None


def test_the_command_line_says_it(
    ill: Run, store: RunStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["diagnose", "lost cause"]) == 0
    words = capsys.readouterr().out
    assert "The discriminator has won since epoch 2" in words
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET heartbeat = ?", (time.time(),))
    assert main(["diagnose", "lost cause"]) == 0
    words = capsys.readouterr().out
    assert 'python -m gencmp set "lost cause" discriminator_steps=1 discriminator_learning_rate=0.0002' in words


@pytest.mark.parametrize("name", ["paper-gan", "paper-vae"])
def test_the_shipped_models_are_not_ill(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnose", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["diagnosis"] in ("healthy", "plateau")


def test_a_model_of_two_epochs_is_too_young(
    trained: Callable[..., Any], gan: GanConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained(gan.replace(epochs=2))
    assert main(["diagnose", run.id]) == 0 and "too early" in capsys.readouterr().out
