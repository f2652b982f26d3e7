"""Photos of handwriting become digits as MNIST has them: known digits, photographed in many kinds of light, come back."""

import numpy as np
import pytest
from photographs import SCENES, photograph, printed
from PIL import Image

from gencmp.data.own_pictures import is_blank, read_picture
from gencmp.data.shipped import shipped_digits

DIGITS = (3, 2, 1, 18, 4, 8)  # of the test set: 0, 1, 2, 3, 4, 5


def read(photo, tmp_path, ending="png", **settings):
    path = tmp_path / f"photo.{ending}"
    photo.save(path, **settings)
    return read_picture(path)


def likeness(found, original):
    """The correlation of their pixels, at the best of the places within a pixel of each other."""
    shifted = (np.roll(found, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    return max(np.corrcoef(each.ravel(), original.ravel())[0, 1] for each in shifted if each.any())


@pytest.mark.parametrize("name", SCENES)
def test_a_photographed_digit_comes_back(name, tmp_path):
    scene, images = SCENES[name], shipped_digits("test")[0]
    alike = []
    for seed, number in enumerate(DIGITS):
        photo = photograph(images[number], scene, seed)
        settings = {"ending": "jpg", "quality": scene.quality} if scene.quality else {}
        found = read(photo, tmp_path, **settings)
        rows, columns = np.nonzero(found)
        assert not is_blank(found), (name, number)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20  # no grey box
        middle = [found.sum(axis) @ np.arange(28) / found.sum() for axis in (1, 0)]
        assert np.abs(np.array(middle) - 14).max() <= 1
        alike.append(likeness(found, images[number]))
    assert sorted(alike)[1] > 0.75 and np.mean(alike) > 0.85, (name, np.round(alike, 2))


def test_evenly_lit_paper_without_a_digit_is_blank(tmp_path):
    empty = np.zeros((28, 28), np.uint8)
    for name in ("bright", "dark", "dim", "indoor", "noisy"):
        assert is_blank(read(photograph(empty, SCENES[name]), tmp_path)), name


def test_a_digit_in_print_is_read_upright(tmp_path):
    for text in "2345679":
        found = read(photograph(printed(text), SCENES["indoor"]), tmp_path)
        turned = [likeness(found, np.rot90(printed(text), times)) for times in range(4)]
        assert np.argmax(turned) == 0, text


def test_a_picture_as_mnist_has_them_is_left_as_it_is(tmp_path):
    digit = shipped_digits("test")[0][0]
    assert (read(Image.fromarray(digit), tmp_path) == digit).all()
    assert (read(Image.fromarray(255 - digit), tmp_path) == digit).all()
