"""Converts the arrays in IDX files to MNIST's format: 28 x 28 bytes, light ink on a dark ground. Imports no torch.

Every conversion returns notes on what it changed, so that nothing is inverted or scaled silently.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gencmp.data.arrays import SIDE, UNLABELLED, ReportStatus
from gencmp.data.own_pictures import centre
from gencmp.errors import DataError
from gencmp.settings.configs import MAX_CLASSES

CHUNK = 5000  # pictures: 31 MB as float64
Parts = list[np.ndarray]  # the training set, then the test set if there is one


# Shapes


def shaped(raw: np.ndarray, path: Path) -> np.ndarray:
    """[n, h, w], [n, h, w, 1], [n, 1, h, w] or [n, h * h] -> [n, h, w]. Raises DataError."""
    n, *rest = raw.shape or (0,)
    side = math.isqrt(math.prod(rest))
    if len(rest) == 1 and side * side == rest[0]:
        return raw.reshape(n, side, side)
    if len(rest) == 2:
        return raw
    if len(rest) == 3 and 1 in (rest[0], rest[2]):
        return raw.reshape(n, *(rest[1:] if rest[0] == 1 else rest[:2]))
    what = (
        "Colour pictures: make them grey"
        if len(rest) == 3 and 3 in (rest[0], rest[2])
        else "Save them as grey pictures"
    )
    raise DataError(
        f"{path}: found shape {list(raw.shape)}, wanted [n, {SIDE}, {SIDE}]. {what}, or give them as PNG files."
    )


def fitted(parts: Parts, progress: ReportStatus) -> tuple[Parts, tuple[str, ...]]:
    """Pictures of any size -> 28 x 28: an empty margin is cropped, else each picture is scaled and centred as in MNIST."""
    height, width = parts[0].shape[1:]
    if (height, width) == (SIDE, SIDE):
        return parts, ()
    size = f"{width} x {height} pixels"
    if cut := _without_margin(parts):
        return cut, (f"Pictures of {size} were cropped to {SIDE} x {SIDE}: their margin is empty.",)
    return [_centred(part, progress) for part in parts], (
        f"Pictures of {size}: each was scaled to fit 20 x 20 and centred, as in MNIST.",
    )


def _without_margin(parts: Parts) -> Parts:
    height, width = parts[0].shape[1:]
    top, left = (height - SIDE) // 2, (width - SIDE) // 2
    if min(top, left) < 0:
        return []
    inner = [part[:, top : top + SIDE, left : left + SIDE] for part in parts]
    is_empty = all(
        int(part.sum(dtype=np.int64)) == int(cut.sum(dtype=np.int64)) for part, cut in zip(parts, inner, strict=True)
    )
    return inner if is_empty else []


def _centred(images: np.ndarray, progress: ReportStatus) -> np.ndarray:
    out = np.empty((len(images), SIDE, SIDE), np.uint8)
    for index, image in enumerate(images):
        out[index] = centre(image)
        if index % CHUNK == 0:
            progress(f"Centring picture {index:,} of {len(images):,}")
    return out


# Pixels


def as_bytes(parts: Parts, path: Path) -> tuple[Parts, tuple[str, ...]]:
    """Pixels 0 to 1, -1 to 1, 0 to 255, or integers from 0 to any maximum -> uint8, 0 to 255. Raises DataError."""
    low, high = min(part.min() for part in parts), max(part.max() for part in parts)
    if parts[0].dtype == np.int8 and low < 0:
        return as_bytes([part.view(np.uint8) for part in parts], path)
    zero, one = _range(parts[0].dtype, float(low), float(high))
    if not one:
        raise DataError(
            f"{path}: found pixels from {low:.4g} to {high:.4g}, wanted 0 to 255, 0 to 1 or -1 to 1. Rescale and save them again."
        )
    if (zero, one) == (0, 255):
        return [_scaled(part, 0, 255) for part in parts], ()
    return [_scaled(part, zero, one) for part in parts], (f"Pixels from {zero:g} to {one:,g} were scaled to 0 to 255.",)


def _range(kind: np.dtype, low: float, high: float) -> tuple[float, float]:
    """The values of black and white; (0, 0) when they cannot be determined."""
    if not math.isfinite(low + high):
        return 0, 0
    is_whole = kind.kind in "iu"
    if low < 0:
        return (-1, 1) if low >= -1 and high <= 1 else (0, 0)
    if high <= 1:
        return 0, 1
    if high <= 255 and (not is_whole or high >= 128):
        return 0, 255
    return (0, high) if is_whole else (0, 0)  # 4 bits, 7 bits, 16 bits


def _scaled(images: np.ndarray, zero: float, one: float) -> np.ndarray:
    if images.dtype == np.uint8 and (zero, one) == (0, 255):
        return images
    out = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), CHUNK):
        rows = slice(start, start + CHUNK)
        out[rows] = ((images[rows].astype(np.float64) - zero) * (255 / (one - zero))).round()
    return out


def light_on_dark(parts: Parts) -> tuple[Parts, tuple[str, ...]]:
    """Invert all pictures when the median edge pixel of the training pictures is light."""
    images = parts[0]
    edges = np.concatenate(
        [images[:, side].ravel() for side in (0, -1)] + [images[:, :, side].ravel() for side in (0, -1)]
    )
    if np.median(edges) <= 127:
        return parts, ()
    return [255 - part for part in parts], ("Dark ink on a light ground was inverted to light on dark.",)


# Labels


def as_labels(raw: np.ndarray, path: Path) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels uint8 [n], where 255 is UNLABELLED. raw: integers [n] of any type, or one-hot [n, k]. Raises DataError."""
    notes: tuple[str, ...] = ()
    if raw.ndim == 2 and _is_one_hot(raw):
        raw, notes = raw.argmax(1), (f"The labels were one-hot, of {raw.shape[1]} classes.",)
    elif raw.ndim == 2 and raw.shape[1] == 8 and "qmnist" in path.name.casefold():
        raw = raw[:, 0]  # QMNIST has eight columns, of which the first is the class
    if raw.ndim != 1:
        raise DataError(f"{path}: found shape {list(raw.shape)}, wanted [n]: one label per picture, or one-hot labels.")
    bad = raw[~np.isin(raw, [*range(MAX_CLASSES), UNLABELLED])]
    if bad.size:
        raise DataError(
            f"{path}: found the label {bad[0]:g}, wanted 0 to {MAX_CLASSES - 1}, or {UNLABELLED} for none. Number the classes from 0."
        )
    return raw.astype(np.uint8), notes


def _is_one_hot(raw: np.ndarray) -> bool:
    return raw.shape[1] > 1 and bool(np.isin(raw, (0, 1)).all()) and bool((raw.sum(1) == 1).all())


def sideways_warning(labels: Sequence[int]) -> tuple[str, ...]:
    """A warning when the labels look like EMNIST's, whose files contain transposed pictures, but the file names do not."""
    kind = {(1, 26): "letters", (0, 46): "balanced", (0, 61): "byclass"}.get(
        (min(labels, default=0), max(labels, default=0))
    )
    if not kind:
        return ()
    return (
        f"Labels {min(labels)} to {max(labels)} are those of EMNIST, whose files hold transposed pictures. If these lie on their side, name"
        f" the files as EMNIST does (emnist-{kind}-train-images-idx3-ubyte), to turn them upright and name their classes.",
    )
