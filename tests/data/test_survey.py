"""What is told of a folder before anything is trained on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Clock
from drawn import draw_classes

from gencmp.data.arrays import UNLABELLED, Labelled, round_robin
from gencmp.data.own_data import read_own, read_within
from gencmp.data.survey import Survey, contact_sheet, listed

PLAIN = Survey("x", 90, 10, ("cat", "dog", "emu"), (60, 0, 40), 0, {}, 0, 0, ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "100 pictures, 2 classes"),
        ({"train": 2052}, "2,062 pictures, 2 classes"),
        ({"counts": (100, 0, 0)}, "100 pictures, 1 class"),
        ({"counts": (), "classes": ()}, "100 pictures, no labels"),
        ({"left_out": {"blank": ("a", "b"), "cannot be read": ("c",)}}, "100 pictures, 2 classes, 3 left out"),
    ],
)
def test_the_headline(changes: Any, words: str) -> None:
    assert Survey(**{**vars(PLAIN), **changes}).headline() == words


def test_remarks_name_what_was_left_out_first() -> None:
    survey = Survey(
        **{
            **vars(PLAIN),
            "left_out": {"blank": ("a.png",)},
            "notes": ("So.",),
            "copies": 2,
            "unlabelled": 1,
            "unopened": 5,
        }
    )
    assert survey.remarks() == (
        "Left out: 1 blank (a.png).",
        "So.",
        "2 pictures are copies of another one, pixel for pixel; the test set may contain training pictures.",
        "1 picture has no label: outside of the class folders.",
        "95 of the 100 pictures were read; the others will be when training starts.",
    )
    assert PLAIN.remarks() == ()
    assert PLAIN.class_words() == "cat (60), emu (40)"


def test_ten_files_are_named_and_the_others_counted() -> None:
    assert listed(["a"]) == "a"
    assert listed([str(n) for n in range(1012)]) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,002 more"


def test_it_is_plain_json(tmp_path: Path) -> None:
    draw_classes(tmp_path, "ab", each=5)
    told = json.loads(json.dumps(read_own(tmp_path).survey.to_dict()))
    assert told["headline"] == "10 pictures, 2 classes" and told["counts"] == [5, 5]


def test_copies_are_counted(tmp_path: Path) -> None:
    draw_classes(tmp_path, "ab", each=5)
    draw_classes(tmp_path, "c", each=3)
    assert read_own(tmp_path).survey.copies == 3


# A large folder


def test_what_a_short_look_did_not_open_is_counted_and_told(tmp_path: Path, clock: Clock) -> None:
    draw_classes(tmp_path, "0123456789", each=4)

    def slow() -> Any:
        clock.sleep(0.5)
        return clock()

    own = read_within(tmp_path, seconds=10, clock=slow)
    whole = read_own(tmp_path).survey
    assert (own.survey.pictures, own.survey.counts, own.survey.test) == (40, whole.counts, whole.test)
    assert own.survey.unopened == 20
    assert "20 of the 40 pictures were read" in own.survey.remarks()[-1]
    assert [len(strip.images) for strip in own.sheet()] == [2] * 10


def test_every_class_has_its_turn() -> None:
    assert round_robin([3, 3, 3, 1, 1, UNLABELLED]) == [3, 0, 5, 4, 1, 2]
    assert round_robin([]) == []


# The contact sheet


@pytest.mark.parametrize(("classes", "each"), [(1, 40), (2, 8), (10, 4), (62, 1), (100, 1)])
def test_the_contact_sheet_shows_some_of_each_class(classes: int, each: int) -> None:
    labels = np.arange(4000) % classes
    images = np.arange(4000).astype(np.uint8)[:, None, None] + np.zeros((28, 28), np.uint8)
    strips = contact_sheet(Labelled(images, labels.astype(np.uint8)), [f"class {n}" for n in range(classes)])
    assert [strip.name for strip in strips] == [f"class {n}" for n in range(classes)]
    assert {len(strip.images) for strip in strips} == {each}
    assert all((strip.images == images[labels == strip.label][:each]).all() for strip in strips)


def test_pictures_without_a_label_have_a_strip_without_a_name() -> None:
    strips = contact_sheet(Labelled(np.zeros((3, 28, 28), np.uint8), np.array([0, UNLABELLED, 0], np.uint8)), ["cat"])
    assert [(strip.label, strip.name, len(strip.images)) for strip in strips] == [(0, "cat", 2), (UNLABELLED, "", 1)]
