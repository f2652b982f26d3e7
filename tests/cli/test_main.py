import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load, save
from there import there

from gencmp.cli.main import main
from gencmp.files import ROOT, home
from gencmp.models.weights_file import metadata_of
from gencmp.runs.by_hand.moments import Moments
from gencmp.runs.card import command_of
from gencmp.runs.catalog import ShippedRun
from gencmp.runs.folder import RunFolder
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, VaeConfig
from gencmp.settings.setting import settings_of

Cli = Callable[..., tuple[int, Any, str]]  # a status, the printed object, and what is said beside
TINY = {
    "vae": ["--epochs", "2", "--batch-size", "50", "--encoder-widths", "16", "--decoder-widths", "16"],
    "gan": [
        "--epochs",
        "2",
        "--batch-size",
        "50",
        "--generator-widths",
        "16",
        "--discriminator-widths",
        "16,8",
        "--noise-size",
        "8",
    ],
}


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """A function that runs a command with --json; gives its status, its object and what it said beside."""

    def run(*words: Any) -> Any:
        capsys.readouterr()
        status = main([*words, "--json"])
        out, err = capsys.readouterr()
        return status, json.loads(out.splitlines()[-1]) if out else None, err

    return run


@pytest.fixture(params=["vae", "gan"])
def trained(cli: Cli, digits_folder: Path, request: pytest.FixtureRequest) -> tuple[list[str], dict[str, Any]]:
    """(its arguments, what train --json printed)"""
    words = ["train", request.param, "--dataset", str(digits_folder), "--name", "mine", *TINY[request.param]]
    status, run, _ = cli(*words)
    assert status == 0
    return words, run


def refused(cli: Any, capsys: pytest.CaptureFixture[str], *words: Any) -> Any:
    """The sentence that a mistake is answered with."""
    status, answer, err = cli(*words)
    assert (status, answer["ok"]) == (2, False)
    assert answer["error"] in err
    assert err.startswith("gencmp: ") and err.count("\n") == 1 and "Traceback" not in err
    return err


# train, runs, resume


def test_train_tells_the_run_last(trained: tuple[list[str], dict[str, Any]]) -> None:
    _, run = trained
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
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, answer, _ = cli("runs")
    assert status == 0 and [run["name"] for run in answer["runs"]] == ["mine"]
    assert answer["runs"][0] == trained[1]
    assert main(["runs"]) == 0
    assert re.search(rf"^{trained[1]['id']}  finished  epoch +2 of 2 ", capsys.readouterr().out)


