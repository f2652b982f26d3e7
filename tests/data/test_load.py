import gzip
import hashlib
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from drawn import draw_classes, stroke

from gencmp.data.digits import UNLABELLED, Digits, Split, choose, entropy_floor
from gencmp.data.load import load, load_folder
from gencmp.data.shipped import DATA
from gencmp.errors import DataError
from gencmp.settings.configs import VaeConfig

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


# The shipped MNIST


@pytest.mark.parametrize("name", MD5)
def test_the_shipped_files_are_lecuns_byte_for_byte(name: Any) -> None:
    content = gzip.decompress((DATA / f"{name}.gz").read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == MD5[name]


def test_mnist_is_mnist(mnist: Digits) -> None:
    pixels = mnist.train.images.double() / 255
    assert (len(mnist.train), len(mnist.test)) == (60_000, 10_000)
    assert (pixels.mean().item(), pixels.std().item()) == pytest.approx((0.1307, 0.3081), abs=5e-5)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert torch.bincount(mnist.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


# Batches, choices, the floor


def test_batches_are_pixels_in_order_and_none_is_lost(digits: Digits) -> None:
    batches = list(digits.train.batches(64))
    assert [len(batch) for batch in batches] == [64, 64, 64, 64, 44]
    assert torch.equal(torch.cat(batches), digits.train.images.float() / 255)
    assert batches[0].dtype == torch.float32


def test_shuffled_batches_hold_every_picture_once(digits: Digits) -> None:
    rng = torch.Generator().manual_seed(1)
    first, second = (torch.cat(list(digits.train.batches(64, rng))) for _ in range(2))
    again = torch.cat(list(digits.train.batches(64, torch.Generator().manual_seed(1))))
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert torch.equal(first.unique(dim=0), (digits.train.images.float() / 255).unique(dim=0))


def test_chosen_digits_and_limit(digits: Digits) -> None:
    chosen = choose(digits, (1, 7), limit=20)
    assert set(chosen.train.labels.tolist()) == {1, 7}
    assert len(chosen.train) == 20
    assert len(chosen.test) == int(((digits.test.labels == 1) | (digits.test.labels == 7)).sum())


def test_load_obeys_the_config() -> None:
    chosen = load(VaeConfig(classes=(3,), limit=50))
    assert (len(chosen.train), len(chosen.test)) == (50, 1010)
    assert chosen.train.labels.unique().tolist() == [3]


def test_choosing_a_class_that_is_not_there_names_those_that_are(digits: Digits) -> None:
    only = choose(digits, (1, 7))
    with pytest.raises(DataError, match=r"few has no pictures of class 3\. It has: 1, 7\. Choose from these, or none"):
        choose(only, (1, 3))
    named = replace(only, classes=("zero", "one", *"23456", "seven"))
    with pytest.raises(DataError, match=r"no pictures of class 3, 4\. It has: 1 \(one\), 7 \(seven\)\."):
        choose(named, (3, 4))


def test_without_labels_no_class_can_be_chosen(digits: Digits) -> None:
    bare = replace(digits, train=Split(digits.train.images, torch.full_like(digits.train.labels, UNLABELLED)))
    with pytest.raises(
        DataError, match=r"pictures of few have no labels, so no classes can be chosen .* Choose none, or"
    ):
        choose(bare, (5,))


def test_a_data_set_without_test_pictures_is_refused(digits: Digits) -> None:
    empty = Split(digits.test.images[:0], digits.test.labels[:0])
    with pytest.raises(DataError, match="none has too few pictures: 300 to train on, 0 to test with"):
        choose(Digits("none", digits.train, empty))


def test_a_class_without_a_test_picture_is_named_with_what_to_do(digits: Digits) -> None:
    words = replace(digits, classes=("zero", "one", "two", "three", "four", "five", *"6789"))
    words = replace(words, test=Split(words.test.images[:0], words.test.labels[:0]))
    with pytest.raises(
        DataError, match=r"few has too few pictures of 5 \(five\), 7: \d+ to train on, 0 to test with; .*Choose more"
    ):
        choose(words, (5, 7))


def test_the_entropy_floor_of_known_pixels() -> None:
    def floor(*pixels: Any) -> Any:
        return entropy_floor(Split(torch.tensor([pixels], dtype=torch.uint8), torch.zeros(1)))

    assert floor(0, 255, 255, 0) == 0
    assert floor(*[51] * 784) == pytest.approx(-784 * (0.2 * math.log(0.2) + 0.8 * math.log(0.8)))
    assert floor(0, 51, 204) == pytest.approx(-2 * (0.2 * math.log(0.2) + 0.8 * math.log(0.8)))


# A user's own


def test_a_folder_of_pictures_labelled_by_folder(tmp_path: Path) -> None:
    for digit in range(3):
        (tmp_path / str(digit)).mkdir()
        for n in range(7):
            stroke(20 + n, 40).save(tmp_path / str(digit) / f"{n}.PNG")
    (tmp_path / "notes.txt").write_text("no picture")
    first, second = load_folder(tmp_path), load_folder(tmp_path)
    assert (len(first.train), len(first.test)) == (18, 3)
    assert sorted(first.train.labels.tolist() + first.test.labels.tolist()) == [0] * 7 + [1] * 7 + [2] * 7
    assert torch.equal(first.test.images, second.test.images)


@pytest.mark.parametrize(
    ("where", "label", "name"),
    [("", UNLABELLED, ""), ("7", 7, "7"), ("train/3", 3, "3"), ("3/left", 3, "3"), ("12", 0, "12"), ("²", 2, "2")],
)
def test_where_a_label_comes_from(tmp_path: Path, where: str, label: Any, name: str) -> None:
    (tmp_path / where).mkdir(parents=True, exist_ok=True)
    for n in range(7):
        stroke(28, 28).save(tmp_path / where / f"{n}.png")
    found = load_folder(tmp_path)
    assert found.train.labels.unique().tolist() == [label]
    assert found.classes[label : label + 1] == ((name,) if name else ())


def test_the_config_may_name_a_folder(tmp_path: Path) -> None:
    for n in range(8):
        stroke(30 + n, 30).save(tmp_path / f"{n}.bmp")
    found = load(VaeConfig(dataset=str(tmp_path), limit=5))
    assert (len(found.train), len(found.test), found.name) == (5, 1, tmp_path.name)


def test_a_folder_that_is_none_or_holds_too_little(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=f"{tmp_path / 'none'} is not a folder. Give the full path"):
        load(VaeConfig(dataset=str(tmp_path / "none")))
    with pytest.raises(DataError, match="holds 0 pictures; wanted at least 7, or the four IDX files"):
        load(VaeConfig(dataset=str(tmp_path)))


def test_reading_many_pictures_tells_how_far_it_is(tmp_path: Path) -> None:
    for n in range(7):
        stroke(28, 28).save(tmp_path / f"{n}.png")
    said: list[str] = []
    load_folder(tmp_path, said.append)
    assert said == [f"Reading {tmp_path.name}: 0 of 7 pictures"]


def test_what_was_found_goes_along_with_the_pictures(tmp_path: Path) -> None:
    draw_classes(tmp_path, ("cat", "dog"), each=10)
    (tmp_path / "cat" / "broken.png").write_bytes(b"")
    found = load_folder(tmp_path)
    assert found.classes == ("cat", "dog")
    assert found.facts["summary"] == "20 pictures, 2 classes, 1 left out"
    assert "cannot be read (cat/broken.png)" in found.facts["remarks"]
    assert found.facts["fingerprint"] == found.fingerprint != ""


def test_a_data_set_known_by_name_needs_no_fingerprint(mnist: Digits) -> None:
    assert mnist.facts == {"name": "mnist", "fingerprint": "", "summary": "", "remarks": ""}
    assert mnist.classes == tuple("0123456789")
