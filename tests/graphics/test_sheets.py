import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gencmp.graphics.sheets import grid, png


def numbered(count: Any) -> Any:
    """Pictures of 28 x 28 whose every pixel is their number, from 1."""
    return np.arange(1, count + 1, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)


def test_a_grid_goes_row_by_row() -> None:
    sheet = grid(numbered(6), columns=3)
    assert sheet.shape == (56, 84) and sheet.dtype == np.uint8
    assert sheet[::28, ::28].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert sheet[27::28, 27::28].tolist() == [[1, 2, 3], [4, 5, 6]]


def test_a_gap_lies_between_and_not_around() -> None:
    sheet = grid(numbered(4), gap=2)
    assert sheet.shape == (58, 58)
    assert sheet[28:30].max() == sheet[:, 28:30].max() == 0
    assert sheet[30:, 30:].min() == 4


@pytest.mark.parametrize(("count", "shape"), [(1, (28, 28)), (5, (56, 84)), (16, (112, 112)), (64, (224, 224))])
def test_without_columns_it_is_nearly_square(count: int, shape: Any) -> None:
    sheet = grid(numbered(count))
    assert sheet.shape == shape
    assert len(np.unique(sheet)) == count + (count == 5)  # one place stays black


def test_a_png_is_exact_and_never_blurred() -> None:
    picture = np.arange(6, dtype=np.uint8).reshape(2, 3) * 50
    with Image.open(io.BytesIO(png(picture, scale=3))) as image:
        pixels = np.asarray(image)
        assert (image.format, image.mode) == ("PNG", "L")
    assert np.array_equal(pixels, np.kron(picture, np.ones((3, 3), np.uint8)))
