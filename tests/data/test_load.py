import gzip
import hashlib
import math
from contextlib import suppress

import numpy as np
import pytest
import torch
from conftest import idx
from PIL import Image

from gencmp.config import VaeConfig
from gencmp.data.digits import UNLABELLED, Digits, Split, choose, entropy_floor
from gencmp.data.folders import load_folder
from gencmp.data.idx import IDX, load_idx, read_idx
from gencmp.data.load import load
from gencmp.data.own_pictures import read_picture
from gencmp.data.shipped import DATA
from gencmp.errors import DataError

MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


# The shipped MNIST


@pytest.mark.parametrize("name", MD5)
def test_the_shipped_files_are_lecuns_byte_for_byte(name):
    content = gzip.decompress((DATA / f"{name}.gz").read_bytes())
    assert hashlib.md5(content, usedforsecurity=False).hexdigest() == MD5[name]


def test_mnist_is_mnist(mnist):
    pixels = mnist.train.images.double() / 255
    assert (len(mnist.train), len(mnist.test)) == (60_000, 10_000)
    assert (pixels.mean().item(), pixels.std().item()) == pytest.approx((0.1307, 0.3081), abs=5e-5)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert torch.bincount(mnist.test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


# Batches, choices, the floor


def test_batches_are_pixels_in_order_and_none_is_lost(digits):
    batches = list(digits.train.batches(64))
    assert [len(batch) for batch in batches] == [64, 64, 64, 64, 44]
    assert torch.equal(torch.cat(batches), digits.train.images.float() / 255)
    assert batches[0].dtype == torch.float32


def test_shuffled_batches_hold_every_picture_once(digits):
    rng = torch.Generator().manual_seed(1)
    first, second = (torch.cat(list(digits.train.batches(64, rng))) for _ in range(2))
    again = torch.cat(list(digits.train.batches(64, torch.Generator().manual_seed(1))))
    assert torch.equal(first, again) and not torch.equal(first, second)
    assert torch.equal(first.unique(dim=0), (digits.train.images.float() / 255).unique(dim=0))


def test_chosen_digits_and_limit(digits):
    chosen = choose(digits, (1, 7), limit=20)
    assert set(chosen.train.labels.tolist()) == {1, 7}
    assert len(chosen.train) == 20
    assert len(chosen.test) == int(((digits.test.labels == 1) | (digits.test.labels == 7)).sum())


def test_load_obeys_the_config():
    chosen = load(VaeConfig(classes=(3,), limit=50))
    assert (len(chosen.train), len(chosen.test)) == (50, 1010)
    assert chosen.train.labels.unique().tolist() == [3]


def test_choosing_what_is_not_there(digits):
    only = choose(digits, (1, 7))
    with pytest.raises(
        DataError, match=r"few has no pictures of 3: 0 to train on, 0 to test with. Choose other digits"
    ):
        choose(only, (3,))
    empty = Split(digits.test.images[:0], digits.test.labels[:0])
    with pytest.raises(DataError, match="none has no pictures: 300 to train on, 0 to test with"):
        choose(Digits("none", digits.train, empty))


def test_the_entropy_floor_of_known_pixels():
    def floor(*pixels):
        return entropy_floor(Split(torch.tensor([pixels], dtype=torch.uint8), torch.zeros(1)))

    assert floor(0, 255, 255, 0) == 0
    assert floor(*[51] * 784) == pytest.approx(-784 * (0.2 * math.log(0.2) + 0.8 * math.log(0.8)))
    assert floor(0, 51, 204) == pytest.approx(-2 * (0.2 * math.log(0.2) + 0.8 * math.log(0.8)))


# IDX files


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_an_idx_file_plain_or_compressed(tmp_path, ending):
    values = torch.arange(24, dtype=torch.uint8).view(2, 3, 4)
    (tmp_path / f"x{ending}").write_bytes(gzip.compress(idx(values)) if ending else idx(values))
    assert read_idx(tmp_path / "x").tolist() == values.tolist()


def test_a_folder_of_idx_files(digits_folder, digits):
    found = load_folder(digits_folder)
    assert torch.equal(found.train.images, digits.train.images) and torch.equal(found.test.labels, digits.test.labels)
    assert found.name == digits_folder.name


GOOD = idx(torch.zeros(5, 28, 28))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-1], "found 3919 bytes of data, its header wants 3920. The file is cut"),
        (GOOD + b"\0", "found 3921 bytes of data, its header wants 3920"),
        (GOOD[:10], "The file is cut|found shape"),
        (GOOD[:4], "The file is cut|found shape"),
        (b"", "is no IDX file of bytes: it starts with nothing"),
        (b"\x89PNG\r\n", "is no IDX file of bytes: it starts with 89504e47"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x00", "is no IDX file of bytes: it starts with 00000d01"),
    ],
)
def test_a_damaged_idx_file_is_told(tmp_path, content, words):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match=words) as raised:
        read_idx(tmp_path / "x")
    assert str(raised.value).startswith(str(tmp_path / "x"))


