"""What lies in a folder that a user has chosen."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from gencmp.data import walk as walking
from gencmp.data.walk import is_hidden, walk
from gencmp.errors import DataError


def touch(folder: Any, *names: Any) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(folder: Any) -> Any:
    return [file.name for file in walk(folder).files]


HIDDEN = (
    ".DS_Store", "._0.png", "__MACOSX/0/0.png", ".ipynb_checkpoints/a.png", ".thumbnails/t.png", "3/Thumbs.db", "3/desktop.ini",
    "@eaDir/a.png", "$RECYCLE.BIN/a.png",
)  # fmt: skip


def test_what_systems_and_programs_leave_is_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, "3/a.png", "b.png", *HIDDEN)
    assert names(tmp_path) == ["3/a.png", "b.png"]
    assert not is_hidden("a.png") and not is_hidden("_a.png")


def test_files_are_sorted_the_same_everywhere(tmp_path: Path) -> None:
    touch(tmp_path, "b.png", "B.png", "a/c.png", "a-c/d.png", "10/x.png", "9/x.png")
    assert names(tmp_path) == ["10/x.png", "9/x.png", "B.png", "a/c.png", "a-c/d.png", "b.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_links_to_folders_are_followed_and_circles_end(tmp_path: Path) -> None:
    touch(tmp_path, "elsewhere/a.png", "data/real/b.png")
    data = tmp_path / "data"
    (data / "3").symlink_to(tmp_path / "elsewhere")
    (data / "again").symlink_to(data / "real")  # the real one is entered first
    (data / "real" / "up").symlink_to(data)
    (data / "real" / "self").symlink_to(data / "real" / "self")
    found = walk(data)
    assert [file.name for file in found.files] == ["3/a.png", "real/b.png"]
    assert found.closed == ("real/self",)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_a_link_to_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "gone.png")
    assert walk(tmp_path).closed == ("a.png",)


def test_empty_folders_are_told(tmp_path: Path) -> None:
    touch(tmp_path, "3/a.png", "9/.DS_Store")
    (tmp_path / "4").mkdir()
    assert walk(tmp_path).empty == ("4", "9")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "3/a.png", "4/b.png")
    (tmp_path / "4").chmod(0)
    assert walk(tmp_path).closed == ("4",)
    (tmp_path / "4").chmod(0o700)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
def test_a_name_in_no_encoding_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\xff.png")).touch()
    assert names(tmp_path) == ["a\ufffd.png"]


def test_a_whole_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MAX_FILES", 3)
    touch(tmp_path, "a.png", "b.png", "c.png")
    assert len(names(tmp_path)) == 3
    touch(tmp_path, "d.png")
    with pytest.raises(DataError, match=r"holds more than 3 files\. Choose the folder of the pictures itself"):
        walk(tmp_path)
