"""Converts the user's drawings, scans and photos of handwriting to MNIST's format. Imports no torch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from gencmp.data.photos.ink import find_ink
from gencmp.data.photos.morphology import rim
from gencmp.data.photos.sheets import sheet_of_paper
from gencmp.errors import DataError

SIDE = 28
FIELD = 20  # pixels of the longest side of the ink (LeCun et al. 1998)
MIDDLE = 14  # row and column of the ink's centre of mass in MNIST: 13.5 to 14.5 in each of its 70,000 digits
TARGET_SIDE = 1000  # pixels of the longest side; a photo of at least twice that is reduced as it is read
PURE = 8  # grey levels from black or white within which a background needs no cleaning
NOISE = 24  # grey levels of the artefacts that JPEG and WebP leave around a stroke
LOSSY = {"JPEG", "MPO", "WEBP", "AVIF"}


class Read(NamedTuple):
    """image: see read_picture. is_first: whether the file has more pictures, such as an animation or a multi-page scan."""

    image: np.ndarray
    is_first: bool


def read_picture(path: Path) -> np.ndarray:
    """Any picture that Pillow can read -> uint8 [28, 28], light ink on 0, scaled and centred as in MNIST.

    The ink is scaled to 20 pixels on its longest side and centred by its centre of mass (LeCun et al. 1998). Dark ink is
    inverted; paper, shadows and the table under the paper become 0. Where no ink is found, all pixels are 0. A picture
    that is already 28 x 28 and light on black is not changed; one that is dark on white is only inverted.

    Raises DataError naming the file.
    """
    return read_first(path).image


def read_first(path: Path) -> Read:
    """The first picture of a file, as read_picture does, and whether the file has more."""
    try:
        with Image.open(path) as picture:
            lossy = picture.format in LOSSY
            # an MPO file is a photo with further versions of itself, smaller or with another exposure
            is_first = picture.format != "MPO" and getattr(picture, "is_animated", False)
            picture.draft(None, _size_to_decode(picture))
            plain = _reduced(_plain(ImageOps.exif_transpose(picture)))
    # SyntaxError: Pillow raises it for a broken PNG
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(
            f"{path} cannot be read as a picture: {error}. Remove it from the folder, or save it again as PNG."
        ) from None
    return Read(_digit(plain, NOISE if lossy else 0), is_first)


def is_blank(digit: np.ndarray) -> bool:
    """Whether no ink was found in the original picture."""
    return not digit.any()


# Normalise: grey or RGB, 8 bits per channel, opaque, not too large


def _size_to_decode(picture: Image.Image) -> tuple[int, int]:
    """A size for JPEG's fast decoding at a half, a quarter or an eighth."""
    times = max(1, max(picture.size) // TARGET_SIDE)
    return picture.width // times, picture.height // times


def _reduced(picture: Image.Image) -> Image.Image:
    times = max(picture.size) // TARGET_SIDE
    return picture.reduce(times) if times > 1 else picture


def _plain(picture: Image.Image) -> Image.Image:
    """Mode L or RGB. Pictures with more than 8 bits are rescaled to 0 to 255, where Pillow would clip at 255; transparent
    pixels become white behind dark ink and black behind light ink."""
    if picture.mode[0] in "IF":
        deep = np.nan_to_num(np.asarray(picture, np.float64))
        spread = (deep - deep.min()) * (255 / (np.ptp(deep) or 1.0))
        return Image.fromarray(spread.round().astype(np.uint8))
    if picture.has_transparency_data:
        return _behind(_reduced(picture.convert("RGBA")))
    if picture.mode == "LAB":
        return picture.getchannel("L")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _behind(picture: Image.Image) -> Image.Image:
    """An RGBA picture on a background that contrasts with its ink."""
    seen = np.asarray(picture.getchannel("A"), np.float64)
    dark = (np.asarray(picture.convert("L")) * seen).sum() < 128 * seen.sum()
    ground = Image.new("RGBA", picture.size, "white" if dark else "black")
    return Image.alpha_composite(ground, picture).convert("RGB")


# To a digit


def _digit(picture: Image.Image, noise: int) -> np.ndarray:
    grey = np.asarray(picture.convert("L"))
    if grey.shape == (SIDE, SIDE) and (ready := _ready(grey, noise)) is not None:
        return ready
    if np.ptp(grey) < 2 * PURE:
        return np.zeros((SIDE, SIDE), np.uint8)
    ink = _drawn(grey, noise)
    return _brightened(_fitted(find_ink(picture) if ink is None else ink))


def _ready(grey: np.ndarray, noise: int) -> np.ndarray | None:
    """A 28 x 28 picture, unchanged if its background is black, inverted if it is white; None if it is neither."""
    border = rim(grey)
    if np.median(border) <= 127:
        return grey.copy() if np.quantile(border, 0.1) <= 2 * PURE else None
    return _without(255 - grey, noise) if np.quantile(border, 0.9) >= 255 - 2 * PURE else None


def _drawn(grey: np.ndarray, noise: int) -> np.ndarray | None:
    """A drawing or scan on pure black or white, as light ink on 0; None for a picture with another background."""
    border = rim(grey)
    pure = np.mean((border <= PURE) | (border >= 255 - PURE))
    ink = 255 - grey if np.median(border) > 127 else grey
    if min(grey.shape) >= 8 and (pure < 0.85 or _is_on_a_table(ink)):
        return None
    ground = rim(ink)
    ink = _without(ink, max(noise, 2 * int(ground[ground <= PURE].max(initial=0))))
    return _brightened(ink)


def _is_on_a_table(ink: np.ndarray) -> bool:
    """Whether the light area is a written sheet of paper on a dark table."""
    return bool(np.mean(ink > 127) > 0.1) and sheet_of_paper(Image.fromarray(ink)) is not None


def _without(ink: np.ndarray, noise: int) -> np.ndarray:
    return np.where(ink > noise, ink, 0)


def centre(pixels: np.ndarray) -> np.ndarray:
    """Light ink on dark, uint8 [h, w] of any size -> [28, 28]: ink scaled into 20 x 20, centre of mass in the middle.

    explore's digitpad.js does the same in the browser.
    """
    return _fitted(pixels).round().astype(np.uint8)


def _fitted(pixels: np.ndarray) -> np.ndarray:
    """`centre` before rounding, float [28, 28]."""
    out = np.zeros((SIDE, SIDE))
    rows, columns = np.nonzero(pixels > 40)
    if not rows.size:
        return out
    ink = Image.fromarray(pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].astype(np.float32))
    scale = FIELD / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    small = np.asarray(ink.resize(size, Image.Resampling.LANCZOS), np.float64).clip(0, 255)
    top, left = (_first(small.sum(axis)) for axis in (1, 0))
    out[top : top + size[1], left : left + size[0]] = small
    return out


def _first(masses: np.ndarray) -> int:
    """The position of the first row (or column) that puts the centre of mass in the middle. masses: per row or column."""
    middle = float(masses @ np.arange(len(masses))) / (float(masses.sum()) or 1.0)
    return max(0, min(round(MIDDLE - middle), SIDE - len(masses)))


def _brightened(digit: np.ndarray) -> np.ndarray:
    """uint8, scaled so that the lightest pixel is 255: downscaling makes thin strokes grey."""
    return (digit * (255 / (digit.max() or 1.0))).round().astype(np.uint8)
