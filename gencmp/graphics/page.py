"""A page to draw on with Matplotlib; rendering.py turns it into a file. Loads Matplotlib, so import it only when needed.

Lengths are in units, from the top left corner: a unit is a pixel of a digit in a panel, a point in print, and `scale`
pixels of a PNG. Colours are names of the palette.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from matplotlib.path import Path

from gencmp.graphics.colours import DARK, LIGHT
from gencmp.graphics.fonts import drawable, font
from gencmp.graphics.words import clean

Point = tuple[float, float]
UNITS = 72  # per inch, like Matplotlib's points
ENLARGED = 4  # times, for the pixels of a digit in a PDF, as some PDF readers blur small pictures


class Page:
    """form: png, svg or pdf. bare: without a background."""

    def __init__(self, title: str, form: str = "png", dark: bool = False, bare: bool = False) -> None:
        self.title, self.form, self.dark = clean(title), form, dark
        self.colours = DARK if dark else LIGHT
        self.figure = Figure(facecolor="none" if bare else self.colours["paper"])
        self.room: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.room.axis("off")
        self.room.set(xlim=(0, 1), ylim=(1, 0))

    def cut(self, width: float, height: float) -> None:
        """Set the page's size, which is known only after drawing."""
        self.figure.set_size_inches(width / UNITS, height / UNITS)
        self.room.set(xlim=(0, width), ylim=(height, 0))

    def words(self, words: str) -> str:
        """The words as they will be drawn: PNG and PDF are limited to this machine's fonts, an SVG uses the reader's."""
        return clean(words) if self.form == "svg" else drawable(words)

    def text(
        self, x: float, y: float, words: str, size: float, colour: str = "ink", bold: bool = False, align: str = "left"
    ) -> None:
        """One line; y is its baseline."""
        shown = self.words(words)
        self.room.text(
            x, y, shown, font=font(shown, size, bold), color=self.colours[colour], ha=align, parse_math=False
        )

    def picture(self, x: float, y: float, ink: np.ndarray, scale: float = 1) -> None:
        """Ink uint8 [height, width], 0 to 255, `scale` units a pixel; framed by a hairline."""
        self._frame(self.room, x, y, ink.shape[1] * scale, ink.shape[0] * scale)
        self._ink(self.room, x, y, ink, scale)

    def swipe(self, x: float, y: float, inks: Sequence[np.ndarray], at: float, scale: float) -> None:
        """Two pictures of the same size on top of each other: the first is visible left of a divider, the second right of it.
        offline.js moves the divider. at: its position, 0 to 1."""
        high, wide = (length * scale for length in inks[0].shape)
        cut = x + round(inks[0].shape[1] * at) * scale
        stage = self.axes(x, y, wide, high)
        stage.set(gid="swipe", xlim=(x, x + wide), ylim=(y + high, y))
        stage.axis("off")
        self._frame(stage, x, y, wide, high)
        self._ink(stage, x, y, inks[0], scale)
        second = self._ink(stage, x, y, inks[1], scale)
        second.set_clip_on(True)  # clipped by a path, because with a box Matplotlib would crop the picture itself
        second.set_clip_path(Path([(cut, y), (x + wide, y), (x + wide, y + high), (cut, y + high)]), stage.transData)
        for gid, colour, width in (
            ("divider-seam", "paper", 4),
            ("divider", "ink", 1.5),
        ):  # dark on light: visible on any picture
            ends = (y - 5, y + high + 5)
            stage.plot((cut, cut), ends, color=self.colours[colour], lw=width, clip_on=False, gid=gid, zorder=3)

    def _frame(self, axes: Axes, x: float, y: float, width: float, height: float) -> None:
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), width + 1, height + 1, lw=0, fc=self.colours["line"], clip_on=False)
        )

    def _ink(self, axes: Axes, x: float, y: float, ink: np.ndarray, scale: float) -> AxesImage:
        """Draw in RGB, as a colour map would change some pixels by one level."""
        grey = ink if self.dark else 255 - ink
        grey = grey.repeat(ENLARGED, 0).repeat(ENLARGED, 1) if self.form == "pdf" else grey
        extent = (x, x + ink.shape[1] * scale, y + ink.shape[0] * scale, y)
        limits = {"xlim": axes.get_xlim(), "ylim": axes.get_ylim()}  # imshow would change them
        drawn = axes.imshow(grey[..., None].repeat(3, 2), extent=extent, interpolation="none", aspect="auto", zorder=2)
        axes.set(**limits)
        drawn.set_clip_on(False)
        return drawn

    def line(self, points: Sequence[Point], colour: str = "line", width: float = 0.5) -> None:
        self.room.plot(*zip(*points, strict=True), color=self.colours[colour], lw=width)

    def arrow(self, points: Sequence[Point], colour: str = "soft") -> None:
        """Through all points, with a head at the last."""
        head = "-|>,head_length=6.5,head_width=2.8"
        self.room.add_patch(
            FancyArrowPatch(path=Path(points), arrowstyle=head, mutation_scale=1, color=self.colours[colour], lw=1)
        )

    def box(self, x: float, y: float, width: float, height: float, colour: str = "soft", line: float = 1) -> None:
        """A box with rounded corners."""
        edge, fill = self.colours[colour], self.colours["paper"]
        corners = "round,pad=0,rounding_size=3"
        self.room.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=corners, ec=edge, fc=fill, lw=line))

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """New axes for a chart, at this place on the page."""
        return self.room.inset_axes((x, y, width, height), transform=self.room.transData)
