import builtins
import shutil

import pytest

from gencmp.cli import doctor
from gencmp.cli.doctor import PACKAGES, examine
from gencmp.runs.store import RunStore


def found(home):
    return {finding.what: finding for finding in examine(home)}


def test_what_works_is_told(tmp_path, vae):
    RunStore(tmp_path).create(vae)
    findings = found(tmp_path)
    assert findings["MNIST"].found == "60,000 training and 10,000 test digits"
    assert findings["runs"].found == f"1 in {tmp_path}"
    assert findings["device"].ok and findings["disk"].found.split(" GB free")[0]
    assert all(findings[package].ok for package in PACKAGES)


def test_every_fault_comes_with_what_to_do(tmp_path):
    assert all(finding.todo.endswith((".", "txt")) for finding in examine(tmp_path) if not finding.ok)


def test_a_missing_package_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    finding = found(tmp_path)["no-such-package"]
    assert (finding.ok, finding.found) == (False, "missing")
    assert "pip install -r requirements.txt" in finding.todo


@pytest.mark.parametrize("deeper", ["", "deeper"])
def test_a_home_that_cannot_be_is_told_and_the_rest_is_examined(tmp_path, deeper):
    (tmp_path / "file").write_text("in the way")
    findings = found(tmp_path / "file" / deeper)
    assert not findings["runs"].ok and "cannot hold the runs" in findings["runs"].found
    assert findings["MNIST"].ok and {"models", "disk", "chromium"} <= findings.keys()


def test_torch_that_does_not_load_is_told(tmp_path, monkeypatch):
    real = builtins.__import__

    def broken(name, *rest):
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


def test_damaged_digits_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr("gencmp.data.shipped.DATA", tmp_path)
    finding = found(tmp_path)["MNIST"]
    assert not finding.ok and "train-images-idx3-ubyte is missing" in finding.found


@pytest.mark.parametrize("free", [5e8, 5e9])
def test_a_full_disk_is_told(tmp_path, monkeypatch, free):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1e12, 0, int(free)))
    finding = found(tmp_path)["disk"]
    assert finding.ok == (free > 1e9)
    assert finding.found == f"{free / 1e9:.1f} GB free, runs take 0.00 GB"


def test_without_a_browser_only_its_tests_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    finding = found(tmp_path)["chromium"]
    assert (finding.ok, finding.minor) == (False, True)
    assert "Only the browser tests need it" in finding.todo
