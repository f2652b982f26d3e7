"""Pictures and files drawn for the tests of a user's own data."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
APPLE_DOUBLE = bytes.fromhex("0005160700020000") + b"Mac OS X        " + bytes(180)


def stroke(width: Any, height: Any, ink: Any = 255, ground: Any = 0, mode: str = "L") -> Any:
    """A thick vertical stroke, off the centre."""
    picture = Image.new(mode, (width, height), ground)
    picture.paste(ink, (width // 8, height // 8, width // 8 + max(1, width // 10), height * 3 // 4))
    return picture


def cross(number: int, size: int = 40) -> Image.Image:
    """Dark on white: two bars whose place and thickness tell the number, so that no two of a hundred are alike."""
    picture = Image.new("L", (size, size), 255)
    across, down, wide = 4 + number % 10 * 2, 4 + number // 10 * 2, 3 + number % 3
    picture.paste(0, (across, 4, across + wide, size - 6))
    picture.paste(0, (4, down, size - 8, down + wide))
    return picture


def draw_classes(folder: Path, names: Iterable[str], each: int = 2, ending: str = "png", first: int = 0) -> None:
    """Some pictures in a folder for each class, no two of them alike."""
    for place, name in enumerate(names):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for n in range(each):
            cross(first + place * each + n).convert("L" if ending != "jpg" else "RGB").save(
                folder / name / f"{n}.{ending}"
            )


def idx_file(values: np.ndarray, kind: int = 8) -> bytes:
    """An IDX file of this type of number."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, kind, values.ndim)) + sizes + values.astype(TYPES[kind]).tobytes()


def gzipped(content: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        content = gzip.compress(content, mtime=0)
    return content


def draw_flat(folder: Path, numbers: Iterable[int]) -> None:
    """A picture for each number, without labels."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        cross(number).save(folder / f"{number}.png")