def test_a_damaged_compressed_file_is_told_wherever_the_damage_is(tmp_path):
    content = gzip.compress(idx(torch.arange(784 * 5).view(5, 28, 28) * 31 % 255))
    for place in range(0, len(content), 7):
        (tmp_path / "x.gz").write_bytes(content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :])
        with suppress(DataError):  # and no other error; a byte of the file's date may be any
            read_idx(tmp_path / "x")
    (tmp_path / "x.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match=r"cannot be read: .* Fetch the file again"):
        read_idx(tmp_path / "x")


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        (IDX["train"][0], torch.zeros(5, 32, 32), r"found shape \[5, 32, 32\], wanted \[n, 28, 28\]"),
        (IDX["test"][1], torch.zeros(100, 2), r"found shape \[100, 2\], wanted \[n\]"),
        (IDX["train"][1], torch.zeros(299), "299 labels for 300 pictures"),
    ],
)
def test_idx_files_of_another_shape_are_told(digits_folder, tmp_path, name, values, words):
    for file in digits_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / name).write_bytes(idx(values))
    with pytest.raises(DataError, match=f"{name}: {words}"):
        load_idx(tmp_path, "x")


def test_a_missing_idx_file_is_told(digits_folder, tmp_path):
    (tmp_path / IDX["train"][0]).write_bytes((digits_folder / IDX["train"][0]).read_bytes())
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte is missing, and so is train-labels-idx1-ubyte.gz"):
        load_folder(tmp_path)


# The user's own pictures


