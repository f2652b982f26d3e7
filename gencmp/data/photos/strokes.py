"""Strokes found in a photo, and whether they are handwriting: blank paper under a lamp has contrasts, too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gencmp.data.photos.morphology import dilate, erode, opening, rim
from gencmp.data.photos.sheets import rectangularity

BROAD = 0.13  # share of the picture's longer side from which strokes may be a shadow; a marker's stroke has 0.11
MIN_PIXELS = 16  # of ink at the scaled size; noise forms clusters of up to a dozen


@dataclass(frozen=True)
class Strokes:
    """contrast:  float [h, w], of each pixel against the background around it.
    ink:       bool [h, w], the strokes' cores.
    thickness: of the strokes, in pixels.
    light:     whether they are lighter than the background.
    """

    contrast: np.ndarray
    ink: np.ndarray
    thickness: int
    light: bool

    @property
    def strength(self) -> float:
        """The contrast of the strokes' cores: its 70th percentile."""
        return float(np.quantile(self.contrast[self.ink], 0.7))

    @property
    def box(self) -> np.ndarray:
        """left, top, right, bottom."""
        rows, columns = np.nonzero(self.ink)
        return np.array((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))

    @property
    def credit(self) -> float:
        """How much this looks like handwriting. Strokes are long for their thickness; gaps between strokes, which have the
        same contrast, are not. Areas along the picture's border are background."""
        ratio = np.log1p(self.strength) if self.light else -np.log1p(-min(self.strength, 0.99))
        inside = 1 - rim(self.ink).mean()
        return float(inside**4 * ratio**2 * self.ink.sum() / self.thickness**2)


def is_handwriting(found: Strokes) -> bool:
    """Whether these may be strokes, rather than noise, a shadow, the light of a lamp, or a blank sheet of paper."""
    if found.ink.sum() < max(MIN_PIXELS, found.thickness**2):
        return False
    return found.thickness < BROAD * max(found.ink.shape) or not _is_ground(found)


def _is_ground(found: Strokes) -> bool:
    """Whether something broad is a table, a blank sheet, a shadow or the light of a lamp. The thresholds separate these from
    equally broad strokes, as in a picture cropped to its digit."""
    count, filled = found.ink.sum(), rectangularity(found.ink)
    if rim(found.ink).mean() > 0.3 or (filled > 0.9 and opening(found.ink, 41).any()):
        return True
    share = found.strength / (1 + found.strength) if found.light else found.strength  # of the light that is absorbed
    sharpness = _sharpness(found)
    if share < 0.2 or (share < 0.6 and sharpness < 0.7):
        return True
    # a shadow with a sharp edge is fainter than a pen's stroke, and has a simpler shape than a digit: a corner or a band
    return share < 0.5 and (sharpness < 0.85 or count < 6 * found.thickness**2 or filled > 0.78)


def _sharpness(found: Strokes) -> float:
    """The share of their contrast that strokes gain at their border, within half their thickness."""
    window = max(5, found.thickness // 2 | 1)
    step = dilate(found.contrast, window) - erode(found.contrast, window)
    border = (found.ink & ~erode(found.ink, 3))[1:-1, 1:-1]
    return float(np.median(step[1:-1, 1:-1][border])) / found.strength if border.any() else 0.0
