"""IDX files: the format, their names, and what the numbers in them become."""

from __future__ import annotations

import gzip
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import idx
from drawn import cross, idx_file

from gencmp.data.arrays import UNLABELLED, no_status
from gencmp.data.digits import Digits
from gencmp.data.idx.files import IDX, parse_idx, read_idx
from gencmp.data.idx.values import as_bytes, as_labels, fitted, light_on_dark, shaped, sideways_warning
from gencmp.data.load import load_folder
from gencmp.errors import DataError

HERE = Path("images")


# The format


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_idx_file_plain_or_compressed(tmp_path: Path, ending: str) -> None:
    values = torch.arange(24, dtype=torch.uint8).view(2, 3, 4)
    (tmp_path / f"x{ending}").write_bytes(gzip.compress(idx(values)) if ending else idx(values))
    assert read_idx(tmp_path / "x").tolist() == values.tolist()


@pytest.mark.parametrize("kind", [8, 9, 11, 12, 13, 14])
def test_every_type_of_number_is_read_as_it_is(kind: int) -> None:
    values = np.array([[0, 1, 2], [3, 100, 127]])
    found = parse_idx(idx_file(values, kind), HERE)
    assert found.tolist() == values.tolist() and found.dtype.isnative


GOOD = idx(torch.zeros(5, 28, 28))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-1], "found 3919 bytes of data, but its header says 3920. The file is damaged"),
        (GOOD + b"\0" * 9, "found more than 3920 bytes of data, but its header says 3920"),
        (b"\0\0\x08\x04" + b"\xff" * 16, "its header promises .* MB, wanted at most 1,000"),
        (b"\0\0\x08\xff" + b"\x40" * 1020, "is not an IDX file: it starts with 000008ff"),
        (GOOD[:10], "The file is damaged|found shape"),
        (GOOD[:4], "The file is damaged|found shape"),
        (b"", "is not an IDX file: it starts with nothing"),
        (b"\x89PNG\r\n", "is not an IDX file but a PNG picture"),
        (b"\x00\x00\x0a\x01\x00\x00\x00\x00", "is not an IDX file: it starts with 00000a01"),
        (b"\n<!DOCTYPE html><html>", "is not an IDX file but a web page: the download went wrong. Download it again"),
        (b"PK\x03\x04", "is not an IDX file but a zip archive: unpack it"),
    ],
)
def test_a_damaged_idx_file_is_told(tmp_path: Path, content: Any, words: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=words) as raised:
        read_idx(tmp_path / "x")
    assert str(raised.value).startswith(str(tmp_path / "x"))


def test_a_damaged_compressed_file_is_told_wherever_the_damage_is(tmp_path: Path) -> None:
    content = gzip.compress(idx(torch.arange(784 * 5).view(5, 28, 28) * 31 % 255))
    for place in range(0, len(content), 7):
        (tmp_path / "x.gz").write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with suppress(DataError):  # and no other error; a byte of the file's date may be any
            read_idx(tmp_path / "x")
    (tmp_path / "x.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"cannot be read: .* Download the file again"):
        read_idx(tmp_path / "x")


def test_what_unpacks_to_gigabytes_is_read_no_further_than_its_header_says(tmp_path: Path) -> None:
    bomb = gzip.compress(GOOD + bytes(300_000_000), 1)
    (tmp_path / "x.gz").write_bytes(gzip.compress(bomb))
    tracemalloc.start()
    with pytest.raises(DataError, match="found more than 3920 bytes"):
        read_idx(tmp_path / "x")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 20_000_000


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte is missing, and so is train-labels-idx1-ubyte.gz"):
        read_idx(tmp_path / IDX["train"][1])


# A folder of four


def test_a_folder_of_idx_files(digits_folder: Path, digits: Digits) -> None:
    found = load_folder(digits_folder)
    assert torch.equal(found.train.images, digits.train.images) and torch.equal(found.test.labels, digits.test.labels)
    assert found.name == digits_folder.name
    assert found.remarks == ""  # as MNIST has them: nothing to tell


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        (
            IDX["train"][0],
            torch.zeros(5, 32, 30),
            "found pictures of 28 x 28, wanted 30 x 32, as in train-images-idx3-ubyte",
        ),
        (IDX["train"][0], torch.zeros(300, 5, 2, 28, 28), r"found shape \[300, 5, 2, 28, 28\], wanted \[n, 28, 28\]"),
        (IDX["train"][0], torch.zeros(300, 28, 28, 3), "Colour pictures: make them grey"),
        (IDX["test"][1], torch.zeros(100, 2), r"found shape \[100, 2\], wanted \[n\]"),
        (IDX["train"][1], torch.zeros(299), "299 labels for 300 pictures"),
        (IDX["train"][1], torch.full((300,), 150), "found the label 150, wanted 0 to 99, or 255 for none"),
    ],
)
def test_idx_files_of_another_shape_are_told(
    digits_folder: Path, tmp_path: Path, name: Any, values: Any, words: str
) -> None:
    for file in digits_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes(idx(values))
    with pytest.raises(DataError, match=words):
        load_folder(tmp_path)


def test_two_data_sets_in_one_folder_are_refused_by_name(digits_folder: Path, tmp_path: Path) -> None:
    for stem in ("emnist-letters-", "emnist-digits-"):
        for file in digits_folder.iterdir():
            (tmp_path / f"{stem}{file.name}").write_bytes(file.read_bytes())
    with pytest.raises(
        DataError, match=r"holds 2 data sets of IDX files \(emnist-digits-.*emnist-letters-.*\)\. Choose the folder"
    ):
        load_folder(tmp_path)


