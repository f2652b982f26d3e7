"""What classes are called, and which folders name them."""

from __future__ import annotations

from typing import Any

import pytest

from gencmp.data.class_names import EMNIST, OF_DATASETS, WORDS, class_level, name_classes, natural_sort_key, number_of
from gencmp.errors import DataError
from gencmp.settings.configs import DATASETS

TEN = tuple("0123456789")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("7", 7), ("07", 7), ("007", 7), ("99", 99), ("７", 7), ("⁷", 7), ("③", 3), ("٣", 3), ("0", 0),
        ("100", None), ("7b", None), ("", None), ("-1", None), ("½", None), ("one", None), ("1 ", None),
    ],
)  # fmt: skip
def test_numbers_in_every_script(name: str, number: Any) -> None:
    assert number_of(name) == number


@pytest.mark.parametrize(
    ("folders", "classes", "labels"),
    [
        ("0 1 2 3 4 5 6 7 8 9", TEN, range(10)),
        ("3 8", TEN, (3, 8)),  # the other eight keep their places
        ("08 03 3", TEN, (8, 3, 3)),
        ("０ ¹ 2", TEN, (0, 1, 2)),
        ("five zero", (*("zero",), *WORDS[1:5], "five", *WORDS[6:]), (5, 0)),
        ("Three EIGHT", (*WORDS[:3], "Three", *WORDS[4:8], "EIGHT", "nine"), (3, 8)),
        ("10 11 9", ("9", "10", "11"), (1, 2, 0)),
        ("10 010 9", ("9", "10"), (1, 1, 0)),
        ("digit_9 digit_10 digit_1", ("digit_1", "digit_9", "digit_10"), (1, 2, 0)),
        ("Sample010 Sample002 Sample001", ("Sample001", "Sample002", "Sample010"), (2, 1, 0)),
        ("b A a B", ("A", "a", "B", "b"), (3, 0, 1, 2)),
        ("A 0 9 B", ("0", "9", "A", "B"), (2, 0, 1, 3)),
        ("zero one hundred", ("hundred", "one", "zero"), (2, 1, 0)),
        ("犬 猫", ("犬", "猫"), (0, 1)),
    ],
)
def test_labels_of_folders(folders: str, classes: Any, labels: Any) -> None:
    assert name_classes(folders.split()) == (classes, dict(zip(folders.split(), labels, strict=True)))


def test_52_numbered_folders_keep_their_numbers_as_names() -> None:
    classes, labels = name_classes([str(n) for n in range(10, 62)])
    assert classes == tuple(str(n) for n in range(10, 62)) and (labels["10"], labels["61"]) == (0, 51)


def test_a_hundred_classes_are_told_apart_and_no_more() -> None:
    assert len(name_classes([f"sign {n}" for n in range(100)])[0]) == 100
    with pytest.raises(
        DataError, match=r"Found 101 folders that would each be a class \(sign 0, sign 1, .* at most 100"
    ):
        name_classes([f"sign {n}" for n in range(101)])


@pytest.mark.parametrize(
    ("folders", "level"),
    [
        (["0", "1"], 0),
        (["anna/digits/0", "7b/ben/1"], 2),
        (["3/left", "4/left", "4/right"], 0),
        (["3/12", "3/40", "4/12", "9/4"], 0),  # of writers 0 to 40
        (["12/3", "40/3", "4/9"], 1),
        (["digit_3/left", "digit_4/right"], 0),
        (["anna/A", "anna/B", "ben/A"], 1),
        (["10/scans", "61/scans", "odd/scans"], 0),
        (["photos/2021"], None),
        (["photos"], None),
        (["12"], 0),
        (["four"], 0),
    ],
)
def test_the_level_of_folders_that_is_named_by_classes(folders: Any, level: Any) -> None:
    assert class_level([tuple(folder.split("/")) for folder in folders]) == level


def test_people_sort_2_before_10() -> None:
    assert sorted(["b10", "b2", "B1", "a"], key=natural_sort_key) == ["a", "B1", "b2", "b10"]


def test_known_data_sets_have_their_own_names() -> None:
    assert set(OF_DATASETS) == set(DATASETS)
    assert {len(names) for names in OF_DATASETS.values()} == {10}
    assert {kind: len(names) for kind, names in EMNIST.items()} == {
        "byclass": 62, "bymerge": 47, "balanced": 47, "letters": 26, "digits": 10, "mnist": 10,
    }  # fmt: skip
    assert all(len(set(names)) == len(names) for names in (*OF_DATASETS.values(), *EMNIST.values()))
