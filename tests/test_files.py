import errno
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gencmp import files
from gencmp.errors import DamagedFile
from gencmp.files import LARGEST, home, read_at_most, write_whole
from gencmp.runs.folder import RunFolder


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_is_written_whole_with_its_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("broken", ["fsync", "replace", "chmod"])
def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")
    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_content_is_synced_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    did = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, real=real: (did.append(name), real(*a))[1])
    write_whole(tmp_path / "file", b"x")
    assert did == ["fsync", "replace", "fsync"]  # the file, its name, the folder that holds the name


def test_arrays_there_and_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    arrays: dict[str, np.ndarray] = {
        "samples": np.arange(2 * 784).astype(np.uint8).reshape(2, 28, 28),
        "means": np.zeros((3, 2), np.float16),
        "labels": np.zeros(3, np.uint8),
    }
    folder.write_arrays(3, arrays)
    back = folder.read_arrays(3)
    assert back.keys() == arrays.keys() and all(np.array_equal(back[n], arrays[n]) for n in arrays)
    assert back["means"].dtype == np.float16
    assert folder.read_arrays(4) == {}


def test_arrays_are_never_unpickled(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.write_arrays(1, {"trap": np.array([{"an": "object"}], dtype=object)})
    write_whole(folder.arrays(2), pickle.dumps(np.zeros(3)))
    for epoch in (1, 2):
        with pytest.raises(DamagedFile, match=r"pickle|not a zip"):
            folder.read_arrays(epoch)


def test_kept_epochs_come_in_order_and_half_written_ones_do_not_count(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for epoch in (10, 9, 100_000):
        write_whole(folder.weights(epoch), b"")
    write_whole(folder.arrays(2), b"")
    (tmp_path / "epochs" / ".tmp-x.safetensors").touch()
    (tmp_path / "epochs" / "note.npz").touch()
    assert folder.kept() == [9, 10, 100_000]
    assert folder.pictured() == [2]


def test_the_size_counts_every_file(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    write_whole(folder.state, b"x" * 10)
    write_whole(folder.weights(1), b"x" * 5)
    assert folder.size() == 15
    assert RunFolder(tmp_path / "none").size() == 0


def test_what_is_too_large_to_be_ours_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"12345")
    assert read_at_most(path, 5) == b"12345"
    with pytest.raises(OSError, match="such a file has at most") as caught:
        read_at_most(path, 4)
    assert caught.value.strerror
    folder = RunFolder(tmp_path)
    folder.write_arrays(1, {"samples": np.zeros((1, 28, 28), np.uint8)})
    os.truncate(folder.arrays(1), LARGEST + 1)
    with pytest.raises(DamagedFile, match=r"epochs/0*1\.npz cannot be read: it has 200 MB"):
        folder.read_arrays(1)


def test_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENCMP_HOME", str(tmp_path))
    assert home() == tmp_path
    ways: tuple[Callable[[], None], ...] = (
        lambda: monkeypatch.setenv("GENCMP_HOME", ""),
        lambda: monkeypatch.delenv("GENCMP_HOME"),
    )
    for unset in ways:
        unset()
        assert home() == files.ROOT / "runs"


def test_arrays_are_read_again_when_the_parser_was_disturbed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder, load, failures = (
        RunFolder(tmp_path),
        np.load,
        iter([SystemError("AST constructor recursion depth mismatch")]),
    )

    def disturbed(*args: Any, **facts: Any) -> Any:
        for failure in failures:
            raise failure
        return load(*args, **facts)

    folder.write_arrays(1, {"x": np.arange(3)})
    monkeypatch.setattr(np, "load", disturbed)
    assert folder.read_arrays(1)["x"].tolist() == [0, 1, 2]
