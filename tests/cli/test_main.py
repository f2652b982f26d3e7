"""The commands train, runs, resume and fork: what they print, and what they leave in the store."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from commands import TINY, Cli, Trained, refused
from there import there

from gencmp.cli.main import main
from gencmp.files import home
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, VaeConfig
from gencmp.settings.setting import settings_of

# train, runs, resume


def test_train_tells_the_run_last(mine: Trained) -> None:
    _, run = mine
    assert (run["state"], run["epoch"], run["name"], run["preset"]) == ("finished", 2, "mine", "own")
    assert run["config"]["batch_size"] == 50
    assert np.isfinite(run["test"]["negative_elbo" if run["kind"] == "vae" else "d_real"])


def test_train_draws_a_line_an_epoch_where_there_is_no_terminal(cli: Cli, digits_folder: Path) -> None:
    _, _, err = cli("train", "vae", "--dataset", str(digits_folder), *TINY["vae"])
    lines = err.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["epoch 1", "epoch 2"]
    assert re.fullmatch(
        r"epoch 1: [\d,]+ images/s, reconstruction \d+\.\d{3}, kl \d+\.\d{3}, test negative ELBO \d+\.\d\d", lines[0]
    )
    assert re.search(
        r"finished after epoch 2 of 2\. Test loss \(negative ELBO\): \d+\.\d\d nats per image\.", lines[-1]
    )


def test_a_preset_is_kept_by_name_until_something_is_changed(
    cli: Cli, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.cli.training._train", lambda store, run: run.to_dict())
    _, run, _ = cli("train", "vae", "--preset", "quick")
    assert (run["preset"], run["name"], run["config"]["limit"]) == ("quick", "VAE Quick 1", 30_000)
    _, run, _ = cli("train", "vae", "--preset", "quick", "--seed", "3")
    assert (run["preset"], run["config"]["limit"], run["config"]["seed"]) == ("own", 30_000, 3)


def test_every_setting_is_an_option_with_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for kind, config in CONFIGS.items():
        with pytest.raises(SystemExit) as left:
            main(["train", kind, "--help"])
        words = " ".join(capsys.readouterr().out.split())
        assert left.value.code == 0
        for name, known in settings_of(config).items():
            assert f"--{name.replace('_', '-')} VALUE" in words, name
            assert known.help.split(",")[0].split("-")[0][:40] in words, name


def test_a_folder_is_remembered_by_its_whole_path(
    cli: Cli, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(digits_folder.parent)
    _, run, _ = cli("train", "vae", "--dataset", digits_folder.name, *TINY["vae"])
    assert run["config"]["dataset"] == str(digits_folder) and run["state"] == "finished"


def test_runs_lists_them(
    mine: Trained,
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, answer, _ = cli("runs")
    assert status == 0 and [run["name"] for run in answer["runs"]] == ["mine"]
    assert answer["runs"][0] == mine[1]
    assert main(["runs"]) == 0
    assert re.search(rf"^{mine[1]['id']}  finished  epoch +2 of 2 ", capsys.readouterr().out)


def test_runs_of_an_empty_home(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("runs")[1] == {"runs": []}
    assert main(["runs"]) == 0
    assert "No runs yet. Start one: python -m gencmp train vae --preset quick" in capsys.readouterr().out


def test_resume_goes_on_with_a_stopped_run(mine: Trained, cli: Cli) -> None:
    store = RunStore(home())
    store.set_state(mine[1]["id"], "stopped")
    status, run, _ = cli("resume", "mine")
    assert (status, run["state"], run["epoch"], run["id"]) == (0, "finished", 2, mine[1]["id"])


def test_a_finished_run_goes_on_for_more_epochs(
    mine: Trained,
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "For more epochs: `python -m gencmp resume mine --epochs 4`." in refused(cli, capsys, "resume", "mine")
    status, run, _ = cli("resume", "mine", "--epochs", "4")
    assert (status, run["state"], run["epoch"], run["id"]) == (0, "finished", 4, mine[1]["id"])
    assert "only a new run gets a name" in refused(cli, capsys, "resume", "mine", "--epochs", "5", "--name", "x")
    assert len(RunStore(home()).queries.all()) == 1


def test_other_settings_begin_a_new_run_and_that_is_said(
    mine: Trained,
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, run, err = cli("resume", "mine", "--from-epoch", "1", "--beta1", "0.5")
    assert (status, run["state"], run["epoch"], run["config"]["beta1"]) == (0, "finished", 2, 0.5)
    assert "gencmp: mine from epoch 1 is a new run. Fork of mine at epoch 1: Adam β₁ 0.9 → 0.5. It continues" in err
    assert "mine has no epochs left after epoch 2 of 2" in refused(cli, capsys, "resume", "mine", "--beta1", "0.5")
    status, run, _ = cli("resume", "mine", "--beta1", "0.5", "--epochs", "3", "--name", "mine too")
    assert (status, run["epoch"], run["name"], run["origin"]["epoch"]) == (0, 3, "mine too", 2)
    assert main(["runs"]) == 0
    assert "mine too  Fork of mine at epoch 2: Adam β₁ 0.9 → 0.5, Epochs 2 → 3. " in capsys.readouterr().out


def test_the_tree_of_forks_is_printed(mine: Trained, cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("runs", "--tree")[1] == {"members": []}
    _, child, _ = cli("resume", "mine", "--from-epoch", "1", "--beta1", "0.5")
    found = cli("runs", "--tree")[1]["members"]
    assert [(each["name"], each["parent"], each["epoch"]) for each in found] == [
        ("mine", None, 0), ("mine from epoch 1", mine[1]["id"], 1),
    ]  # fmt: skip
    assert main(["runs", "--tree"]) == 0
    assert f"    from epoch 1: mine from epoch 1 ({child['id']}), finished, epoch 2 of 2: " in capsys.readouterr().out


def test_only_a_run_that_trains_is_rolled_back(mine: Trained, cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert "mine is finished: only a run that trains can be rolled back." in refused(cli, capsys, "roll-back", "mine")
    assert "its training has ended" in refused(cli, capsys, "roll-back", "paper-gan")


def test_a_setting_typed_as_it_is_changes_nothing(mine: Trained, cli: Cli) -> None:
    RunStore(home()).set_state(mine[1]["id"], "stopped")
    status, run, _ = cli("resume", "mine", "--batch-size", "50", "--epochs", "2")
    assert (status, run["id"], run["extended"]) == (0, mine[1]["id"], [])


def test_the_advice_after_a_divergence_can_be_followed(
    cli: Cli, capsys: pytest.CaptureFixture[str], digits_folder: Path
) -> None:
    words = [
        "train",
        "vae",
        "--dataset",
        str(digits_folder),
        *TINY["vae"],
        "--learning-rate",
        "10",
        "--batch-size",
        "5",
    ]
    sentence = refused(cli, capsys, *words, "--name", "lr10")
    command = shlex.split(there(re.search("`(.*)`", sentence))[1])
    assert command == ["python", "-m", "gencmp", "resume", "lr10", "--learning-rate", "0.001"]
    assert "lr10 would diverge again." in refused(cli, capsys, "resume", "lr10")
    status, run, err = cli("resume", "lr10", "--learning-rate", "0.001")
    assert (status, run["state"], run["name"], run["config"]["learning_rate"]) == (0, "finished", "lr10 again", 0.001)
    assert "lr10 again from the start: Learning rate 10 → 0.001." in err


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="there is such a device")
def test_a_device_that_is_not_there_leaves_no_run_behind(
    mine: Trained,
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sentence = "This machine has no device mps. Choose auto, or one of: "
    for words in (["train", "vae", "--device", "mps"], ["resume", "mine", "--epochs", "3", "--device", "mps"]):
        assert sentence in refused(cli, capsys, *words)
    assert len(RunStore(home()).queries.all()) == 1


def test_a_run_taken_by_a_worker_in_the_meantime_is_not_trained_twice(
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    vae: VaeConfig,
) -> None:
    store = RunStore(home())
    run = store.create(vae, name="mine")
    store.set_state(run.id, "stopped")
    requeue = RunStore.requeue
    monkeypatch.setattr(RunStore, "requeue", lambda *a: (requeue(*a), RunStore(home()).claim())[0])
    assert "A worker has already started mine" in refused(cli, capsys, "resume", "mine")


def test_a_failed_run_says_why(cli: Cli, capsys: pytest.CaptureFixture[str], digits_folder: Path) -> None:
    words = [
        "train",
        "vae",
        "--dataset",
        str(digits_folder),
        *TINY["vae"],
        "--learning-rate",
        "10",
        "--batch-size",
        "5",
    ]
    assert "VAE own settings 1 failed. At epoch 1, step " in refused(cli, capsys, *words).splitlines()[-1]


def test_an_interrupt_keeps_what_was_trained(cli: Cli, digits_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gencmp.runs.store.RunStore.add_epoch", interrupt)
    status, _, err = cli("train", "vae", "--dataset", str(digits_folder), *TINY["vae"])
    assert status == 130 and "interrupted. What was trained so far is saved" in err
    assert RunStore(home()).queries.all()[0].state == "stopped"
