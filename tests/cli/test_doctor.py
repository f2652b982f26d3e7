import builtins
import shutil
from pathlib import Path
from typing import Any

import pytest

from gencmp.cli import doctor
from gencmp.cli.doctor import PACKAGES, examine
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig


def found(home: Any) -> Any:
    return {finding.what: finding for finding in examine(home)}


def test_what_works_is_told(tmp_path: Path, vae: VaeConfig) -> None:
    RunStore(tmp_path).create(vae)
    findings = found(tmp_path)
    assert findings["MNIST"].found == "60,000 training and 10,000 test digits"
    assert findings["runs"].found == f"1 in {tmp_path}"
    assert findings["device"].ok and findings["disk"].found.split(" GB free")[0]
    assert all(findings[package].ok for package in PACKAGES)


def test_every_fault_comes_with_what_to_do(tmp_path: Path) -> None:
    assert all(finding.todo.endswith((".", "txt")) for finding in examine(tmp_path) if not finding.ok)


def test_a_missing_package_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    finding = found(tmp_path)["no-such-package"]
    assert (finding.ok, finding.found) == (False, "missing")
    assert "pip install -r requirements.txt" in finding.todo


@pytest.mark.parametrize("deeper", ["", "deeper"])
def test_a_home_that_cannot_be_is_told_and_the_rest_is_examined(tmp_path: Path, deeper: str) -> None:
    (tmp_path / "file").write_text("in the way")
    findings = found(tmp_path / "file" / deeper)
    assert not findings["runs"].ok and "cannot hold the runs" in findings["runs"].found
    assert findings["MNIST"].ok and {"models", "disk", "chromium"} <= findings.keys()


def test_torch_that_does_not_load_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def broken(name: Any, *rest: Any) -> Any:
        if name == "gencmp.training.build":
            raise OSError("libtorch.so: cannot open shared object file")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    findings = found(tmp_path)
    assert (findings["device"].ok, findings["device"].found) == (
        False,
        "torch cannot be loaded: libtorch.so: cannot open shared object file",
    )
    assert findings["MNIST"].ok  # is read without it


def test_damaged_digits_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gencmp.data.shipped.DATA", tmp_path)
    finding = found(tmp_path)["MNIST"]
    assert not finding.ok and "train-images-idx3-ubyte is missing" in finding.found


@pytest.mark.parametrize("free", [5e8, 5e9])
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: float) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, int(free)))
    finding = found(tmp_path)["disk"]
    assert finding.ok == (free > 1e9)
    assert finding.found == f"{free / 1e9:.1f} GB free, runs take 0.00 GB"


def test_without_a_browser_only_its_tests_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    finding = found(tmp_path)["chromium"]
    assert (finding.ok, finding.minor) == (False, True)
    assert "Only the browser tests need it" in finding.todo
