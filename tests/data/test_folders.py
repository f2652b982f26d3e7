"""Which files are pictures, to train on or to test with, and of which class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gencmp.data.arrays import UNLABELLED
from gencmp.data.folders import part_of, sort_pictures
from gencmp.data.walk import walk


def sorted_in(folder: Any, *names: Any) -> Any:
    """File -> (part, name of its class)."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    found = sort_pictures(walk(folder))
    named = ["" if label == UNLABELLED else found.classes[label] for label in found.labels]
    return {file.name: pair for file, *pair in zip(found.files, found.parts, named, strict=True)}, found


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("training", "train"), ("TRAIN", "train"), ("mnist_train", "train"), ("trainingSet", "train"), ("x-train", "train"),
        ("testing", "test"), ("TestSet", "test"), ("t10k", "test"), ("t10k-images", "test"), ("val", "valid"), ("Validation", "valid"),
        ("contest", ""), ("trainer", ""), ("3", ""), ("evaluate", ""), ("testament", ""),
    ],
)  # fmt: skip
def test_folders_named_as_a_part(name: str, part: str) -> None:
    assert part_of(name) == part


@pytest.mark.parametrize(("train", "test"), [("training", "testing"), ("Train", "Test"), ("mnist_train", "mnist_test")])
@pytest.mark.parametrize("above", ["", "mnist_png/"])
def test_a_given_test_set_is_the_test_set(tmp_path: Path, train: str, test: str, above: str) -> None:
    found, whole = sorted_in(tmp_path, f"{above}{train}/3/a.png", f"{above}{train}/4/a.png", f"{above}{test}/3/a.png")
    assert found[f"{above}{train}/3/a.png"] == ["train", "3"]
    assert found[f"{above}{test}/3/a.png"] == ["test", "3"]
    assert whole.notes == (f"Test set: the 1 picture in {above}{test}/.",)


def test_parts_within_each_class_count_too(tmp_path: Path) -> None:
    found, whole = sorted_in(tmp_path, "3/train/a.png", "3/test/a.png", "4/train/a.png", "4/test/a.png")
    assert found["3/test/a.png"] == ["test", "3"] and found["4/train/a.png"] == ["train", "4"]
    assert whole.notes == ("Test set: the 2 pictures in folders named test.",)


def test_pictures_to_validate_with_are_trained_on_beside_a_test_set_and_are_it_without(tmp_path: Path) -> None:
    found, whole = sorted_in(tmp_path / "three", "train/3/a.png", "valid/3/a.png", "test/3/a.png")
    assert [part for part, _ in found.values()] == ["test", "train", "train"]
    assert "1 picture in valid/: used for training, like those in train/." in whole.notes
    found, whole = sorted_in(tmp_path / "two", "train/3/a.png", "valid/3/a.png")
    assert [part for part, _ in found.values()] == ["train", "test"]
    assert whole.notes == ("Test set: the 1 picture in valid/.",)


def test_a_folder_named_test_alone_is_no_test_set(tmp_path: Path) -> None:
    found, whole = sorted_in(tmp_path, "test/3/a.png", "test/4/a.png", "more/3/a.png")
    assert {part for part, _ in found.values()} == {""} and whole.notes == ()


def test_a_picture_beside_both_parts_belongs_to_neither(tmp_path: Path) -> None:
    found, whole = sorted_in(tmp_path, "train/3/a.png", "test/3/a.png", "sample.png", "more/9/a.png")
    assert set(found) == {"train/3/a.png", "test/3/a.png"}
    assert [file.name for file in whole.aside] == ["more/9/a.png", "sample.png"]


def test_a_test_set_without_labels(tmp_path: Path) -> None:
    found, _ = sorted_in(
        tmp_path, "trainingSet/trainingSet/3/a.png", "trainingSet/trainingSet/4/a.png", "testSet/testSet/img_1.png"
    )
    assert found["trainingSet/trainingSet/4/a.png"] == ["train", "4"]
    assert found["testSet/testSet/img_1.png"] == ["test", ""]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("anna/digits/0/a.png", "0"),
        ("7b/ben/1/a.png", "1"),
        ("3/left/a.png", "3"),
        ("my_own_3_1.png", ""),  # a name of a file is not taken for a label
        ("photos/a.png", ""),
        ("ｄｏｇ/a.png", ""),  # one folder that is no number is no class
    ],
)
def test_the_class_of_one_picture(tmp_path: Path, name: str, wanted: str) -> None:
    assert sorted_in(tmp_path, name)[0] == {name: ["", wanted]}


def test_pictures_beside_the_folders_of_classes_have_no_label(tmp_path: Path) -> None:
    found, _ = sorted_in(tmp_path, "cat/a.png", "dog/a.png", "b.png", "notes.txt", "c.PNG", "d.heic")
    assert found == {"b.png": ["", ""], "c.PNG": ["", ""], "cat/a.png": ["", "cat"], "dog/a.png": ["", "dog"]}
