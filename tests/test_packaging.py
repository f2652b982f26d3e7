"""`pip install .` brings all that a checkout has: modules, data, shipped models, pages and the command."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from there import there

from gencmp.files import ROOT

FACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_what_is_installed_is_what_requirements_say() -> None:
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pinned = {line for line in lines if line and not line.startswith(("#", "pytest"))}
    assert set(FACTS["project"]["dependencies"]) == pinned


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, and nothing of this checkout."""
    place = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", place / "wheel", ROOT], check=True, timeout=300
    )
    (wheel,) = (place / "wheel").glob("gencmp-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", place / "site", wheel], check=True, timeout=300)
    return place


def run(installed: Any, *words: Any) -> Any:
    """A command of the installed package, from a folder that has nothing to do with it."""
    home = {"XDG_DATA_HOME": str(installed / "data"), "LOCALAPPDATA": str(installed / "data"), "HOME": str(installed)}
    environment = {name: value for name, value in os.environ.items() if name != "GENCMP_HOME"}
    return subprocess.run(
        [sys.executable, "-m", "gencmp", *words], cwd=installed, env=environment | home | {"PYTHONPATH": str(installed / "site")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_an_installed_gencmp_works_elsewhere(installed: Path) -> None:
    done = run(installed, "sample", "paper-gan", "--count", "4", "--out", "digits.png")
    assert done.returncode == 0, done.stderr
    assert (installed / "digits.png").stat().st_size > 500
    listed = run(installed, "doctor")
    assert re.search(r"models\s+conv-gan, conv-vae, judge, paper-gan, paper-vae", listed.stdout)
    assert str(installed) in there(re.search(r"runs\s+0 in (.*)", listed.stdout))[1]


def test_pages_and_their_configuration_come_along(installed: Path) -> None:
    shipped = installed / "site" / "gencmp" / "shipped"
    for name in (
        "dashboard.py",
        "pages/home.py",
        ".streamlit/config.toml",
        "checkpoints/study.json",
        "docs/teaching.md",
    ):
        assert (shipped / name).read_bytes() == (ROOT / name).read_bytes()
    assert not list((installed / "site").rglob("*.sqlite3"))
