"""Any picture becomes a digit as MNIST has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import cross, stroke
from PIL import Image

from gencmp.data.digits import Digits
from gencmp.data.folders import PICTURES
from gencmp.data.own_pictures import read_picture
from gencmp.errors import DataError


def ink_of(pixels: Any) -> Any:
    """(height, width, row and column of the centre of mass) of the ink."""
    rows, columns = np.nonzero(pixels > 40)
    weight = pixels / pixels.sum()
    return np.ptp(rows) + 1, np.ptp(columns) + 1, weight.sum(1) @ np.arange(28), weight.sum(0) @ np.arange(28)


@pytest.mark.parametrize("size", [(200, 200), (28, 56), (500, 40), (31, 900), (3, 3), (1, 1000)])
def test_any_size_is_fitted_and_centred(tmp_path: Path, size: Any) -> None:
    stroke(*size).save(tmp_path / "x.png")
    pixels = read_picture(tmp_path / "x.png")
    height, width, row, column = ink_of(pixels.astype(float))
    assert pixels.shape == (28, 28) and pixels.dtype == np.uint8
    assert 19 <= max(height, width) <= 20
    assert (row, column) == pytest.approx((14, 14), abs=0.51)


def test_a_picture_of_28_by_28_is_left_as_it_is(tmp_path: Path, digits: Digits) -> None:
    original = digits.test.images[0].view(28, 28).numpy()
    for name in ("x.png", "x.bmp", "x.tiff", "x.pgm"):
        Image.fromarray(original).save(tmp_path / name)
        assert np.array_equal(read_picture(tmp_path / name), original)
    Image.fromarray(255 - original).save(tmp_path / "x.png")
    assert np.array_equal(read_picture(tmp_path / "x.png"), original)


SAME = {
    "dark on light": stroke(60, 60, 0, 255),
    "colours": stroke(60, 60, (255, 255, 255), (0, 0, 0), "RGB"),
    "black on clear": stroke(60, 60, (0, 0, 0, 255), (0, 0, 0, 0), "RGBA"),
    "white on clear": stroke(60, 60, (255, 255, 255, 255), (0, 0, 0, 0), "RGBA"),
    "grey with alpha": stroke(60, 60, (0, 255), (0, 0), "LA"),
    "palette, clear": stroke(60, 60, (0, 0, 0, 255), (0, 0, 0, 0), "RGBA").quantize(4),
    "black and white": stroke(60, 60, 1, 0, "1"),
    "16 bits": Image.fromarray((np.asarray(stroke(60, 60), np.uint16) // 255) * 60_000 + 2_000),
    "16 bits, dark on light": Image.fromarray(60_000 - (np.asarray(stroke(60, 60), np.uint16) // 255) * 55_000),
}


@pytest.mark.parametrize("kind", SAME)
def test_every_kind_of_picture_becomes_light_ink_on_dark_ground(tmp_path: Path, kind: Any) -> None:
    SAME[kind].save(tmp_path / "x.png")
    stroke(60, 60).save(tmp_path / "plain.png")
    found, wanted = read_picture(tmp_path / "x.png").astype(int), read_picture(tmp_path / "plain.png").astype(int)
    assert wanted.max() == 255 and np.abs(found - wanted).max() <= 1


@pytest.mark.parametrize(
    ("name", "mode"),
    [("x.jpg", "CMYK"), ("x.tif", "CMYK"), ("x.tiff", "LAB"), ("x.jpeg", "RGB"), ("x.gif", "L"), ("x.webp", "RGB"),
     ("x.ppm", "RGB"), ("x.pgm", "L"), ("x.pbm", "1"), ("x.avif", "RGB"), ("x.bmp", "P")],
)  # fmt: skip
def test_every_kind_of_file_is_read_alike(tmp_path: Path, name: str, mode: str) -> None:
    if f".{name.split('.')[1]}" not in PICTURES:
        pytest.skip("this Pillow reads no AVIF")
    drawn = cross(7, 60)
    drawn.save(tmp_path / "plain.png")
    neutral = Image.new("L", drawn.size, 128)
    picture = Image.merge("LAB", (drawn, neutral, neutral)) if mode == "LAB" else drawn.convert("RGB").convert(mode)
    picture.save(tmp_path / name)
    found, wanted = (read_picture(tmp_path / each).ravel() for each in (name, "plain.png"))
    assert np.corrcoef(found, wanted)[0, 1] > 0.98


def test_floating_point_pictures_and_empty_ones(tmp_path: Path) -> None:
    Image.fromarray(np.asarray(stroke(60, 60), np.float32) / 255).save(tmp_path / "x.tiff")
    assert read_picture(tmp_path / "x.tiff").max() == 255
    for ground in (0, 128, 255):
        Image.new("L", (50, 40), ground).save(tmp_path / "empty.png")
        assert read_picture(tmp_path / "empty.png").max() <= 128


def test_a_picture_lying_on_its_side_is_put_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn it a quarter to the right"
    stroke(60, 60).save(tmp_path / "x.png", exif=exif)
    height, width, *_ = ink_of(read_picture(tmp_path / "x.png").astype(float))
    assert width > 3 * height


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "webp", "tif", "ppm"])
def test_a_damaged_picture_is_told_by_its_name(tmp_path: Path, ending: str) -> None:
    rng, path = np.random.default_rng(0), tmp_path / f"x.{ending}"
    Image.fromarray(rng.integers(0, 255, (40, 30, 3), dtype=np.uint8)).save(path)
    content, told = path.read_bytes(), 0
    for n in range(60):
        damaged = bytearray(content[: rng.integers(len(content))] if n % 2 else content)
        if damaged:
            damaged[rng.integers(len(damaged))] ^= 0xFF
        path.write_bytes(damaged)
        try:
            read_picture(path)
        except DataError as error:
            told += str(error).startswith(f"{path} cannot be read as a picture: ")
    assert told >= 15


def test_a_png_with_a_broken_chunk_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (300, 300), dtype=np.uint8)  # enough for two chunks of pixels
    Image.fromarray(noise).save(tmp_path / "x.png")
    first, second, third = (tmp_path / "x.png").read_bytes().split(b"IDAT")
    (tmp_path / "x.png").write_bytes(first + b"IDAT" + second + b"\xb8DAT" + third)
    with pytest.raises(DataError, match=r"x.png cannot be read as a picture: broken PNG file"):
        read_picture(tmp_path / "x.png")


def test_a_picture_too_large_for_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    stroke(30, 30).save(tmp_path / "x.png")
    with pytest.raises(DataError, match=r"x.png cannot be read as a picture: .*decompression bomb"):
        read_picture(tmp_path / "x.png")
