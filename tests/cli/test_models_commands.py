"""The commands sample and export, and the names of models."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import Cli, Trained, refused
from PIL import Image
from safetensors.torch import load, save

from gencmp.cli.main import main
from gencmp.files import home
from gencmp.models.weights_file import metadata_of
from gencmp.runs.card import command_of
from gencmp.runs.catalog import ShippedRun
from gencmp.runs.folder import RunFolder
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

# sample


def test_sample_makes_a_grid_or_an_array(mine: Trained, cli: Cli, tmp_path: Path) -> None:
    status, answer, _ = cli("sample", "mine", "--count", "5", "--seed", "3", "--out", str(tmp_path / "new" / "x.npy"))
    images = np.load(tmp_path / "new" / "x.npy", allow_pickle=False)
    assert (status, answer["count"], answer["seed"], answer["model"]) == (0, 5, 3, "mine")
    assert (images.dtype, images.shape) == (np.uint8, (5, 28, 28))
    cli("sample", "mine", "--count", "5", "--seed", "3", "--out", str(tmp_path / "x.png"))
    with Image.open(tmp_path / "x.png") as picture:
        assert np.array_equal(np.asarray(picture)[: 28 * 2 : 2, : 28 * 2 : 2], images[0])
        assert picture.size == (2 * (3 * 29 - 1), 2 * (2 * 29 - 1))


def test_sample_from_a_file_and_from_an_epoch(mine: Trained, cli: Cli, tmp_path: Path) -> None:
    file = RunFolder(home() / mine[1]["id"]).weights(1)
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
    mine: Trained,
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


def test_export_makes_a_folder_with_a_card(mine: Trained, cli: Cli, tmp_path: Path) -> None:
    _, run = mine
    status, answer, _ = cli("export", "mine", "--out", str(tmp_path / "x"), "--as", "theirs", "--epochs", "1", "--half")
    record = ShippedRun(tmp_path / "x")
    assert (status, answer["run"]) == (0, run["id"]) and record.run.name == record.run.id == "theirs"
    assert record.folder.kept() == [1, 2] and answer["bytes"] == record.folder.size()
    card = (tmp_path / "x" / "README.md").read_text("utf-8")
    assert card.startswith("# theirs\n") and f"`{record.card['command']}`" in card


def test_the_card_names_the_command_that_trains_the_run_again(mine: Trained, cli: Cli) -> None:
    _, run = mine
    command = shlex.split(command_of(RunStore(home()).queries.get(run["id"])))
    assert command[:3] == ["python", "-m", "gencmp"]
    _, again, _ = cli(*command[3:])
    assert again["config"] == run["config"] and again["test"] == run["test"]


def test_an_export_says_which_data_without_where_they_are(
    mine: Trained,
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
    mine: Trained,
    cli: Cli,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    content = RunFolder(home() / mine[1]["id"]).weights(2).read_bytes()
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
def shadowed(mine: Trained) -> str:
    """The id of a run that an early version let be named as a shipped model is."""
    with RunStore(home()).database.transaction() as db:
        db.execute("UPDATE runs SET name = 'paper-gan' WHERE id = ?", (mine[1]["id"],))
    return str(mine[1]["id"])


def test_a_run_cannot_be_named_as_a_shipped_model_is(
    mine: Trained,
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
    mine: Trained,
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
