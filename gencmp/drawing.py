"""A drawing of few kinds of parts: raster.py writes it as PNG, svg.py as SVG, pdf.py as PDF; the same parts give the same bytes.

Lengths are in units: a digit's pixel in a panel is one unit wide. Colours are names of a palette.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """One line of words; y is its baseline. align: left, middle or right of x."""

    x: float
    y: float
    words: str
    size: float = 9
    colour: str = "ink"
    weight: int = 400
    align: str = "left"
    turned: bool = False  # by a quarter, to be read from below


@dataclass(frozen=True)
class Picture:
    """Ink uint8 [height, width], 0 to 255, one unit a pixel, or `scale`; framed by a hairline."""

    x: float
    y: float
    ink: np.ndarray
    scale: float = 1


@dataclass(frozen=True)
class Swipe:
    """Two inks of one size over each other: the first left of the knife, the second right of it. at: 0 to 1."""

    x: float
    y: float
    first: np.ndarray
    second: np.ndarray
    at: float
    scale: float = 1

    @property
    def size(self) -> Point:
        """Width and height, in units."""
        height, width = self.first.shape
        return width * self.scale, height * self.scale

    def still(self) -> list[Picture | Line]:
        """What is seen of it, where nothing moves: whole pixels of each, and the knife."""
        cut = round(self.first.shape[1] * self.at)
        ink = np.concatenate((self.first[:, :cut], self.second[:, cut:]), 1)
        return [Picture(self.x, self.y, ink, self.scale), *self.knife(self.x + cut * self.scale)]

    def knife(self, x: float) -> list[Line]:
        """Dark on a light seam, so that it is seen on any ink; it sticks out above and below."""
        ends = [(x, self.y - 5), (x, self.y + self.size[1] + 5)]
        return [Line(ends, "paper", 4), Line(ends, "ink", 1.5)]


@dataclass(frozen=True)
class Line:
    """Through all points; dashed only where it is straight; with an arrow's head at its end if asked for."""

    points: Sequence[Point]
    colour: str = "line"
    width: float = 0.75
    dashed: bool = False
    arrow: bool = False


@dataclass(frozen=True)
class Box:
    """An outline with rounded corners, filled with the paper's colour."""

    x: float
    y: float
    width: float
    height: float
    colour: str = "soft"
    line: float = 1


Part = Text | Picture | Swipe | Line | Box


@dataclass(frozen=True)
class Drawing:
    """Parts, back to front. title: for people who hear rather than see it."""

    width: float
    height: float
    parts: Sequence[Part]
    title: str = ""


def arrow_head(line: Line) -> list[Point]:
    """The three corners of the head at a line's end."""
    (x0, y0), (x, y) = line.points[-2:]
    length = float(np.hypot(x - x0, y - y0)) or 1.0
    dx, dy = (x - x0) / length, (y - y0) / length
    back, wide = 6.5, 2.8
    return [
        (x, y),
        (x - back * dx + wide * dy, y - back * dy - wide * dx),
        (x - back * dx - wide * dy, y - back * dy + wide * dx),
    ]
