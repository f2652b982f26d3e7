"""Folders as people have them: each is read rightly, or refused in one sentence that says what was seen and what to do.

Never other labels, a mixed test set, negatives or black pictures without a word.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import APPLE_DOUBLE, cross, draw_classes, gzipped, idx_file
from PIL import Image

from gencmp.data.arrays import UNLABELLED
from gencmp.data.idx.files import IDX
from gencmp.data.own_data import read_own
from gencmp.data.own_pictures import read_picture
from gencmp.errors import DataError

TEN = [str(digit) for digit in range(10)]
WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def counts(own: Any) -> Any:
    """Class -> how many pictures, as the arrays have them and not as the summary says."""
    labels = np.concatenate((own.train.labels, own.test.labels))
    return Counter("" if label == UNLABELLED else own.survey.classes[label] for label in labels.tolist())


# Folders of pictures: (how it is drawn, the names of its classes, a word of what is said)


def mac(folder: Any) -> None:
    draw_classes(folder, TEN)
    (folder / "0" / "._0.png").write_bytes(APPLE_DOUBLE)
    (folder / "__MACOSX" / "0").mkdir(parents=True)
    (folder / "__MACOSX" / "0" / "._0.png").write_bytes(APPLE_DOUBLE)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


def jupyter(folder: Any) -> None:
    draw_classes(folder, TEN)
    (folder / "4" / ".ipynb_checkpoints").mkdir()
    shutil.copy(folder / "4" / "0.png", folder / "4" / ".ipynb_checkpoints" / "0-checkpoint.png")
    (folder / ".thumbnails").mkdir()
    cross(7, 32).save(folder / ".thumbnails" / "t.png")


def windows(folder: Any) -> None:
    draw_classes(folder, TEN)
    for name in ("Thumbs.db", "3/Thumbs.db", "3/desktop.ini"):
        (folder / name).write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "notes.txt").write_text("hi")


def users(folder: Any) -> None:
    draw_classes(folder / "anna" / "digits", TEN, each=1)
    draw_classes(folder / "7b" / "ben", TEN, each=1, first=50)


def links(folder: Any) -> None:
    draw_classes(folder.parent / "elsewhere", TEN)
    folder.mkdir()
    for name in TEN:
        (folder / name).symlink_to(folder.parent / "elsewhere" / name)


def file_links(folder: Any) -> None:
    draw_classes(folder.parent / "elsewhere", TEN)
    for place in sorted((folder.parent / "elsewhere").rglob("*.png")):
        (folder / place.parent.name).mkdir(parents=True, exist_ok=True)
        (folder / place.parent.name / place.name).symlink_to(place)


def empty_class(folder: Any) -> None:
    draw_classes(folder, TEN[:9])
    (folder / "9").mkdir()


def flat_names(folder: Any) -> None:
    folder.mkdir()
    for n in range(20):
        cross(n).save(folder / f"my_own_{n // 2}_{n % 2}.png")


def many(names: Any) -> Any:
    return lambda folder: draw_classes(folder, names)


FOLDERS = {
    "a Mac's": (mac, TEN, "one in 7"),
    "Jupyter's": (jupyter, TEN, "one in 7"),
    "a Windows user's": (windows, TEN, "1 file is not read: notes.txt"),
    "words": (many(WORDS), WORDS, "one in 7"),
    "letters": (many("ABCDEFGHIJ"), list("ABCDEFGHIJ"), "one in 7"),
    "Sample001": (many([f"Sample{n:03d}" for n in range(1, 11)]), [f"Sample{n:03d}" for n in range(1, 11)], "one in 7"),
    "digit_3": (many([f"digit_{n}" for n in range(10)]), [f"digit_{n}" for n in range(10)], "one in 7"),
    "two figures": (many([f"{n:02d}" for n in range(10)]), TEN, "one in 7"),
    "full width": (many("０１２３４５６７８９"), TEN, "one in 7"),
    "superscript": (many("⁰¹²³⁴⁵⁶⁷⁸⁹"), TEN, "one in 7"),
    "10 to 61": (many([str(n) for n in range(10, 62)]), [str(n) for n in range(10, 62)], "one in 7"),
    "of users": (users, TEN, "one in 7"),
    "links": (links, TEN, "one in 7"),
    "links to files": (file_links, TEN, "one in 7"),
    "seven pictures": (lambda folder: draw_classes(folder, "1", each=7), ["1"], "Test set: 1 picture, one in 7"),
    "an empty class": (empty_class, TEN[:9], "1 folder is empty: 9"),
    "one class": (lambda folder: draw_classes(folder, "4", each=20), ["4"], "one in 7"),
    "labels in file names": (
        flat_names,
        [""],
        "No labels: to add them, put the pictures of each class into a folder named",
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege, and some of these names, on Windows")
@pytest.mark.parametrize("kind", FOLDERS)
def test_folders_of_pictures_as_people_have_them(tmp_path: Path, kind: Any) -> None:
    draw, classes, said = FOLDERS[kind]
    draw(tmp_path / "data")
    own = read_own(tmp_path / "data")
    found = counts(own)
    assert list(dict.fromkeys(name for name in own.survey.classes if name in found) or {"": 0}) == classes
    assert len(set(found.values())) == 1 and sum(found.values()) == own.survey.pictures
    assert own.survey.left_out == {} and own.survey.copies == 0
    assert said in " ".join(own.survey.remarks())
    assert not own.train.images[:, 0, 0].any()  # dark ground


def test_the_label_of_every_picture_is_that_of_its_folder(tmp_path: Path) -> None:
    draw_classes(tmp_path, WORDS, each=3)
    own = read_own(tmp_path)
    told = {
        (image.tobytes(), WORDS[label]) for part in (own.train, own.test) for image, label in zip(*part, strict=True)
    }
    assert told == {(read_picture(path).tobytes(), path.parent.name) for path in tmp_path.rglob("*.png")}


def test_of_an_animation_or_a_scan_of_many_pages_the_first_is_read_and_that_is_said(tmp_path: Path) -> None:
    draw_classes(tmp_path, TEN)
    pages = [cross(number) for number in (50, 60, 70)]
    names = ("1/moving.gif", "2/pages.tif", "3/moving.png")
    for name in names:
        pages[0].save(tmp_path / name, save_all=True, append_images=pages[1:])
    own = read_own(tmp_path)
    pages[0].save(tmp_path / "first.png")
    assert len({read_picture(tmp_path / name).tobytes() for name in (*names, "first.png")}) == 1
    assert own.survey.headline() == "23 pictures, 10 classes"
    assert (
        "3 files hold several pictures, of which only the first is read: 1/moving.gif, 2/pages.tif, 3/moving.png."
        in own.survey.remarks()
    )


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "Zahlen Ünïcode 数字 'q' 100%"
    draw_classes(folder, TEN)
    own = read_own(folder)
    assert own.survey.name == folder.name and own.survey.headline() == "20 pictures, 10 classes"


def test_a_given_test_set_is_never_trained_on(tmp_path: Path) -> None:
    draw_classes(tmp_path / "mnist_png" / "training", TEN, each=4)
    draw_classes(tmp_path / "mnist_png" / "testing", TEN, each=1, first=50)
    own = read_own(tmp_path)
    given = {read_picture(path).tobytes() for path in (tmp_path / "mnist_png" / "testing").rglob("*.png")}
    assert {image.tobytes() for image in own.test.images} == given
    assert len(own.train.images) == 40 and not given & {image.tobytes() for image in own.train.images}
    assert "Test set: the 10 pictures in mnist_png/testing/." in own.survey.remarks()


# Pictures that cannot be used


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><html></html>", b"\xff\xd8\xff\xe0 cut"])
def test_what_cannot_be_read_is_left_out_and_named(tmp_path: Path, content: bytes) -> None:
    draw_classes(tmp_path, TEN)
    for name in ("6/1.png", "7/0.png"):
        (tmp_path / name).write_bytes(content)
    survey = read_own(tmp_path).survey
    assert survey.headline() == "18 pictures, 10 classes, 2 left out"
    assert survey.remarks()[0] == "Left out: 2 cannot be read (6/1.png, 7/0.png)."


def test_blank_pictures_are_left_out_and_a_folder_of_them_is_refused(tmp_path: Path) -> None:
    for n in range(8):
        Image.new("L", (50, 50), 255).save(tmp_path / f"{n}.png")
    with pytest.raises(
        DataError, match=r"holds 0 pictures; wanted at least 7.* Left out: 8 blank \(0.png, 1.png, .*\)\."
    ):
        read_own(tmp_path)
    draw_classes(tmp_path, "12", each=5)
    assert read_own(tmp_path).survey.headline() == "10 pictures, 2 classes, 8 left out"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a.png", "b.png"], "holds 2 pictures; wanted at least 7, or the four IDX files"),
        (["mnist_train.csv", "mnist.npz"], r"holds 0 pictures; .* Not read: mnist.npz, mnist_train.csv\.$"),
        (["digits.zip"], r"Not read: digits.zip\. Unpack the archive first\.$"),
    ],
)
def test_a_folder_of_too_little_or_of_something_else_is_refused(tmp_path: Path, names: Any, words: str) -> None:
    for number, name in enumerate(names):
        cross(number).save(tmp_path / name, "PNG")
    with pytest.raises(DataError, match=words):
        read_own(tmp_path)


# IDX files: (names and content, what is said); the pictures and labels are always the same

IMAGES = np.stack([255 - np.asarray(cross(n, 28)) for n in range(30)])
LABELS = np.arange(30) % 10
GIVEN = {
    IDX["train"][0]: IMAGES[:20], IDX["train"][1]: LABELS[:20],
    IDX["test"][0]: IMAGES[20:], IDX["test"][1]: LABELS[20:],
}  # fmt: skip


def files(
    name: Any = str,
    content: Any = lambda b: b,
    images: Any = lambda a: a,
    labels: Any = lambda a: a,
    kind: int = 8,
    label_kind: int = 8,
) -> Any:
    """File name -> bytes, with some of it done otherwise."""
    return {
        name(file): content(
            idx_file((images if "images" in file else labels)(a), kind if "images" in file else label_kind)
        )
        for file, a in GIVEN.items()
    }


IDX_KINDS = {
    "as MNIST's": (files(), ""),
    "compressed": (files(lambda n: f"{n}.gz", gzipped), ""),
    "compressed twice": (files(lambda n: f"{n}.gz", lambda b: gzipped(b, 2)), ""),
    "named .gz by a browser that unpacked": (files(lambda n: f"{n}.gz"), ""),
    "with a dot": (files(lambda n: n.replace("-idx", ".idx")), ""),
    "upper case": (files(str.upper), ""),
    "ending in .bin": (files(lambda n: f"{n}.bin"), ""),
    "ending in .txt": (files(lambda n: f"{n}.txt"), ""),
    "the second download": (files(lambda n: f"{n} (1).gz", gzipped), ""),
    "torchvision's": (files(lambda n: f"MNIST/raw/{n}"), ""),
    "both plain and compressed": (files() | files(lambda n: f"{n}.gz", gzipped), ""),
    "EMNIST's": (
        files(lambda n: "emnist-digits-" + n.replace("t10k", "test"), images=lambda a: a.transpose(0, 2, 1)),
        "EMNIST's pictures, which are transposed in its files, were turned upright.",
    ),
    "int8 pixels": (files(kind=9), ""),
    "floats": (files(images=lambda a: a / 255, kind=13), "Pixels from 0 to 1 were scaled to 0 to 255."),
    "doubles to 255": (files(kind=14), ""),
    "int32 labels": (files(label_kind=12), ""),
    "one-hot": (files(labels=lambda a: np.eye(10)[a]), "The labels were one-hot, of 10 classes."),
    "28 x 28 x 1": (files(images=lambda a: a[..., None]), ""),
    "784": (files(images=lambda a: a.reshape(-1, 784)), ""),
    "32 x 32": (
        files(images=lambda a: np.pad(a, ((0, 0), (2, 2), (2, 2)))),
        "Pictures of 32 x 32 pixels were cropped to 28 x 28: their margin is empty.",
    ),
    "dark on light": (files(images=lambda a: 255 - a), "Dark ink on a light ground was inverted to light on dark."),
    "0 and 1": (files(images=lambda a: a > 127), "Pixels from 0 to 1 were scaled to 0 to 255."),
}  # fmt: skip


def put(folder: Any, content: Any) -> None:
    for name, each in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(each)


@pytest.mark.parametrize("kind", IDX_KINDS)
def test_idx_files_as_people_have_them(tmp_path: Path, kind: Any) -> None:
    content, said = IDX_KINDS[kind]
    put(tmp_path, content)
    own = read_own(tmp_path)
    assert (own.train.images == IMAGES[:20]).all() and (own.test.images == IMAGES[20:]).all()
    assert (own.train.labels == LABELS[:20]).all() and (own.test.labels == LABELS[20:]).all()
    assert own.survey.classes == tuple(TEN)
    assert own.survey.remarks() == ((said,) if said else ())


def test_emnists_letters_are_named_and_counted_from_0(tmp_path: Path) -> None:
    put(tmp_path, files(lambda n: f"emnist-letters-{n}", labels=lambda a: a % 26 + 1))
    own = read_own(tmp_path)
    assert own.survey.classes == tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert (own.train.labels == LABELS[:20]).all()


@pytest.mark.parametrize(("folder", "name"), [("FashionMNIST/raw", "Trouser"), ("KMNIST/raw", "ki"), ("mine", "1")])
def test_a_known_data_set_is_known_by_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    put(tmp_path, files(lambda n: f"{folder}/{n}"))
    assert read_own(tmp_path).survey.classes[1] == name


@pytest.mark.parametrize(
    ("left", "sizes", "labels", "said"),
    [
        ((IDX["train"][0], IDX["test"][0]), (20, 10), {UNLABELLED}, "No labels."),
        ((IDX["train"][0], IDX["train"][1]), (18, 2), set(range(10)), "Test set: 2 pictures, one in 7"),
        ((IDX["train"][0],), (18, 2), {UNLABELLED}, "No labels."),
    ],
)
def test_a_gan_needs_neither_labels_nor_a_test_set(
    tmp_path: Path, left: Any, sizes: Any, labels: Any, said: str
) -> None:
    put(tmp_path, {name: content for name, content in files().items() if name in left})
    own = read_own(tmp_path)
    assert (len(own.train.images), len(own.test.images)) == sizes
    assert set(own.train.labels.tolist()) == labels
    assert said in " ".join(own.survey.remarks())


def test_labels_that_are_all_255_are_none(tmp_path: Path) -> None:
    put(tmp_path, files(labels=lambda a: np.full(len(a), 255)))
    assert read_own(tmp_path).survey.headline() == "30 pictures, no labels"


def test_a_blank_picture_in_an_idx_file_is_left_out_with_its_label(tmp_path: Path) -> None:
    put(tmp_path, files(images=lambda a: a * (np.arange(len(a)) != 3)[:, None, None]))
    own = read_own(tmp_path)
    assert own.survey.left_out == {"blank": (f"{IDX['train'][0]} no. 4", f"{IDX['test'][0]} no. 4")}
    assert own.train.labels.tolist() == np.delete(LABELS[:20], 3).tolist()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            files(content=lambda b: b[:-9]),
            "train-images-idx3-ubyte: found 15671 bytes of data, but its header says 15680",
        ),
        (files(content=lambda b: b"<html>sign in</html>"), "train-images-idx3-ubyte is not an IDX file but a web page"),
        (files(labels=lambda a: a[1:]), "19 labels for 20 pictures in train-images-idx3-ubyte"),
        (files(images=lambda a: a[:0], labels=lambda a: a[:0]), "holds IDX files with 0 pictures"),
        (files(images=lambda a: np.zeros_like(a)), r"holds 0 pictures; .* Left out: 30 blank"),
    ],
)
def test_idx_files_that_cannot_be_used_are_refused_in_a_sentence(tmp_path: Path, content: Any, words: str) -> None:
    put(tmp_path, content)
    with pytest.raises(DataError, match=words):
        read_own(Path(tmp_path))
