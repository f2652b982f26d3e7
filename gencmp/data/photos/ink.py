"""Finds the handwriting in a photo: removes the lighting and the paper, and keeps the strokes.

The background is estimated by a morphological closing with a square window wider than the strokes. It follows every
shadow wider than the window, so the contrast against it does not depend on the lighting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from gencmp.data.photos.morphology import closing, components, dilate, mean3, opening, rim
from gencmp.data.photos.sheets import ruled_lines, sheet_of_paper, shrink
from gencmp.data.photos.strokes import Strokes, is_handwriting

SEARCH_SIDE, MEASURE_SIDE = 160, 128  # pixels of the longest side for finding strokes, then for measuring them
GROUND_OFFSET = 16  # grey levels added to the background before dividing by it, which may be 0
MIN_CONTRAST = 0.06  # below this nothing is ink; hard pencil on white paper has 0.12
BRUSHES = (3, 5, 7, 9, 13, 17, 23, 31)  # window sizes
SHARES = (0.35, 0.5, 0.7)  # thresholds for ink, as shares of the strongest contrast
MIN_EXTENT = 5  # pixels at the scaled size that strokes must span


def find_ink(picture: Image.Image) -> np.ndarray:
    """A photo (mode L or RGB) -> uint8 [h, w]: its strokes, cropped, light on 0; all 0 when there are none."""
    grey = most_legible(picture)
    frame = sheet_of_paper(grey) or grey
    pixels = shrink(frame, SEARCH_SIDE)
    both = [found for light in (False, True) if (found := _strokes(pixels, light)) and is_handwriting(found)]
    if not both:
        return np.zeros((1, 1), np.uint8)
    found = max(both, key=lambda strokes: strokes.credit)
    for _ in range(2):  # a small digit is found only coarsely at first
        frame = _closer(frame, found)
        found = _strokes(shrink(frame, MEASURE_SIDE), found.light) or found
    return _levels(found)


def most_legible(picture: Image.Image) -> Image.Image:
    """Mode L: the luminance, or a colour channel with much more contrast, such as blue for yellow ink on white."""
    grey = picture.convert("L")
    if picture.mode != "RGB":
        return grey
    channels = [grey, *picture.split()]
    shown = [_shown(shrink(channel, SEARCH_SIDE // 2)) for channel in channels]
    return channels[int(np.argmax(shown))] if max(shown) > 1.3 * shown[0] else grey


def _shown(pixels: np.ndarray) -> float:
    """The strongest contrast of thin structures, dark or light."""
    smooth = mean3(pixels)
    return max(_peak(_contrast(smooth, _ground(smooth, 9, light), light)) for light in (False, True))


def _closer(frame: Image.Image, found: Strokes) -> Image.Image:
    """The part of the frame around the strokes, with a margin of a third of their size."""
    scale = max(frame.size) / max(found.ink.shape)
    left, top, right, bottom = found.box
    margin = max(right - left, bottom - top) / 3 + 2 * found.thickness
    box = (found.box + np.array((-margin, -margin, margin, margin))) * scale
    left, top, right, bottom = box.round().astype(int).tolist()
    return frame.crop((max(0, left), max(0, top), min(frame.width, right), min(frame.height, bottom)))


def _strokes(pixels: np.ndarray, light: bool) -> Strokes | None:
    """The strokes in a picture; None when nothing stands out from the noise of the background."""
    smooth = mean3(pixels)
    brushes = [brush for brush in BRUSHES if brush < 0.2 * max(pixels.shape)] or [3]
    contrasts = [_contrast(smooth, _ground(smooth, brush, light), light) for brush in brushes]
    peaks = [_peak(contrast) for contrast in contrasts]
    enough = next(brush for brush, peak in zip(brushes, peaks, strict=True) if peak >= 0.75 * max(peaks))
    contrast = _contrast(smooth, _ground(smooth, 3 * enough, light), light)
    peak, faintest = _peak(contrast), max(MIN_CONTRAST, 3 * float(np.quantile(contrast, 0.4)))
    best = None
    for share in SHARES if peak >= faintest else ():
        ink = _handwriting(contrast, max(faintest, share * peak))
        if ink is None:
            continue
        thickness = _thickness(ink, contrast, brushes, contrasts)
        found = Strokes(_contrast(pixels, _ground(smooth, 3 * thickness, light), light), ink, thickness, light)
        # at a low threshold a shadow's edge may join the strokes; a higher one separates them
        best = found if best is None or found.credit > 2 * best.credit else best
    return best


def _ground(smooth: np.ndarray, brush: int, light: bool) -> np.ndarray:
    return opening(smooth, brush) if light else closing(smooth, brush)


def _contrast(pixels: np.ndarray, ground: np.ndarray, light: bool) -> np.ndarray:
    contrast: np.ndarray = (pixels - ground if light else ground - pixels) / (ground + GROUND_OFFSET)
    return contrast


def _peak(contrast: np.ndarray) -> float:
    """The mean of the strongest 1/300 of the pixels."""
    count = max(1, contrast.size // 300)
    return float(np.partition(contrast.ravel(), -count)[-count:].mean())


def _thickness(ink: np.ndarray, contrast: np.ndarray, brushes: Sequence[int], contrasts: Sequence[np.ndarray]) -> int:
    """The smallest brush with which the ink keeps 70 % of its contrast."""
    wanted = 0.7 * contrast[ink].sum()
    return next((b for b, c in zip(brushes, contrasts, strict=True) if c[ink].sum() >= wanted), brushes[-1])


def _handwriting(contrast: np.ndarray, least: float) -> np.ndarray | None:
    """bool [h, w]: the part of all pixels above this contrast that belongs to the digit. Components cut by the border (a
    table, a shadow, the next digit) do not, unless there is nothing else."""
    mask = contrast > least
    lines = ruled_lines(mask)
    labels = components(mask & ~lines if lines.sum() < 0.9 * mask.sum() else mask)
    weight = np.bincount(labels.ravel(), contrast.ravel())[1:]
    if not weight.size:
        return None
    cut = np.isin(np.arange(1, weight.size + 1), rim(labels))
    inside = np.where(cut, 0, weight)
    some = inside.max() >= 0.1 * weight.max()
    main = int((inside if some else weight).argmax())
    ink = np.isin(labels, 1 + np.flatnonzero(_belonging(labels, main, weight) & ~(cut & some)))
    rows, columns = np.nonzero(ink)
    return ink if max(np.ptp(rows), np.ptp(columns)) >= MIN_EXTENT - 1 else None


def _belonging(labels: np.ndarray, main: int, weight: np.ndarray) -> np.ndarray:
    """bool [components]: whether each belongs to the main one's digit: near it, not a speck, and not much fainter."""
    size = np.bincount(labels.ravel())[1:]
    places = [np.bincount(labels.ravel(), where.ravel())[1:] / size for where in np.indices(labels.shape)]
    spans = [(where.min(), where.max()) for where in np.nonzero(labels == main + 1)]
    reach = 0.75 * max(high - low for low, high in spans) + 1
    near = [(low - reach < at) & (at < high + reach) for at, (low, high) in zip(places, spans, strict=True)]
    heavy: np.ndarray = (weight > 0.04 * weight[main]) & (weight / size > 0.4 * weight[main] / size[main])
    belonging: np.ndarray = near[0] & near[1] & heavy
    return belonging


def _levels(found: Strokes) -> np.ndarray:
    """uint8: 0 for the background, 255 in the strokes' cores, grey at their edges."""
    around = dilate(found.ink, 5)
    ground = found.contrast[~around]
    least = float(np.median(ground)) if ground.size else 0.0
    least += 0.1 * (found.strength - least)
    share = ((found.contrast - least) / (found.strength - least)).clip(0, 1)
    return np.where(around, share * 255, 0).round().astype(np.uint8)
