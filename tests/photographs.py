"""Photos of handwriting, drawn: a digit in ink on paper under some light, with the faults that phones and rooms add.

A photo is `paper * (1 - ink) + pen * ink`, times the light, plus noise, in the grey or colour levels of a screen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

WHITE, YELLOW, BOARD = (235, 233, 228), (240, 225, 120), (42, 58, 48)
BLACK, BLUE, RED, PENCIL, CHALK = (35, 35, 38), (45, 60, 150), (200, 50, 50), (165, 165, 168), (225, 225, 215)
Light = Callable[[np.ndarray, np.ndarray], np.ndarray]  # from x and y in [0, 1] to a factor


@dataclass(frozen=True)
class Scene:
    paper: tuple[int, int, int] = WHITE
    pen: tuple[int, int, int] = BLACK
    light: Light = lambda x, y: np.ones_like(x)
    noise: float = 2.0  # grey levels
    size: tuple[int, int] = (240, 320)
    share: float = 0.4  # of the photo's width, which the digit's 28 x 28 field takes
    table: tuple[float, float, float, float] | None = None  # left, top, right, bottom margins of a dark table
    lines: tuple[int, int, int] | None = None  # colour of ruled lines
    squares: bool = False  # lines both ways
    slope: float = 1 / 60  # of the lines: a sheet never lies quite straight
    quality: int = 0  # of JPEG; 0 keeps every bit
    thicken: int = 0  # pixels of the photo by which the stroke grows (below zero: shrinks) on every side
    specks: int = 0


SCENES = {
    "bright": Scene(light=lambda x, y: 1.0 - 0.06 * y),
    "dark": Scene(light=lambda x, y: 0.47 - 0.06 * y, noise=3),
    "dim": Scene(light=lambda x, y: 0.6 - 0.1 * y, noise=3),
    "indoor": Scene(paper=(220, 205, 180), light=lambda x, y: 0.95 - 0.15 * x),
    "gradient": Scene(light=lambda x, y: 1 - 0.65 * (0.6 * x + 0.4 * y)),
    "hard shadow": Scene(light=lambda x, y: np.where(x + 0.8 * y > 0.9, 0.5, 1.0)),
    "soft shadow": Scene(light=lambda x, y: 0.45 + 0.55 / (1 + np.exp((x + y - 1) * 18))),
    "shadow band": Scene(light=lambda x, y: np.where(abs(x - y - 0.05) < 0.13, 0.55, 1.0)),
    "vignette": Scene(light=lambda x, y: 1 - 1.3 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)),
    "lamp": Scene(light=lambda x, y: 0.3 + 0.75 * np.exp(-((x - 0.8) ** 2 + (y - 0.2) ** 2) * 4)),
    "noisy": Scene(noise=14, light=lambda x, y: 0.6 - 0.1 * x),
    "bad jpeg": Scene(quality=15, light=lambda x, y: 0.9 - 0.2 * y),
    "white scan": Scene(paper=(252, 252, 252), noise=1, quality=80),
    "pencil": Scene(pen=PENCIL, light=lambda x, y: 0.95 - 0.3 * x),
    "faint pencil": Scene(pen=(200, 200, 200), light=lambda x, y: 0.95 - 0.1 * x, noise=3),
    "blue on yellow": Scene(paper=YELLOW, pen=BLUE, light=lambda x, y: 1 - 0.3 * y, quality=70),
    "red pen": Scene(pen=RED, light=lambda x, y: 0.9 - 0.2 * x),
    "light blue pencil": Scene(pen=(150, 195, 235), light=lambda x, y: 0.95 - 0.2 * x),
    "marker": Scene(thicken=3, share=0.7, light=lambda x, y: 0.9 - 0.3 * y),
    "thin pen": Scene(thicken=-2, size=(480, 640), share=0.35, light=lambda x, y: 0.8 - 0.2 * y),
    "chalk": Scene(paper=BOARD, pen=CHALK, light=lambda x, y: 1 - 0.5 * x, noise=4),
    "lit chalk": Scene(paper=BOARD, pen=CHALK, light=lambda x, y: 1.6 - 1.3 * y, noise=3),
    "table": Scene(table=(0.15, 0.2, 0.12, 0.18), light=lambda x, y: 0.9 - 0.2 * x),
    "table corner": Scene(table=(0.2, 0.12, -1, -1), light=lambda x, y: 0.9 - 0.2 * y),
    "note on a table": Scene(table=(0.25, 0.3, 0.25, 0.3), share=0.35, paper=YELLOW, light=lambda x, y: 0.8 + 0.1 * x),
    "ruled": Scene(lines=(150, 175, 215), light=lambda x, y: 0.95 - 0.2 * x),
    "dark ruled": Scene(lines=(110, 110, 130), pen=(25, 25, 30), share=0.6, size=(480, 640)),
    "squared": Scene(lines=(170, 190, 225), squares=True, light=lambda x, y: 0.95 - 0.2 * x, size=(480, 640)),
    "turned lines": Scene(lines=(140, 150, 170), slope=0.05, share=0.6, size=(480, 640)),
    "marker on yellow": Scene(paper=YELLOW, pen=(60, 140, 70), share=0.6, light=lambda x, y: 0.9 - 0.2 * y),
    "yellow pen": Scene(pen=(245, 220, 70), light=lambda x, y: 0.98 - 0.15 * y),
    "glare": Scene(
        paper=(200, 198, 190), light=lambda x, y: 0.8 + 0.6 * np.exp(-((x - 0.35) ** 2 + (y - 0.4) ** 2) * 30)
    ),
    "specks": Scene(specks=30, light=lambda x, y: 0.9 - 0.1 * x),
    "small": Scene(size=(768, 1024), share=0.12, light=lambda x, y: 0.9 - 0.3 * y, quality=85),
    "large": Scene(share=1.0, size=(200, 210), light=lambda x, y: 0.9 - 0.3 * y),
    "tiny photo": Scene(size=(48, 64), share=0.6, light=lambda x, y: 0.7 - 0.2 * x),
}


def photograph(ink: np.ndarray, scene: Scene, seed: int = 0) -> Image.Image:
    """A photo of this digit: uint8 [28, 28] with light ink, as MNIST has them, somewhere near the photo's middle."""
    rng = np.random.default_rng(seed)
    width, height = scene.size
    y, x = np.mgrid[0:height, 0:width]
    x, y = x / (width - 1), y / (height - 1)
    ground = np.ones((height, width, 3)) * scene.paper
    if scene.lines:
        ground[_lines(width, height, scene.slope)] = scene.lines
        if scene.squares:
            ground[_lines(height, width, scene.slope).T] = scene.lines
    cover = _cover(ink, scene, rng)[..., None]
    photo = ground * (1 - cover) + np.array(scene.pen) * cover
    for _ in range(scene.specks):
        row, column = rng.integers(0, height - 2), rng.integers(0, width - 2)
        photo[row : row + 2, column : column + 2] *= 0.4
    if scene.table:
        photo[_table(x, y, scene.table)] = (78, 60, 45)
    photo = photo * scene.light(x, y)[..., None] + rng.normal(0, scene.noise, (height, width, 1))
    return Image.fromarray(photo.clip(0, 255).round().astype(np.uint8))


