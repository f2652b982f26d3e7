"""Morphology with a square window in NumPy (Serra 1982), connected components, and Otsu's threshold."""

from __future__ import annotations

import numpy as np


def dilate(pixels: np.ndarray, window: int) -> np.ndarray:
    """The maximum over the window x window pixels around each pixel (grey [h, w], or a mask). `window` is odd."""
    return _slide(pixels, window, np.maximum)


def erode(pixels: np.ndarray, window: int) -> np.ndarray:
    """The minimum over the window x window pixels around each pixel."""
    return _slide(pixels, window, np.minimum)


def closing(pixels: np.ndarray, window: int) -> np.ndarray:
    """Removes dark parts into which no square of `window` pixels fits. Pixels beyond the border are ignored, so a dark
    strip along it counts as twice as wide."""
    return erode(dilate(pixels, window), window)


def opening(pixels: np.ndarray, window: int) -> np.ndarray:
    """Removes light parts into which no square of `window` pixels fits."""
    return dilate(erode(pixels, window), window)


def _slide(pixels: np.ndarray, window: int, pick: np.ufunc) -> np.ndarray:
    return _slide_down(_slide_down(pixels, window, pick).T, window, pick).T


def _slide_down(pixels: np.ndarray, window: int, pick: np.ufunc) -> np.ndarray:
    half = min(window // 2, len(pixels) - 1)
    # repeating the edge row changes nothing: every window that reaches beyond it contains it
    out: np.ndarray = pixels[np.arange(-half, len(pixels) + half).clip(0, len(pixels) - 1)]
    span, window = 1, 2 * half + 1
    while span < window:  # by doubling: log2(window) passes
        step = min(span, window - span)
        out, span = pick(out[:-step], out[step:]), span + step
    return out


def mean3(pixels: np.ndarray) -> np.ndarray:
    """The mean of each pixel and the eight around it."""
    padded = np.pad(pixels, 1, "edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    mean: np.ndarray = (rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / 9
    return mean


def rim(pixels: np.ndarray) -> np.ndarray:
    """The pixels along the border, with the corners twice: [2 (h + w), ...]."""
    return np.concatenate((pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]))


def components(mask: np.ndarray) -> np.ndarray:
    """Label the mask's connected components (8-connectivity): int [h, w], 0 outside of the mask, 1, 2, ... inside."""
    width = mask.shape[1] + 2
    change = np.diff(np.pad(mask, 1).ravel().astype(np.int8))
    starts, ends = np.flatnonzero(change > 0), np.flatnonzero(change < 0)  # of the runs, row by row
    first = np.searchsorted(ends, starts - width)  # of the runs in the row above that touch this one
    touching = np.searchsorted(starts, ends - width, "right") - first
    lower = np.repeat(np.arange(len(starts)), touching)
    upper = np.arange(len(lower)) + np.repeat(first - np.cumsum(touching) + touching, touching)
    labels = np.zeros(mask.shape, int)
    labels[mask] = np.repeat(_joined(len(starts), lower, upper), ends - starts)
    return labels


def _joined(count: int, these: np.ndarray, those: np.ndarray) -> np.ndarray:
    """int [count]: the group (1, 2, ...) of each number below `count`, where `these` and `those` are the pairs to join."""
    parent = np.arange(count)
    while (parent[these] != parent[those]).any():
        one, other = parent[these], parent[those]
        np.minimum.at(parent, np.maximum(one, other), np.minimum(one, other))
        while (parent[parent] != parent).any():
            parent = parent[parent]
    return np.unique(parent, return_inverse=True)[1] + 1


def on_border(mask: np.ndarray) -> np.ndarray:
    """bool [h, w]: the components of the mask that touch the picture's border."""
    labels = components(mask)
    return mask & np.isin(labels, rim(labels))


def largest(mask: np.ndarray) -> np.ndarray:
    """bool [h, w]: the largest component of a non-empty mask."""
    labels = components(mask)
    found: np.ndarray = labels == 1 + np.bincount(labels.ravel())[1:].argmax()
    return found


def otsu(values: np.ndarray) -> float:
    """The threshold that maximises the between-class variance (Otsu 1979)."""
    counts, edges = np.histogram(values, 128)
    sums = np.cumsum(counts * (edges[1:] + edges[:-1]) / 2)
    below = np.cumsum(counts)[:-1].astype(float)
    above = values.size - below
    apart = sums[:-1] / np.maximum(below, 1) - (sums[-1] - sums[:-1]) / np.maximum(above, 1)
    return float(edges[1:-1][np.argmax(below * above * apart**2)])
