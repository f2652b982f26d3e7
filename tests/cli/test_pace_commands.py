"""The commands that ask something of a run that trains: set, pause, continue, step, slow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import TINY, Cli, refused
from there import there

from gencmp.cli.main import main
from gencmp.files import home
from gencmp.runs.by_hand.moments import Moments
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig


def test_set_asks_a_run_that_trains(cli: Cli, capsys: pytest.CaptureFixture[str], vae: VaeConfig) -> None:
    store = RunStore(home())
    run = store.create(vae, name="mine")
    assert "mine is waiting" in refused(cli, capsys, "set", "mine", "beta=2")
    store.claim(run.id)
    status, answer, _ = cli("set", "mine", "beta=2", "learning-rate=1e-4")
    assert (status, answer["changes"]) == (0, {"beta": 2.0, "learning_rate": 1e-4})
    assert store.take_commands(run.id) == ['change {"beta": 2.0, "learning_rate": 0.0001}']


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine", "beta"], "Found 'beta', wanted SETTING=VALUE"),
        (["mine", "beta=much"], "found 'much', wanted a number"),
        (["mine", "nonsense=1"], "vae has no setting 'nonsense'"),
        (["mine", "batch_size=1"], "cannot be changed while a VAE trains"),
        (["paper-gan", "real_label=1"], "paper-gan is a shipped model"),
    ],
)
def test_set_refuses_in_a_sentence(
    cli: Cli, capsys: pytest.CaptureFixture[str], vae: VaeConfig, words: list[str], said: str
) -> None:
    store = RunStore(home())
    store.claim(store.create(vae, name="mine").id)
    assert said in refused(cli, capsys, "set", *words)


# pause, continue, step, slow


def test_the_pace_of_a_run_is_set_from_anywhere(cli: Cli, vae: VaeConfig) -> None:
    store = RunStore(home())
    run = store.create(vae, name="mine")
    store.claim(run.id)
    assert cli("pause", "mine")[:2] == (0, {"run": run.id})
    store.set_pace(run.id, "paused", 0)
    assert cli("step", "mine")[1] == {"run": run.id, "phases": 1}
    assert cli("step", "mine", "--phases", "2")[1] == {"run": run.id, "phases": 2}
    assert cli("step", "mine", "--steps", "10")[1] == {"run": run.id, "steps": 10}
    assert cli("slow", "mine", "2.5")[1] == {"run": run.id, "rate": 2.5}
    assert cli("continue", "mine")[:2] == (0, {"run": run.id})
    wanted = ["pause", "step phases 1", "step phases 2", "step steps 10", "slow 2.5", "go on"]
    assert store.take_commands(run.id) == wanted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["step", "mine"],
            "mine is training: only a paused run can be stepped. Pause it first: python -m gencmp pause",
        ),
        (["slow", "mine", "50"], "Found 50.0 steps per second, wanted 1 to 20"),
        (["slow", "waits", "5"], "waits is waiting: only a run that trains or is paused can go on slowly"),
        (["pause", "waits"], "waits is waiting: it cannot pause"),
        (["continue", "paper-gan"], "paper-gan is a shipped model: its training has ended"),
        (["step", "nobody"], "nobody"),
    ],
)
def test_a_pace_that_cannot_be_is_refused_in_a_sentence(
    cli: Cli, capsys: pytest.CaptureFixture[str], vae: VaeConfig, words: list[str], said: str
) -> None:
    store = RunStore(home())
    store.set_pace(there(store.claim(store.create(vae, name="mine").id)).id, "running", 0)
    store.create(vae, name="waits")
    assert said in refused(cli, capsys, *words)


def test_phases_and_steps_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["step", "mine", "--phases", "1", "--steps", "1"])
    assert "--phases and --steps exclude each other" in capsys.readouterr().err


def test_train_starts_paused_until_someone_goes_on(
    cli: Cli, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Moments.keep

    def go_on(moments: Any, run_id: str, *facts: Any) -> None:
        keep(moments, run_id, *facts)
        RunStore(home()).command(run_id, "go on")

    monkeypatch.setattr(Moments, "keep", go_on)
    status, run, _ = cli("train", "vae", *TINY["vae"], "--dataset", str(digits_folder), "--paused")
    assert (status, run["state"]) == (0, "finished")