def _cover(ink: np.ndarray, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """How much of each pixel the pen covers, in [0, 1]."""
    width, height = scene.size
    side = min(round(width * scene.share), height)
    field = Image.fromarray(ink).resize((side, side), Image.Resampling.BICUBIC)
    cover = np.zeros((height, width))
    spare = np.array([height - side, width - side])
    top, left = (spare * rng.uniform(0.42, 0.58, 2)).round().astype(int)
    cover[top : top + side, left : left + side] = np.asarray(field) / 255.0
    for _ in range(abs(scene.thicken)):
        pick = np.maximum if scene.thicken > 0 else np.minimum
        for axis in (0, 1):
            cover = pick.reduce([np.roll(cover, step, axis) for step in (-1, 0, 1)])
    return cover


def _lines(width: int, height: int, slope: float) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    lines: np.ndarray = (rows + columns * slope) % (min(width, height) / 5) < max(1, height // 300)
    return lines


def _table(x: np.ndarray, y: np.ndarray, margins: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = margins
    slant = 0.05  # the sheet is turned a little
    return (
        (x + slant * y < left + slant / 2)
        | (y - slant * x < top - slant / 2)
        | (x + slant * y > 1 - right + slant / 2)
        | (y - slant * x > 1 - bottom - slant / 2)
    )


def printed(text: str, size: int = 100) -> np.ndarray:
    """The text in Pillow's own font as light ink, uint8 [28, 28], in MNIST's place and size."""
    sheet = Image.new("L", (2 * size * len(text), 2 * size))
    ImageDraw.Draw(sheet).text((size // 2, size // 4), text, fill=255, font=ImageFont.load_default(size))
    glyph = sheet.crop(sheet.getbbox())
    glyph.thumbnail((20, 20), Image.Resampling.BOX)
    field = Image.new("L", (28, 28))
    field.paste(glyph, ((28 - glyph.width) // 2, (28 - glyph.height) // 2))
    return np.asarray(field)
