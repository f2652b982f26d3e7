"""What commands say of mistakes, and their help: a sentence each, never a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import Cli, Trained, refused

from gencmp.cli.main import main
from gencmp.files import ROOT, home
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

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
    mine: Trained,
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
    assert "Did you mean --learning-rate or --learning-rate-decay?" in capsys.readouterr().err


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