def test_of_copies_of_single_files_beside_the_four_nothing_is_said(
    digits_folder: Path, tmp_path: Path, digits: Digits
) -> None:
    for file in digits_folder.iterdir():  # as a well-known site packs them: each also in a folder of its own
        for place in (tmp_path / file.name.replace("s-idx", "s.idx"), tmp_path / file.name / file.name):
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(file.read_bytes())
    assert torch.equal(load_folder(tmp_path).train.images, digits.train.images)


def test_four_files_in_four_folders_are_one_data_set(digits_folder: Path, tmp_path: Path, digits: Digits) -> None:
    for file in digits_folder.iterdir():
        (tmp_path / file.name).mkdir()
        (tmp_path / file.name / file.name).write_bytes(file.read_bytes())
    assert torch.equal(load_folder(tmp_path).test.images, digits.test.images)


def test_labels_to_no_pictures_are_told(digits_folder: Path, tmp_path: Path) -> None:
    (tmp_path / IDX["train"][1]).write_bytes((digits_folder / IDX["train"][1]).read_bytes())
    with pytest.raises(DataError, match="holds train-labels-idx1-ubyte, but no pictures to train on"):
        load_folder(tmp_path)


# Numbers


@pytest.mark.parametrize(
    ("values", "kind", "wanted"),
    [
        ([0, 51, 255], "u1", [0, 51, 255]),
        ([0, 0.2, 1], "f4", [0, 51, 255]),
        ([-1, 0, 1], "f8", [0, 128, 255]),
        ([0, 51, 255], "f8", [0, 51, 255]),
        ([0, 1, 1], "u1", [0, 255, 255]),
        ([0, 4, 16], "u1", [0, 64, 255]),
        ([0, 13107, 65535], "i4", [0, 51, 255]),
        ([0, 51, -1], "i1", [0, 51, 255]),  # bytes saved as if they had a sign
        ([0, 51, 127], "i1", [0, 102, 255]),
    ],
)
def test_pixels_in_every_range_people_have(values: Any, kind: str, wanted: Any) -> None:
    [found], notes = as_bytes([np.array([[values]], kind)], HERE)
    assert found.ravel().tolist() == wanted and found.dtype == np.uint8
    assert bool(notes) == (max(values) not in (255, 51))


@pytest.mark.parametrize("values", [[-0.42, 0, 2.8], [0, 0.5, np.nan], [-300, 0, 300.0], [0, 1, 700.5]])
def test_pixels_of_no_known_range_are_refused(values: Any) -> None:
    with pytest.raises(DataError, match=r"images: found pixels from .* wanted 0 to 255, 0 to 1 or -1 to 1"):
        as_bytes([np.array([[values]])], HERE)


def test_dark_ink_is_turned_over_in_both_sets_and_it_is_said() -> None:
    dark = np.stack([np.asarray(cross(n, 28)) for n in range(5)])
    (train, test), notes = light_on_dark([dark, dark[:2]])
    assert (train == 255 - dark).all() and (test == 255 - dark[:2]).all()
    assert notes == ("Dark ink on a light ground was inverted to light on dark.",)
    assert light_on_dark([train, test]) == ([train, test], ())


@pytest.mark.parametrize("shape", [(3, 28, 28), (3, 28, 28, 1), (3, 1, 28, 28), (3, 784)])
def test_shapes_that_mean_the_same(shape: Any) -> None:
    values = np.arange(3 * 784).reshape(3, 28, 28)
    assert (shaped(values.reshape(shape), HERE) == values).all()


def test_other_sizes_lose_an_empty_margin_or_are_centred() -> None:
    small = np.stack([255 - np.asarray(cross(n, 28)) for n in range(3)])
    padded = np.pad(small, ((0, 0), (2, 2), (2, 2)))
    [cut], notes = fitted([padded], no_status)
    assert (cut == small).all() and "32 x 32 pixels were cropped to 28 x 28" in notes[0]
    padded[0, 0, 0] = 200  # the margin is not empty
    for other in (padded, padded[:, ::2, ::2]):
        [centred], notes = fitted([other], no_status)
        assert centred.shape == (3, 28, 28) and centred.max() > 200 and "scaled to fit 20 x 20 and centred" in notes[0]
        assert not centred[1:, 0].any() and not centred[1:, :, 27].any()


@pytest.mark.parametrize("kind", [8, 9, 11, 12, 13, 14])
def test_labels_of_every_type_and_one_hot(kind: int) -> None:
    labels = np.array([3, 0, 9, 3])
    assert as_labels(parse_idx(idx_file(labels, kind), HERE), HERE)[0].tolist() == [3, 0, 9, 3]
    found, notes = as_labels(parse_idx(idx_file(np.eye(10)[labels], kind), HERE), HERE)
    assert found.tolist() == [3, 0, 9, 3] and notes == ("The labels were one-hot, of 10 classes.",)


def test_qmnists_eight_numbers_a_label_have_the_class_first() -> None:
    raw = np.array([[7, 1, 2, 3, 4, 5, 6, 0], [2, 9, 9, 9, 9, 9, 9, 9]])
    assert as_labels(raw, Path("qmnist-train-labels-idx2-int"))[0].tolist() == [7, 2]
    with pytest.raises(DataError, match="one label per picture"):
        as_labels(raw, HERE)


def test_a_label_of_255_is_none() -> None:
    assert as_labels(np.array([255, 1]), HERE)[0].tolist() == [UNLABELLED, 1]


@pytest.mark.parametrize(
    ("labels", "kind"), [(range(1, 27), "letters"), (range(47), "balanced"), (range(62), "byclass")]
)
def test_labels_as_emnist_has_them_are_a_reason_to_look_and_not_to_turn(labels: Any, kind: str) -> None:
    [words] = sideways_warning(list(labels))
    assert "If these lie on their side" in words and f"emnist-{kind}-train-images" in words
    assert sideways_warning(list(labels)[1:-1]) == ()
