"""A page to be drawn on with Matplotlib; rendering.py makes it a file. Loads Matplotlib, so import it when one is drawn.

Lengths are in units, from the top left corner: one is a pixel of a digit in a panel, a point in print, and `scale` screen
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
UNITS = 72  # an inch, as Matplotlib's points
ENLARGED = 4  # each pixel of a digit in a PDF, so that a reader which blurs small pictures blurs little


class Page:
    """form: png, svg or pdf. bare: without a ground."""

    def __init__(self, title: str, form: str = "png", dark: bool = False, bare: bool = False) -> None:
        self.title, self.form, self.dark = clean(title), form, dark
        self.colours = DARK if dark else LIGHT
        self.figure = Figure(facecolor="none" if bare else self.colours["paper"])
        self.room: Axes = self.figure.add_axes((0, 0, 1, 1))
        self.room.axis("off")
        self.room.set(xlim=(0, 1), ylim=(1, 0))

    def cut(self, width: float, height: float) -> None:
        """Say at last how large the page is."""
        self.figure.set_size_inches(width / UNITS, height / UNITS)
        self.room.set(xlim=(0, width), ylim=(height, 0))

    def words(self, words: str) -> str:
        """As they are drawn: a picture brings its letters along, an SVG leaves them to the reader's fonts."""
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
        """Two inks of one size over each other, both whole: the first is seen left of the divider, the second right of it, and
        offline.js moves what cuts it. at: 0 to 1."""
        high, wide = (length * scale for length in inks[0].shape)
        cut = x + round(inks[0].shape[1] * at) * scale
        stage = self.axes(x, y, wide, high)
        stage.set(gid="swipe", xlim=(x, x + wide), ylim=(y + high, y))
        stage.axis("off")
        self._frame(stage, x, y, wide, high)
        self._ink(stage, x, y, inks[0], scale)
        second = self._ink(stage, x, y, inks[1], scale)
        second.set_clip_on(True)  # by a path: to a box, Matplotlib would crop the picture itself
        second.set_clip_path(Path([(cut, y), (x + wide, y), (x + wide, y + high), (cut, y + high)]), stage.transData)
        for gid, colour, width in (
            ("divider-seam", "paper", 4),
            ("divider", "ink", 1.5),
        ):  # dark on light: seen on any ink
            ends = (y - 5, y + high + 5)
            stage.plot((cut, cut), ends, color=self.colours[colour], lw=width, clip_on=False, gid=gid, zorder=3)

    def _frame(self, axes: Axes, x: float, y: float, width: float, height: float) -> None:
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), width + 1, height + 1, lw=0, fc=self.colours["line"], clip_on=False)
        )

    def _ink(self, axes: Axes, x: float, y: float, ink: np.ndarray, scale: float) -> AxesImage:
        """In RGB, as a colour map would change some pixels by a level."""
        grey = ink if self.dark else 255 - ink
        grey = grey.repeat(ENLARGED, 0).repeat(ENLARGED, 1) if self.form == "pdf" else grey
        extent = (x, x + ink.shape[1] * scale, y + ink.shape[0] * scale, y)
        limits = {"xlim": axes.get_xlim(), "ylim": axes.get_ylim()}  # imshow would move them
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
        """With rounded corners."""
        edge, fill = self.colours[colour], self.colours["paper"]
        corners = "round,pad=0,rounding_size=3"
        self.room.add_patch(FancyBboxPatch((x, y), width, height, boxstyle=corners, ec=edge, fc=fill, lw=line))

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """A chart's own, at a place of the page."""
        return self.room.inset_axes((x, y, width, height), transform=self.room.transData)
