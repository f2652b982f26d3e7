"""sweep: a grid of settings, trained through the queue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gencmp.cli.clusters.sweeping import grid_of
from gencmp.cli.main import main
from gencmp.errors import ConfigError
from gencmp.settings.configs import VaeConfig


def test_a_grid_is_read_as_the_settings_are() -> None:
    assert grid_of(VaeConfig, ["learning-rate=0.1,0.2", "encoder_widths=512-256,16"]) == {
        "learning_rate": [0.1, 0.2], "encoder_widths": [(512, 256), (16,)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["learning_rate"], "wanted SETTING=VALUE,VALUE"),
        (["learning_rate="], "wanted SETTING=VALUE,VALUE"),
        (["learning_rate=fast"], "wanted a number"),
        (["batch_size=1", "batch_size=2"], "batch_size is there twice"),
        (["size=1"], "size"),
    ],
)
def test_a_grid_that_cannot_be_is_told(pairs: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        grid_of(VaeConfig, pairs)


def test_too_many_combinations_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    seeds = ",".join(map(str, range(201)))
    assert main(["sweep", "vae", f"seed={seeds}"]) == 2
    assert "These are 201 combinations, wanted at most 200." in capsys.readouterr().err


def test_every_combination_is_trained_and_told(
    capsys: pytest.CaptureFixture[str], digits_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "local")
    out = tmp_path / "table.json"
    grid = [
        f"dataset={digits_folder}",
        "epochs=1",
        "encoder_widths=16",
        "decoder_widths=16",
        "seed=0,1",
        "learning_rate=0.001,10",
    ]
    main(["sweep", "vae", *grid, "--out", str(out), "--executor", "local"])
    rows: list[dict[str, Any]] = json.loads(out.read_text("utf-8"))
    assert [(row["settings"]["seed"], row["settings"]["learning_rate"]) for row in rows] == [
        (0, 0.001), (0, 10.0), (1, 0.001), (1, 10.0),
    ]  # fmt: skip
    assert {row["state"] for row in rows if row["settings"]["learning_rate"] == 0.001} == {"finished"}
    table = capsys.readouterr().out
    assert "learning_rate" in table and all(row["name"] in table for row in rows)
