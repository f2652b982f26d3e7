"""python -m gencmp data, and what train says of a folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from drawn import draw_classes
from PIL import Image

from gencmp.cli.data import sheet_png
from gencmp.cli.main import main
from gencmp.data.own_data import read_own
from gencmp.data.survey import Strip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw_classes(tmp_path / "mine", ("cat", "dog"), each=10)
    (tmp_path / "mine" / "cat" / "0.png").write_bytes(b"")
    return tmp_path / "mine"


def test_data_tells_what_a_folder_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(folder)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[:3] == [
        "19 pictures, 2 classes, 1 left out",
        "cat (9), dog (10)",
        "Left out: 1 cannot be read (cat/0.png).",
    ]


def test_data_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["classes"], told["counts"], told["left_out"]) == (
        ["cat", "dog"],
        [9, 10],
        {"cannot be read": ["cat/0.png"]},
    )


def test_the_sheet_holds_the_pictures_as_they_are_read(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["data", str(folder), "--sheet", str(tmp_path / "sheet.png")])
    with Image.open(tmp_path / "sheet.png") as picture:
        sheet = np.asarray(picture)
    image = read_own(folder).sheet()[0].images[0].repeat(2, 0).repeat(2, 1)
    windows = np.lib.stride_tricks.sliding_window_view(sheet[:80], image.shape)
    assert (windows == image).all((2, 3)).any()


@pytest.mark.parametrize("count", [1, 13, 14, 100])
def test_a_sheet_of_any_number_of_classes(tmp_path: Path, count: int) -> None:
    strips = [Strip(n, f"数 {n}", np.full((1, 28, 28), 200, np.uint8)) for n in range(count)]
    (tmp_path / "x.png").write_bytes(sheet_png(strips))
    with Image.open(tmp_path / "x.png") as picture:
        assert (np.asarray(picture) == 200).sum() >= count * 56 * 56
        assert max(picture.size) < 1200


def test_a_sheet_is_a_png_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(folder), "--sheet", "x.gif"]) == 2
    assert "--sheet: found 'x.gif', wanted a name that ends in .png." in capsys.readouterr().err


def test_a_folder_of_nothing_is_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(tmp_path)]) == 2
    assert "holds 0 pictures; wanted at least 7" in capsys.readouterr().err


def test_train_says_what_was_left_out_and_goes_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny = ["--epochs", "1", "--encoder-widths", "8", "--decoder-widths", "8"]
    assert main(["train", "vae", "--dataset", str(folder), *tiny]) == 0
    first, *_, last = capsys.readouterr().err.splitlines()
    assert first.startswith(
        "19 pictures, 2 classes, 1 left out. Left out: 1 cannot be read (cat/0.png). Test set: 2 pictures"
    )
    assert "finished after epoch 1 of 1" in last


def test_a_class_that_is_not_there_is_refused_by_the_names_of_those_that_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "vae", "--dataset", str(folder), "--classes", "5", "--epochs", "1"]) == 2
    assert "mine has no pictures of class 5. It has: 0 (cat), 1 (dog). Choose from these" in capsys.readouterr().err
