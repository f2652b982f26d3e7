"""A user's own pictures: any picture that Pillow reads becomes a digit as MNIST has them. Imports no torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from gencmp.errors import DataError

SIDE = 28


def read_picture(path: Path) -> np.ndarray:
    """Any picture that Pillow reads -> uint8 [28, 28], light ink on dark ground, scaled and centred as MNIST was.

    Dark ink on light ground is turned over; the ink is fitted into 20 x 20 and its centre of mass put in the middle
    (LeCun et al. 1998). A picture that is 28 x 28 already is left as it is.
    """
    try:
        with Image.open(path) as picture:
            pixels = _grey(ImageOps.exif_transpose(picture))
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:  # SyntaxError: Pillow, of a broken PNG
        raise DataError(
            f"{path} cannot be read as a picture: {error}. Remove it from the folder, or save it again as PNG."
        ) from None
    if np.median(np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))) > 127:
        pixels = 255 - pixels
    return pixels.copy() if pixels.shape == (SIDE, SIDE) else centre(pixels)


def _grey(picture: Image.Image) -> np.ndarray:
    """uint8 [h, w]. More than 8 bits are spread from black to white, where Pillow would cut them off at 255; what is
    clear becomes white behind dark ink and black behind light ink."""
    if picture.mode[0] in "IF":
        deep = np.nan_to_num(np.asarray(picture, np.float64))
        return ((deep - deep.min()) * (255 / (np.ptp(deep) or 1.0))).round().astype(np.uint8)
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"), np.uint8)
    coloured = picture.convert("RGBA")
    grey, seen = np.asarray(coloured.convert("L"), np.float64), np.asarray(coloured.getchannel("A"), np.float64) / 255
    ground = 255 if (grey * seen).sum() < 128 * seen.sum() else 0
    return (grey * seen + ground * (1 - seen)).round().astype(np.uint8)


def centre(pixels: np.ndarray) -> np.ndarray:
    """Light ink on dark, uint8 [h, w] of any size -> [28, 28]: ink scaled into 20 x 20, centre of mass in the middle."""
    rows, columns = np.nonzero(pixels > 40)[:2]
    if not rows.size:
        return np.zeros((SIDE, SIDE), np.uint8)
    ink = Image.fromarray(pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])
    scale = 20 / max(ink.size)
    ink = ink.resize((max(1, round(ink.width * scale)), max(1, round(ink.height * scale))), Image.Resampling.LANCZOS)
    small = np.asarray(ink, np.float64)
    weight = small.sum() or 1.0
    y, x = (small.sum(1) @ np.arange(ink.height) / weight, small.sum(0) @ np.arange(ink.width) / weight)
    top = int(np.clip(round(SIDE / 2 - 0.5 - y), 0, SIDE - ink.height))
    left = int(np.clip(round(SIDE / 2 - 0.5 - x), 0, SIDE - ink.width))
    out = np.zeros((SIDE, SIDE), np.uint8)
    out[top : top + ink.height, left : left + ink.width] = small.round().astype(np.uint8)
    return out
