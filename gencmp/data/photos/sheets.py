"""Finds the sheet of paper in a photo of handwriting, and the lines ruled on it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from gencmp.data.photos.morphology import dilate, erode, largest, on_border, otsu

SEARCH_SIDE = 128  # pixels of the longest side for finding a sheet


def shrink(picture: Image.Image, longest: int) -> np.ndarray:
    """float32 [h, w], scaled down so that no side is longer than `longest` pixels."""
    scale = longest / max(picture.size)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.BOX)
    return np.asarray(picture, np.float32)


def sheet_of_paper(grey: Image.Image) -> Image.Image | None:
    """A written sheet of light paper on a darker table: the picture cropped to the sheet (mode L), with the visible rest
    of the table filled in as paper. None when there is no such sheet."""
    pixels = shrink(grey, SEARCH_SIDE)
    light = pixels > otsu(pixels)
    table = on_border(~light)
    if not table.any() or table.all():
        return None
    sheet = largest(~table)
    if not _is_paper(pixels, light, sheet, table):
        return None
    inner = erode(sheet, 5)
    paper = Image.fromarray(_extended(pixels, inner & light)).resize(grey.size, Image.Resampling.BILINEAR)
    rows, columns = np.nonzero(sheet)
    box = np.array((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)) * max(grey.size) / SEARCH_SIDE
    whole = Image.composite(grey, paper.convert("L"), Image.fromarray(inner).resize(grey.size))
    return whole.crop(tuple(box.round().astype(int).tolist()))


def _is_paper(pixels: np.ndarray, light: np.ndarray, sheet: np.ndarray, table: np.ndarray) -> bool:
    if min(pixels.shape) < 16 or sheet.mean() < 0.1 or table.mean() < 0.04:
        return False
    written = (sheet & ~light).sum() / sheet.sum()  # a digit covers little of its sheet; the hole of a light 0 is large
    if not 0.002 < written < 0.2 or rectangularity(sheet) < 0.8:
        return False
    step = erode(pixels, 7) / np.maximum(dilate(pixels, 7), 1)
    edge = dilate(table, 3) & sheet
    return bool(
        np.quantile(step[edge], 0.8) < 0.8
    )  # an edge all around; where the light fades slowly there is no table


def rectangularity(mask: np.ndarray) -> float:
    """The share that the mask fills of its smallest enclosing rectangle at any angle; 0.79 for an ellipse."""
    rows, columns = np.nonzero(mask & ~erode(mask, 3) | (np.pad(mask[1:-1, 1:-1], 1) != mask))
    angles = np.linspace(0, np.pi / 2, 30, endpoint=False)[:, None]
    across = columns * np.cos(angles) + rows * np.sin(angles)
    down = rows * np.cos(angles) - columns * np.sin(angles)
    return float(mask.sum() / ((np.ptp(across, 1) + 1) * (np.ptp(down, 1) + 1)).min())


def _extended(pixels: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fills unknown pixels with the mean of known ones nearby, doubling the distance until there are some."""
    out, filled, cell = np.where(known, pixels, 0), known, 2
    parts = [Image.fromarray(part.astype(np.float32)) for part in (out, known)]
    while not filled.all():
        size = (max(1, pixels.shape[1] // cell), max(1, pixels.shape[0] // cell))
        total, count = (np.asarray(_blurred(part, size)) for part in parts)
        new = ~filled & (count > 0.005)
        out, filled, cell = np.where(new, total / np.where(new, count, 1), out), filled | new, 2 * cell
    return out.astype(np.float32)


def _blurred(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.BOX).resize(picture.size, Image.Resampling.BILINEAR)


def ruled_lines(mask: np.ndarray) -> np.ndarray:
    """bool [h, w]: the parts of the mask that are thin lines across the whole picture, within 4 degrees of horizontal or
    vertical, without the strokes that cross them."""
    lines: np.ndarray = _level_lines(mask) | _level_lines(mask.T).T
    return lines


def _level_lines(mask: np.ndarray) -> np.ndarray:
    height, width = mask.shape
    found = np.zeros_like(mask)
    if min(height, width) < 20 or not (mask[:, 0].any() and mask[:, -1].any()):
        return found
    rows, columns = (np.asarray(each) for each in np.indices(mask.shape))
    thick = mask | np.roll(mask, 1, 0) | np.roll(mask, -1, 0)
    for rise in range(-8, 9, 2):  # pixels from the left side to the right
        slanted = np.asarray((rows + columns * rise // width) % height)
        full = np.atleast_1d(np.mean(thick[slanted, columns], axis=1) > 0.8)
        found[slanted[full], columns[full]] = True
    lines: np.ndarray = dilate(found, 3) & mask & ~_tall(mask, 9)
    return lines


def _tall(mask: np.ndarray, least: int) -> np.ndarray:
    """The vertical runs of at least this many pixels."""
    inside = np.lib.stride_tricks.sliding_window_view(np.pad(mask, ((least - 1, least - 1), (0, 0))), least, 0).all(-1)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(inside, least, 0).any(-1))
