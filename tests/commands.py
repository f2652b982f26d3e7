"""What the tests of the command line share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gencmp.cli.main import main

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
Trained = tuple[list[str], dict[str, Any]]  # the arguments of train, and what it printed with --json


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
def mine(cli: Cli, digits_folder: Path, request: pytest.FixtureRequest) -> Trained:
    """A run of that name, of either kind."""
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
