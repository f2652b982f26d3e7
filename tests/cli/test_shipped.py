"""The command that brings shipped models up to what this version keeps: nothing is lost, and twice changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gencmp.cli import shipped
from gencmp.cli.main import main
from gencmp.evaluation.kept_opinions import CLASSES, D
from gencmp.evaluation.verdicts import Verdict
from gencmp.files import SHIPPED
from gencmp.runs import catalog
from gencmp.runs.folder import RunFolder


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shipped GAN of two epochs and a verdict, as an earlier version had them."""
    folder = tmp_path / "checkpoints"
    for name in ("paper-gan/card.json", "paper-gan/curves.json", "paper-gan/epochs/00001.safetensors", "study.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED / name, folder / name)
    for epoch in (1, 2):
        samples = RunFolder(SHIPPED / "paper-gan").read_arrays(epoch)["samples"]
        RunFolder(folder / "paper-gan").write_arrays(epoch, {"samples": samples})
    (folder / "verdicts").mkdir()
    for path in (SHIPPED / "verdicts").iterdir():
        held = json.loads(path.read_text("utf-8"))
        verdict = Verdict.from_dict(held)
        held["measures"] = [each.to_dict() | {"label": each.label, "how": each.how} for each in verdict.measures]
        del held["format"], held["used"]
        (folder / "verdicts" / path.name).write_text(json.dumps(held), "utf-8")
    monkeypatch.setattr(shipped, "SHIPPED", folder)
    monkeypatch.setattr(catalog.Catalog.__init__, "__defaults__", (folder,))
    return folder


def test_what_is_missing_is_added_and_twice_changes_nothing(older: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in older.rglob("*") if path.is_file()}
    assert main(["convert-shipped", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    verdicts = [f"verdicts/{path.name}" for path in (SHIPPED / "verdicts").iterdir()]
    assert sorted(told["changed"]) == sorted(["paper-gan/epochs/00001.npz", "paper-gan/epochs/00002.npz", *verdicts])
    for epoch in (1, 2):
        made, known = (RunFolder(where / "paper-gan").read_arrays(epoch) for where in (older, SHIPPED))
        assert np.array_equal(made[CLASSES], known[CLASSES]) and np.array_equal(made["samples"], known["samples"])
        assert (D in made) == (epoch == 1)
    for name in verdicts:
        assert (older / name).read_bytes() == (SHIPPED / name).read_bytes()
    assert all(path.read_bytes() == content for path, content in before.items() if path.suffix == ".safetensors")

    assert main(["convert-shipped", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["changed"] == []


def test_what_ships_has_no_sentences() -> None:
    held = [json.loads(path.read_text("utf-8")) for path in (SHIPPED / "verdicts").iterdir()]
    study = json.loads((SHIPPED / "study.json").read_text("utf-8"))
    for verdict in (*held, study["floor"], *(run["verdict"] for run in study["runs"])):
        assert verdict["format"] == 4 and all(len(each) == 6 for each in verdict["measures"])
