"""Whether a folder still holds what it held."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gencmp.data import fingerprint as fingerprints
from gencmp.data.fingerprint import fingerprint, recent_fingerprint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """train/3/a.png, 3/b.png, c.png and an IDX file, all of the same old time."""
    for name in ("train/3/a.png", "3/b.png", "c.png", "train-images-idx3-ubyte"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        os.utime(path, (1_000_000, 1_000_000))
    return tmp_path / "data"


def overwrite(path: Any, content: Any) -> None:
    """In place, as many programs do: the folder's own time stays."""
    before = path.parent.stat()
    path.write_bytes(content)
    os.utime(path.parent, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture(params=[fingerprint, recent_fingerprint])
def name_of(request: pytest.FixtureRequest) -> Callable[..., str]:
    found: Callable[..., str] = request.param
    return found


def test_the_same_folder_has_the_same_however_it_is_read(folder: Path, name_of: Callable[..., str]) -> None:
    before = name_of(str(folder))
    (folder / "train/3/a.png").read_bytes()
    assert name_of(str(folder)) == before != ""


@pytest.mark.parametrize("name", ["train/3/new.png", "3/new.png", "new.png", "train-images-idx3-ubyte"])
def test_what_comes_in_changes_it(folder: Path, name: str, name_of: Callable[..., str]) -> None:
    before = name_of(str(folder))
    (folder / name).write_bytes(b"22")
    assert name_of(str(folder)) != before


@pytest.mark.parametrize("name", ["train/3/a.png", "3/b.png", "c.png"])
def test_what_goes_changes_it(folder: Path, name: str, name_of: Callable[..., str]) -> None:
    before = name_of(str(folder))
    (folder / name).unlink()
    assert name_of(str(folder)) != before


@pytest.mark.parametrize("name", ["train/3/a.png", "3/b.png", "c.png"])
def test_what_moves_changes_it(folder: Path, name: str, name_of: Callable[..., str]) -> None:
    before = name_of(str(folder))
    (folder / name).rename(folder / "3" / "moved.png")
    assert name_of(str(folder)) != before


def test_a_picture_overwritten_in_place_changes_it_also_by_one_as_large(folder: Path) -> None:
    before = fingerprint(str(folder))
    overwrite(folder / "3/b.png", b"2")
    assert fingerprint(str(folder)) != before


@pytest.mark.parametrize(
    "name", [".DS_Store", "3/.DS_Store", "3/Thumbs.db", ".ipynb_checkpoints/a.png", "3/._b.png", "notes.txt"]
)
def test_what_is_no_picture_changes_nothing(folder: Path, name: str, name_of: Callable[..., str]) -> None:
    before = name_of(str(folder))
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"x")
    assert name_of(str(folder)) == before


def test_a_copy_has_the_same_whatever_its_times(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    assert fingerprint(str(tmp_path / "copy")) == fingerprint(str(folder))


@pytest.mark.parametrize("place", [0, 1 << 20, (1 << 21) - 1])
def test_a_large_file_is_known_by_its_ends_and_its_middle(folder: Path, place: Any) -> None:
    content = bytearray(1 << 21)
    (folder / "large.png").write_bytes(content)
    before = fingerprint(str(folder))
    content[place] = 1
    overwrite(folder / "large.png", content)
    os.utime(folder / "large.png", (2_000_000, 2_000_000))
    assert fingerprint(str(folder)) != before


def test_files_that_are_as_they_were_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(str(folder))
    monkeypatch.setattr(zlib, "crc32", lambda *_: pytest.fail("read again"))
    assert fingerprint(str(folder)) == before


def test_the_quick_one_looks_at_folders_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = recent_fingerprint(str(folder))
    monkeypatch.setattr(fingerprints, "walk", lambda *_: pytest.fail("listed again"))
    assert recent_fingerprint(str(folder)) == before


def test_a_data_set_with_a_name_and_a_folder_that_is_gone_have_none(
    tmp_path: Path, name_of: Callable[..., str]
) -> None:
    assert name_of("mnist") == "" == name_of(str(tmp_path / "gone"))
