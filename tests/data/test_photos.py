"""Photos of handwriting become digits as MNIST has them: known digits, photographed in many kinds of light, come back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from photographs import SCENES, Scene, photograph, printed
from PIL import Image

from gencmp.data.own_pictures import is_blank, read_picture
from gencmp.data.shipped import shipped_digits

DIGITS = (3, 2, 1, 18, 4, 8)  # of the test set: 0, 1, 2, 3, 4, 5


def read(photo: Any, tmp_path: Path, ending: str = "png", **settings: Any) -> Any:
    path = tmp_path / f"photo.{ending}"
    photo.save(path, **settings)
    return read_picture(path)


def likeness(found: Any, original: Any) -> Any:
    """The correlation of their pixels, at the best of the places within a pixel of each other."""
    shifted = (np.roll(found, (dy, dx), (0, 1)) for dy in (-1, 0, 1) for dx in (-1, 0, 1))
    return max(np.corrcoef(each.ravel(), original.ravel())[0, 1] for each in shifted if each.any())


@pytest.mark.parametrize("name", SCENES)
def test_a_photographed_digit_comes_back(name: Any, tmp_path: Path) -> None:
    scene, images = SCENES[name], shipped_digits("test")[0]
    alike = []
    for seed, number in enumerate(DIGITS):
        photo = photograph(images[number], scene, seed)
        settings: dict[str, Any] = {"ending": "jpg", "quality": scene.quality} if scene.quality else {}
        found = read(photo, tmp_path, **settings)
        rows, columns = np.nonzero(found)
        assert not is_blank(found), (name, number)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 20  # no grey box
        middle = [found.sum(axis) @ np.arange(28) / found.sum() for axis in (1, 0)]
        assert np.abs(np.array(middle) - 14).max() <= 1
        alike.append(likeness(found, images[number]))
    assert sorted(alike)[1] > 0.75 and np.mean(alike) > 0.85, (name, np.round(alike, 2))


EMPTY = np.zeros((28, 28), np.uint8)
RULED = {"ruled", "dark ruled"}  # lines alone are strokes


@pytest.mark.parametrize("name", sorted(SCENES.keys() - RULED))
def test_paper_without_a_digit_is_blank_in_every_light(name: Any, tmp_path: Path) -> None:
    scene = SCENES[name]
    for seed in range(3):
        settings: dict[str, Any] = {"ending": "jpg", "quality": scene.quality} if scene.quality else {}
        assert is_blank(read(photograph(EMPTY, scene, seed), tmp_path, **settings)), seed


def lights() -> Iterator[Any]:
    """Gradients, soft and hard shadows, lamps and dark corners, from all sides and of all depths."""
    rng = np.random.default_rng(5)
    for number in range(20):
        lowest, turn, place, narrow = rng.uniform((0.35, 0, 0.2, 2), (0.9, 2 * np.pi, 0.8, 9))

        def across(x: Any, y: Any, turn: Any = turn) -> Any:
            return (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn)

        shape = (
            lambda x, y, across=across: (across(x, y) + 0.7) / 1.4,
            lambda x, y, across=across, n=narrow: 1 / (1 + np.exp(-across(x, y) * 6 * n)),
            lambda x, y, p=place, n=narrow: np.exp(-((x - p) ** 2 + (y - 0.5) ** 2) * n),
            lambda x, y, p=place: 1 - ((x - p) ** 2 + (y - p) ** 2),
        )[number % 4]
        yield lambda x, y, low=lowest, shape=shape: low + (1 - low) * shape(x, y)


@pytest.mark.parametrize("quality", [0, 40])
def test_no_light_makes_a_digit_of_blank_paper_or_hides_one(quality: int, tmp_path: Path) -> None:
    digit = shipped_digits("test")[0][3]
    settings: dict[str, Any] = {"ending": "jpg", "quality": quality} if quality else {}
    for seed, light in enumerate(lights()):
        scene = Scene(light=light, noise=1 + seed % 7)
        assert is_blank(read(photograph(EMPTY, scene, seed), tmp_path, **settings)), seed
        found = read(photograph(digit, scene, seed), tmp_path, **settings)
        assert likeness(found, digit) > 0.8, seed


@pytest.mark.parametrize("noise", [3, 8, 14, 20, 30])
def test_noise_is_no_digit(noise: int, tmp_path: Path) -> None:
    for seed in range(8):
        assert is_blank(
            read(photograph(EMPTY, Scene(noise=noise, light=lambda x, y: 0.6 - 0.1 * x), seed), tmp_path)
        ), seed


@pytest.mark.parametrize("name", ["indoor", "gradient", "chalk", "marker"])
def test_a_picture_cropped_to_its_digit_is_none_the_less_one(name: str, tmp_path: Path) -> None:
    """Its strokes are as broad as shadows, and its border cuts them."""
    for number in DIGITS:
        digit = shipped_digits("test")[0][number]
        rows, columns = np.nonzero(digit > 60)
        tight = Image.fromarray(digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
        scene = replace(SCENES[name], share=1.0, size=(200, 200), thicken=0)
        photo = photograph(np.asarray(tight.resize((28, 28), Image.Resampling.BICUBIC)), scene, number)
        assert not is_blank(read(photo, tmp_path)), number


def test_a_digit_in_print_is_read_upright(tmp_path: Path) -> None:
    for text in "2345679":
        found = read(photograph(printed(text), SCENES["indoor"]), tmp_path)
        turned = [likeness(found, np.rot90(printed(text), times)) for times in range(4)]
        assert np.argmax(turned) == 0, text


def test_a_picture_as_mnist_has_them_is_left_as_it_is(tmp_path: Path) -> None:
    digit = shipped_digits("test")[0][0]
    assert (read(Image.fromarray(digit), tmp_path) == digit).all()
    assert (read(Image.fromarray(255 - digit), tmp_path) == digit).all()