def test_runs_of_an_empty_home(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli("runs")[1] == {"runs": []}
    assert main(["runs"]) == 0
    assert "No runs yet. Start one: python -m gencmp train vae --preset quick" in capsys.readouterr().out


def test_resume_goes_on_with_a_stopped_run(trained: tuple[list[str], dict[str, Any]], cli: Cli) -> None:
    store = RunStore(home())
    store.set_state(trained[1]["id"], "stopped")
    status, run, _ = cli("resume", "mine")
    assert (status, run["state"], run["epoch"], run["id"]) == (0, "finished", 2, trained[1]["id"])


def test_a_finished_run_goes_on_for_more_epochs(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "For more epochs: `python -m gencmp resume mine --epochs 4`." in refused(cli, capsys, "resume", "mine")
    status, run, _ = cli("resume", "mine", "--epochs", "4")
    assert (status, run["state"], run["epoch"], run["id"]) == (0, "finished", 4, trained[1]["id"])
    assert "only a new run gets a name" in refused(cli, capsys, "resume", "mine", "--epochs", "5", "--name", "x")
    assert len(RunStore(home()).queries.all()) == 1


def test_other_settings_begin_a_new_run_and_that_is_said(
    trained: tuple[list[str], dict[str, Any]],
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


def test_the_tree_of_forks_is_printed(
    trained: tuple[list[str], dict[str, Any]], cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli("runs", "--tree")[1] == {"members": []}
    _, child, _ = cli("resume", "mine", "--from-epoch", "1", "--beta1", "0.5")
    found = cli("runs", "--tree")[1]["members"]
    assert [(each["name"], each["parent"], each["epoch"]) for each in found] == [
        ("mine", None, 0), ("mine from epoch 1", trained[1]["id"], 1),
    ]  # fmt: skip
    assert main(["runs", "--tree"]) == 0
    assert f"    from epoch 1: mine from epoch 1 ({child['id']}), finished, epoch 2 of 2: " in capsys.readouterr().out


def test_only_a_run_that_trains_is_rolled_back(
    trained: tuple[list[str], dict[str, Any]], cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "mine is finished: only a run that trains can be rolled back." in refused(cli, capsys, "roll-back", "mine")
    assert "its training has ended" in refused(cli, capsys, "roll-back", "paper-gan")


def test_a_setting_typed_as_it_is_changes_nothing(trained: tuple[list[str], dict[str, Any]], cli: Cli) -> None:
    RunStore(home()).set_state(trained[1]["id"], "stopped")
    status, run, _ = cli("resume", "mine", "--batch-size", "50", "--epochs", "2")
    assert (status, run["id"], run["extended"]) == (0, trained[1]["id"], [])


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
    trained: tuple[list[str], dict[str, Any]],
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


# sample


def test_sample_makes_a_grid_or_an_array(trained: tuple[list[str], dict[str, Any]], cli: Cli, tmp_path: Path) -> None:
    status, answer, _ = cli("sample", "mine", "--count", "5", "--seed", "3", "--out", str(tmp_path / "new" / "x.npy"))
    images = np.load(tmp_path / "new" / "x.npy", allow_pickle=False)
    assert (status, answer["count"], answer["seed"], answer["model"]) == (0, 5, 3, "mine")
    assert (images.dtype, images.shape) == (np.uint8, (5, 28, 28))
    cli("sample", "mine", "--count", "5", "--seed", "3", "--out", str(tmp_path / "x.png"))
    with Image.open(tmp_path / "x.png") as picture:
        assert np.array_equal(np.asarray(picture)[: 28 * 2 : 2, : 28 * 2 : 2], images[0])
        assert picture.size == (2 * (3 * 29 - 1), 2 * (2 * 29 - 1))


def test_sample_from_a_file_and_from_an_epoch(
    trained: tuple[list[str], dict[str, Any]], cli: Cli, tmp_path: Path
) -> None:
    file = RunFolder(home() / trained[1]["id"]).weights(1)
    cli("sample", str(file), "--count", "2", "--out", str(tmp_path / "file.npy"))
    cli("sample", "mine", "--epoch", "1", "--count", "2", "--out", str(tmp_path / "one.npy"))
    cli("sample", "mine", "--count", "2", "--out", str(tmp_path / "last.npy"))
    one, other, last = ((tmp_path / f"{name}.npy").read_bytes() for name in ("file", "one", "last"))
    assert one == other != last


def test_the_shipped_models_can_be_sampled(cli: Cli, tmp_path: Path) -> None:
    for name in ("paper-gan", "paper-vae"):
        assert cli("sample", name, "--count", "3", "--out", str(tmp_path / f"{name}.png"))[0] == 0
        assert (tmp_path / f"{name}.png").stat().st_size > 500


def test_samples_are_written_whole_or_not_at_all(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for name in ("x.npy", "x.png"):
        assert "No space left on device" in refused(
            cli, capsys, "sample", "mine", "--out", str(tmp_path / "out" / name)
        )
    assert list((tmp_path / "out").iterdir()) == []


# export


def test_export_makes_a_folder_with_a_card(trained: tuple[list[str], dict[str, Any]], cli: Cli, tmp_path: Path) -> None:
    _, run = trained
    status, answer, _ = cli("export", "mine", "--out", str(tmp_path / "x"), "--as", "theirs", "--epochs", "1", "--half")
    record = ShippedRun(tmp_path / "x")
    assert (status, answer["run"]) == (0, run["id"]) and record.run.name == record.run.id == "theirs"
    assert record.folder.kept() == [1, 2] and answer["bytes"] == record.folder.size()
    card = (tmp_path / "x" / "README.md").read_text("utf-8")
    assert card.startswith("# theirs\n") and f"`{record.card['command']}`" in card


def test_the_card_names_the_command_that_trains_the_run_again(
    trained: tuple[list[str], dict[str, Any]], cli: Cli
) -> None:
    _, run = trained
    command = shlex.split(command_of(RunStore(home()).queries.get(run["id"])))
    assert command[:3] == ["python", "-m", "gencmp"]
    _, again, _ = cli(*command[3:])
    assert again["config"] == run["config"] and again["test"] == run["test"]


def test_an_export_says_which_data_without_where_they_are(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    digits_folder: Path,
    tmp_path: Path,
) -> None:
    cli("export", "mine", "--out", str(tmp_path / "x"))
    words = (tmp_path / "x" / "README.md").read_text("utf-8")
    assert (
        re.search(rf"\| data \| own pictures \({digits_folder.name}, fingerprint \w+\) \|", words)
        and f"--dataset ./{digits_folder.name}" in words
    )
    for path in (path for path in (tmp_path / "x").rglob("*") if path.is_file()):
        assert str(digits_folder.parent).encode() not in path.read_bytes(), path


def test_weights_of_another_system_are_drawn_from_and_measured_where_their_pictures_are(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    content = RunFolder(home() / trained[1]["id"]).weights(2).read_bytes()
    told = json.loads(metadata_of(content)["gencmp"])
    told["config"] |= {"dataset": r"C:\Users\anna\digits", "colour": "blue"}
    foreign = tmp_path / "windows.safetensors"
    foreign.write_bytes(save(load(content), {"gencmp": json.dumps(told)}))
    for model, out in ((str(foreign), "foreign.npy"), ("mine", "mine.npy")):
        _, _, err = cli("sample", model, "--count", "4", "--out", str(tmp_path / out))
        assert ("ignored settings that this version does not know: colour" in err) == (model != "mine")
    assert (tmp_path / "foreign.npy").read_bytes() == (tmp_path / "mine.npy").read_bytes()
    sentence = refused(cli, capsys, "evaluate", str(foreign))
    assert r"The folder of pictures 'digits' (C:\Users\anna\digits) is not on this computer." in sentence


# Names


@pytest.fixture
def shadowed(trained: tuple[list[str], dict[str, Any]]) -> str:
    """The id of a run that an early version let be named as a shipped model is."""
    with RunStore(home()).database.transaction() as db:
        db.execute("UPDATE runs SET name = 'paper-gan' WHERE id = ?", (trained[1]["id"],))
    return str(trained[1]["id"])


def test_a_run_cannot_be_named_as_a_shipped_model_is(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    sentence = "gencmp: paper-gan is the name of a shipped model. Choose another name."
    for words in (
        ["train", "vae", "--name", "Paper-GAN"],
        ["export", "mine", "--as", "paper-gan", "--out", str(tmp_path / "x")],
    ):
        assert refused(cli, capsys, *words).strip() == sentence
    assert [run.name for run in RunStore(home()).queries.all()] == ["mine"] and not (tmp_path / "x").exists()


def test_an_export_cannot_take_another_runs_name(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    vae: VaeConfig,
) -> None:
    RunStore(home()).create(vae, name="theirs")
    for model in ("mine", "paper-gan"):
        words = ["export", model, "--as", "Theirs", "--out", str(tmp_path / "x")]
        assert "Another run is already named 'theirs'" in refused(cli, capsys, *words)
    assert cli("export", "mine", "--as", "Mine", "--out", str(tmp_path / "x"))[0] == 0
    assert cli("export", "paper-gan", "--epochs", "1", "--out", str(tmp_path / "y"))[0] == 0
    assert ShippedRun(tmp_path / "y").run.name == "paper-gan"


def test_a_name_that_two_have_is_the_shipped_models_and_that_is_said(
    shadowed: str, cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = {}
    for name in ("paper-gan", shadowed):
        status, _, err = cli("sample", name, "--count", "2", "--out", str(tmp_path / f"{name}.npy"))
        assert status == 0
        digits[name] = np.load(tmp_path / f"{name}.npy"), err
    assert (
        f"gencmp: paper-gan is the shipped model; refer to your run of that name by its id, {shadowed}."
        in digits["paper-gan"][1]
    )
    assert "shipped" not in digits[shadowed][1]
    shipped, mine = digits["paper-gan"][0], digits[shadowed][0]
    assert not np.array_equal(shipped, mine) and (shipped == 0).mean() > 0.5 > (mine == 0).mean()
    assert main(["runs"]) == 0
    assert "paper-gan" in (row := capsys.readouterr().out) and "use the run's id" in row


# doctor


def test_doctor_examines_everything(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    status, answer, _ = cli("doctor")
    findings = {finding["what"]: finding for finding in answer["findings"]}
    assert findings["MNIST"]["ok"] and findings["torch"]["ok"]
    assert answer["ok"] == all(f["ok"] or f["minor"] for f in answer["findings"]) and status == (not answer["ok"])
    assert main(["doctor"]) == status
    assert "MNIST        60,000 training and 10,000 test digits" in capsys.readouterr().out


# Mistakes


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "vae", "--epochs", "0"], "Epochs: found 0, wanted 1 to 10,000."),
        (["train", "vae", "--epochs", "many"], "Epochs: found 'many', wanted a whole number."),
        (["train", "gan", "--noise", "pink"], "Noise: found 'pink', wanted one of uniform, normal."),
        (["train", "gan", "--preset", "papre"], "gan has no preset 'papre'. It has: paper, quick"),
        (["resume", "none"], "There is no run or shipped model 'none'."),
        (["resume", "paper-gan"], "paper-gan is a shipped model and finished"),
        (["sample", "none", "--out", "x.png"], "There is no run or shipped model 'none'."),
        (["sample", "paper-vae", "--out", "x.gif"], "--out: found 'x.gif', wanted a name that ends in .png"),
        (["sample", "none.safetensors", "--out", "x.png"], "none.safetensors cannot be read: No such file or directory."),
        (["sample", "paper-vae", "--epoch", "9999", "--out", "x.png"], "paper-vae has no checkpoint of epoch 9999. It has: 1, "),
        (["export", "none", "--out", "x"], "There is no run or shipped model 'none'."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_one_sentence(
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: Any,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert f"gencmp: {sentence}" in refused(cli, capsys, *words)
    assert RunStore(home()).queries.all() == [] and {p.name for p in tmp_path.iterdir()} <= {"home"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["sample", "paper-vae", "--count", "0", "--out", "x.png"],
            "found '0', wanted a whole number from 1 to 100000",
        ),
        (["sample", "paper-vae", "--seed", "-1", "--out", "x.png"], "found '-1', wanted a whole number from 0"),
        (["export", "paper-vae", "--epochs", "1,x", "--out", "x"], "found 'x', wanted a whole number from 1"),
        (["train", "vae", "--learning-rte", "1"], "unrecognized arguments: --learning-rte"),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_mistyped_option_is_told(capsys: pytest.CaptureFixture[str], words: Any, sentence: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_run_without_an_epoch_cannot_be_exported(
    cli: Cli, capsys: pytest.CaptureFixture[str], tmp_path: Path, vae: VaeConfig
) -> None:
    RunStore(home()).create(vae, name="new")
    assert "new has not finished an epoch yet" in refused(cli, capsys, "export", "new", "--out", str(tmp_path / "x"))


def test_a_place_that_cannot_be_written_is_told(
    trained: tuple[list[str], dict[str, Any]],
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.png").mkdir()
    assert "folder.png" in refused(cli, capsys, "sample", "mine", "--out", str(tmp_path / "folder.png"))
    assert "file" in refused(cli, capsys, "export", "mine", "--out", str(tmp_path / "file"))


def test_a_home_that_cannot_be_is_told(
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GENCMP_HOME", str(tmp_path / "file"))
    for words in (["runs"], ["train", "vae"], ["evaluate", "paper-vae"]):
        told = refused(cli, capsys, *words)
        assert f"cannot hold the runs: {tmp_path / 'file'} is a file, wanted a folder. Set GENCMP_HOME" in told


def test_the_module_can_be_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gencmp", "runs", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"runs": []}, "")


# Help and completion


def test_an_option_without_its_value_says_so_and_how_the_command_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["sample", "paper-vae", "--out"])
    usage, sentence = capsys.readouterr().err.splitlines()
    assert (left.value.code, usage) == (2, "usage: python -m gencmp sample [OPTIONS] MODEL")
    assert sentence == ("gencmp: Option '--out' requires an argument. See `python -m gencmp sample --help`.")


def test_what_comes_near_a_mistyped_option_is_proposed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "vae", "--learning-rte", "1"])
    assert "Did you mean --learning-rate?" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["train"]])
def test_a_command_that_is_not_whole_shows_what_there_is(capsys: pytest.CaptureFixture[str], words: Any) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    out, err = capsys.readouterr()
    assert (left.value.code, out) == (2, "") and "\nCommands:\n" in err


def test_a_former_name_is_accepted_and_not_shown(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gencmp.cli.training._train", lambda store, run: run.to_dict())
    assert cli("train", "vae", "--digits", "3,8")[1]["config"]["classes"] == [3, 8]
    assert cli("train", "vae", "--classes", "1,7")[1]["config"]["classes"] == [1, 7]
    with pytest.raises(SystemExit):
        main(["train", "vae", "--help"])
    assert "--digits" not in capsys.readouterr().out


def test_the_groups_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom gencmp.cli.main import main\ntry: main(['--help'])\n"
        "finally: print({'torch', 'pandas', 'streamlit', 'matplotlib'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "set()\n") and "doctor" in done.stdout


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [("gencmp ev", "evaluate"), ("gencmp train gan --noise n", "normal"), ("gencmp panel --view sw", "swipe")],
)
def test_a_shell_is_told_how_words_go_on(
    typed: str, proposed: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: Any
) -> None:
    for name, value in {
        "_GENCMP_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": len(typed.split()) - 1,
    }.items():
        monkeypatch.setenv(name, str(value))
    assert main() == 0
    assert capsysbinary.readouterr().out.decode().split() == [f"plain,{proposed}"]


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
