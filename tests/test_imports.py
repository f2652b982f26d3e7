import ast
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import gencmp
from gencmp.files import ROOT
from gencmp.version import installed, versions

# What a page needs to draw its first screen, and a worker to find that nothing waits.
LIGHT = (
    "gencmp", "gencmp.runs.store", "gencmp.runs.recorder", "gencmp.runs.catalog", "gencmp.graphics.sheets",
    "gencmp.settings.presets", "gencmp.settings.configs", "gencmp.events",
    "gencmp.files", "gencmp.runs.worker", "gencmp.runs.launcher", "gencmp.cli.main", "gencmp.cli.doctor",
)  # fmt: skip
SOURCES = sorted((ROOT / "gencmp").rglob("*.py"))
PAGES = [ROOT / "dashboard.py", *sorted((ROOT / "pages").glob("*.py"))]


def imported(path: Any) -> Iterator[Any]:
    """Every module that the file names in an import, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def who_imports(*names: Any) -> Any:
    """The files in gencmp that import one of these, or a part of it."""
    found = {
        path.relative_to(ROOT / "gencmp")
        for path in SOURCES
        for module in imported(path)
        if any(module == name or module.startswith(f"{name}.") for name in names)
    }
    return {path.as_posix() for path in found if path.parts[0] != "ui"}


def test_what_must_start_quickly_imports_no_torch_and_no_matplotlib() -> None:
    code = f"""
import importlib, sys
for name in {LIGHT}:
    importlib.import_module(name)
    heavy = {{"torch", "torchvision", "streamlit", "matplotlib"}} & set(sys.modules)
    assert not heavy, f"{{name}} imports {{heavy}}"
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_server_starts_without_what_its_first_answer_does_not_need() -> None:
    code = "import sys, gencmp.ui.server; print({'pandas', 'torch', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "set()"


def test_nothing_outside_ui_imports_streamlit_or_ui() -> None:
    """But a viewer without a browser, who speaks Streamlit's messages."""
    assert len(SOURCES) > 20
    assert who_imports("streamlit") == {"bench/tools/tab.py", "bench/tools/wire.py"}
    assert who_imports("starlette", "gencmp.ui") == set()


def test_sql_is_in_the_stores() -> None:
    assert who_imports("sqlite3") == {
        "database.py", "runs/queries.py", "runs/safety/backup.py", "runs/store.py",
        "voting/classrooms.py", "voting/store.py",
    }  # fmt: skip


def test_nothing_can_unpickle() -> None:
    assert who_imports("pickle", "cPickle", "dill", "joblib", "shelve", "marshal") == set()
    for path in SOURCES + PAGES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
            ):
                called, options = (
                    f"{node.func.value.id}.{node.func.attr}",
                    {k.arg: ast.unparse(k.value) for k in node.keywords},
                )
                assert called != "torch.load", path
                assert called != "np.load" or options.get("allow_pickle") == "False", path


def test_the_public_names_are_there() -> None:
    assert {name for name in gencmp.__all__ if getattr(gencmp, name) is None} == set()
    assert gencmp.GanConfig.kind == "gan" and callable(gencmp.train)
    assert gencmp.load.__module__ == "gencmp.data.load"


def test_an_unknown_public_name_lists_those_there_are() -> None:
    with pytest.raises(AttributeError, match=r"gencmp has no 'trian'. It has: .*GanConfig.*train"):
        _ = gencmp.trian


def test_versions() -> None:
    assert versions(torch="2")["gencmp"] == "0.1.0" and list(versions()) == ["gencmp", "python"]
    assert installed("numpy") and installed("no-such-package") is None
