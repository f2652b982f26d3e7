"""Grids of digits as PNG files, for the command line and the browser. Imports no torch."""

from __future__ import annotations

import io
from math import ceil, sqrt

import numpy as np
from PIL import Image


def grid(images: np.ndarray, columns: int = 0, gap: int = 0) -> np.ndarray:
    """uint8 [n, 28, 28] -> one uint8 picture, row by row, `gap` pixels apart; with 0 `columns`, nearly square."""
    count, height, width = images.shape
    columns = columns or ceil(sqrt(count))
    rows = ceil(count / columns)
    sheet = np.zeros((rows, height + gap, columns, width + gap), np.uint8)
    padded = np.zeros((rows * columns, height, width), np.uint8)
    padded[:count] = images
    sheet[:, :height, :, :width] = padded.reshape(rows, columns, height, width).transpose(0, 2, 1, 3)
    return sheet.reshape(rows * (height + gap), columns * (width + gap))[
        : rows * (height + gap) - gap, : columns * (width + gap) - gap
    ]


def png(picture: np.ndarray, scale: int = 1) -> bytes:
    """A grey picture as a PNG file, each pixel enlarged to a sharp square of `scale` pixels."""
    buffer = io.BytesIO()
    Image.fromarray(picture.repeat(scale, 0).repeat(scale, 1)).save(buffer, "PNG")
    return buffer.getvalue()