def stroke(width, height, ink=255, ground=0, mode="L"):
    """A thick vertical stroke, off the centre."""
    picture = Image.new(mode, (width, height), ground)
    picture.paste(ink, (width // 8, height // 8, width // 8 + max(1, width // 10), height * 3 // 4))
    return picture


def test_a_folder_of_pictures_labelled_by_folder(tmp_path):
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
    ("where", "label"),
    [("", UNLABELLED), ("7", 7), ("train/3", 3), ("3/left", 3), ("12", UNLABELLED), ("²", UNLABELLED)],
)
def test_where_a_label_comes_from(tmp_path, where, label):
    (tmp_path / where).mkdir(parents=True, exist_ok=True)
    for n in range(7):
        stroke(28, 28).save(tmp_path / where / f"{n}.png")
    assert load_folder(tmp_path).train.labels.unique().tolist() == [label]


def test_the_config_may_name_a_folder(tmp_path):
    for n in range(8):
        stroke(30 + n, 30).save(tmp_path / f"{n}.bmp")
    found = load(VaeConfig(dataset=str(tmp_path), limit=5))
    assert (len(found.train), len(found.test), found.name) == (5, 1, tmp_path.name)


def test_a_folder_that_is_none_or_holds_too_little(tmp_path):
    with pytest.raises(DataError, match=f"{tmp_path / 'none'} is no folder. Give the whole path"):
        load(VaeConfig(dataset=str(tmp_path / "none")))
    with pytest.raises(DataError, match="holds 0 pictures; wanted at least 7, or the four IDX files"):
        load(VaeConfig(dataset=str(tmp_path)))


def test_reading_many_pictures_tells_how_far_it_is(tmp_path):
    for n in range(7):
        stroke(28, 28).save(tmp_path / f"{n}.png")
    said = []
    load_folder(tmp_path, said.append)
    assert said == [f"Reading {tmp_path.name}: 0 of 7 pictures"]


def ink_of(pixels):
    """(height, width, row and column of the centre of mass) of the ink."""
    rows, columns = np.nonzero(pixels > 40)
    weight = pixels / pixels.sum()
    return np.ptp(rows) + 1, np.ptp(columns) + 1, weight.sum(1) @ np.arange(28), weight.sum(0) @ np.arange(28)


@pytest.mark.parametrize("size", [(200, 200), (28, 56), (500, 40), (31, 900), (3, 3), (1, 1000)])
def test_any_size_is_fitted_and_centred(tmp_path, size):
    stroke(*size).save(tmp_path / "x.png")
    pixels = read_picture(tmp_path / "x.png")
    height, width, row, column = ink_of(pixels.astype(float))
    assert pixels.shape == (28, 28) and pixels.dtype == np.uint8
    assert 19 <= max(height, width) <= 20
    assert (row, column) == pytest.approx((13.5, 13.5), abs=0.51)


def test_a_picture_of_28_by_28_is_left_as_it_is(tmp_path, digits):
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
def test_every_kind_of_picture_becomes_light_ink_on_dark_ground(tmp_path, kind):
    SAME[kind].save(tmp_path / "x.png")
    stroke(60, 60).save(tmp_path / "plain.png")
    found, wanted = read_picture(tmp_path / "x.png").astype(int), read_picture(tmp_path / "plain.png").astype(int)
    assert wanted.max() == 255 and np.abs(found - wanted).max() <= 1


def test_floating_point_pictures_and_empty_ones(tmp_path):
    Image.fromarray(np.asarray(stroke(60, 60), np.float32) / 255).save(tmp_path / "x.tiff")
    assert read_picture(tmp_path / "x.tiff").max() == 255
    for ground in (0, 128, 255):
        Image.new("L", (50, 40), ground).save(tmp_path / "empty.png")
        assert read_picture(tmp_path / "empty.png").max() <= 128


def test_a_picture_lying_on_its_side_is_put_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "turn it a quarter to the right"
    stroke(60, 60).save(tmp_path / "x.png", exif=exif)
    height, width, *_ = ink_of(read_picture(tmp_path / "x.png").astype(float))
    assert width > 3 * height


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "webp", "tif", "ppm"])
def test_a_damaged_picture_is_told_by_its_name(tmp_path, ending):
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


def test_a_png_with_a_broken_chunk_is_told(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (300, 300), dtype=np.uint8)  # enough for two chunks of pixels
    Image.fromarray(noise).save(tmp_path / "x.png")
    first, second, third = (tmp_path / "x.png").read_bytes().split(b"IDAT")
    (tmp_path / "x.png").write_bytes(first + b"IDAT" + second + b"\xb8DAT" + third)
    with pytest.raises(DataError, match=r"x.png cannot be read as a picture: broken PNG file"):
        read_picture(tmp_path / "x.png")


def test_a_picture_that_is_none_stops_the_reading_with_its_name(tmp_path):
    for n in range(7):
        stroke(28, 28).save(tmp_path / f"{n}.png")
    (tmp_path / "8.png").write_text("<svg/>")
    with pytest.raises(DataError, match=r"8.png cannot be read as a picture: .* Remove it from the folder"):
        load_folder(tmp_path)


def test_a_picture_too_large_for_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    stroke(30, 30).save(tmp_path / "x.png")
    with pytest.raises(DataError, match=r"x.png cannot be read as a picture: .*decompression bomb"):
        read_picture(tmp_path / "x.png")
