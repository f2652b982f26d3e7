"""Whether a folder still holds what it held."""

from __future__ import annotations

import os

import pytest

from gencmp.data.fingerprint import data_stamp


@pytest.fixture
def folder(tmp_path):
    """train/3/a.png, 3/b.png, c.png and an IDX file, all of the same old time."""
    for name in ("train/3/a.png", "3/b.png", "c.png", "train-images-idx3-ubyte"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"1")
    for path in (tmp_path / "data", *(tmp_path / "data").rglob("*")):
        os.utime(path, (1_000_000, 1_000_000))
    return tmp_path / "data"


def test_the_same_folder_has_the_same_stamp_however_it_is_read(folder):
    before = data_stamp(str(folder))
    (folder / "train/3/a.png").read_bytes()
    assert data_stamp(str(folder)) == before != ""


@pytest.mark.parametrize("name", ["train/3/new.png", "3/new.png", "new.png", "train-images-idx3-ubyte"])
def test_what_comes_in_changes_it(folder, name):
    before = data_stamp(str(folder))
    (folder / name).write_bytes(b"22")
    assert data_stamp(str(folder)) != before


@pytest.mark.parametrize("name", ["train/3/a.png", "3/b.png", "c.png"])
def test_what_goes_changes_it(folder, name):
    before = data_stamp(str(folder))
    (folder / name).unlink()
    assert data_stamp(str(folder)) != before


def test_a_data_set_with_a_name_has_none():
    assert data_stamp("mnist") == ""


def test_a_folder_that_is_gone_has_a_stamp_too(tmp_path):
    assert data_stamp(str(tmp_path / "gone")) != ""
