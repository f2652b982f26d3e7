"""The layout of a panel as a slide of 16 by 9: large pictures and few words, each readable from the last row.

Pictures keep whole pixels, so a slide's size follows from them, and sizes of words are shares of it: a word of 14 points on
a slide of 13.33 by 7.5 inches stays 14 points when the file is put on such a slide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gencmp.graphics.fonts import wide, wrapped
from gencmp.graphics.page import Page
from gencmp.panels.arrange import SIDE, equal_heights, sheets
from gencmp.panels.columns import Column
from gencmp.panels.curves import Frame, loss_charts
from gencmp.panels.layout import KINDS, count_lines, lines, short
from gencmp.panels.orders import block_of
from gencmp.panels.panel import Panel
from gencmp.panels.provenance import shown_figures, slide_source

WIDTH, HEIGHT = 960, 540  # points of the usual slide; all measures below are such points
MARGIN, GAP = 36, 26
TITLE, HEAD, TEXT, SMALL = 30, 19, 15, 12  # font sizes
TOP, BOTTOM = 104, 136  # above the pictures: title and heads; below: figures and source
CURVES = 262  # width of the curves' column
LABELS = 34  # of an evolution's epochs
COUNTS = 30  # height of the counts below the columns of classes
LEAST = 11  # font size below which words are rather broken or cut
FOOT = 52  # height of the source
STEP = 16  # a slide is a multiple of 16 by 9 units


@dataclass(frozen=True)
class Slide:
    """A page on which a point of the usual slide is `unit` units of the page."""

    page: Page
    unit: float

    def text(
        self, x: float, y: float, words: str, size: float, colour: str = "ink", bold: bool = False, align: str = "left"
    ) -> None:
        """In points; see Page.text."""
        self.page.text(x * self.unit, y * self.unit, words, size * self.unit, colour, bold, align)

    def lines(self, words: Sequence[str], x: float, y: float, width: float, size: float, colour: str = "soft") -> float:
        """Words in lines from y down, in points; returns the y below them."""
        below = lines(
            self.page, words, x * self.unit, y * self.unit, width * self.unit, size * self.unit, 1.3 * size * self.unit, colour
        )  # fmt: skip
        return below / self.unit

    def picture(self, x: float, y: float, ink: np.ndarray) -> None:
        """At whole units."""
        self.page.picture(round(x * self.unit), round(y * self.unit), ink)


def lay_out_slide(panel: Panel, page: Page) -> None:
    """Title, heads, pictures, curves if there is room, figures and source."""
    found = sheets(panel)
    if panel.view == "swipe":
        _swiped(panel, page, found)
        return
    wide_sheet, high = max(ink.shape[1] for ink, _ in found), max(ink.shape[0] for ink, _ in found)
    has_curves = len(found) < 3 and any(column.record for column in panel.columns)
    room = WIDTH - 2 * MARGIN - (len(found) - 1) * GAP - (CURVES + GAP if has_curves else 0)
    labels = LABELS if panel.view == "evolution" else 0
    counted = COUNTS if count_lines(panel, 0) else 0
    slide = Slide(page, _unit(wide_sheet / (room / len(found) - labels), high / (HEIGHT - TOP - BOTTOM - counted)))
    across = wide_sheet / slide.unit + labels
    told = _size_of_figures(panel, slide, across)
    _title(panel, slide)
    for index, (column, (ink, epochs)) in enumerate(zip(panel.columns, found, strict=True)):
        x = MARGIN + index * (across + GAP)
        _head(slide, column, x, TOP - 10, across)
        slide.picture(x + labels, TOP, ink)
        for row, epoch in enumerate(epochs):
            y = TOP + (row + 0.62) * SIDE / slide.unit
            slide.text(x + labels - 8, y, str(epoch) if epoch else "", SMALL, "soft", align="right")
        _counts(slide, panel, index, x, TOP + high / slide.unit + SMALL + 3)
        _figures(slide, column, x, TOP + high / slide.unit + counted + TEXT + 8, across, told)
    if has_curves:
        _curves(slide, panel, len(found) * (across + GAP) + MARGIN)
    _finish(panel, slide)


def _unit(*needed: float) -> float:
    """Units of the page per point, so that every part fits and the slide has whole units."""
    return math.ceil(max(needed) * WIDTH / STEP) * STEP / WIDTH


def _swiped(panel: Panel, page: Page, found: Sequence[tuple[np.ndarray, list[int]]]) -> None:
    """The two overlaid sheets in the middle, each model's words at its side."""
    inks = equal_heights(found[0][0], found[1][0])
    high, across = inks[0].shape
    beside = 210
    slide = Slide(page, _unit(across / (WIDTH - 2 * (MARGIN + beside + GAP)), high / (HEIGHT - TOP - 70)))
    left = round((WIDTH * slide.unit - across) / 2)
    page.swipe(left, round(TOP * slide.unit), inks, panel.at / 100, 1)
    room = left / slide.unit - MARGIN - GAP
    for column, x in zip(panel.columns, (MARGIN, (left + across) / slide.unit + GAP), strict=True):
        _head(slide, column, x, TOP + 16, room)
        _figures(slide, column, x, TOP + 48, room, _size_of_figures(panel, slide, room))
    _title(panel, slide)
    _finish(panel, slide)


def _title(panel: Panel, slide: Slide) -> None:
    """In one line, smaller if it is long."""
    words = slide.page.words(panel.title)
    size = _fitting([words], WIDTH - 2 * MARGIN, TITLE, bold=True)
    slide.text(MARGIN, 54, short(words, size, WIDTH - 2 * MARGIN, bold=True), size, bold=True)


def _fitting(words: Sequence[str], across: float, size: float, bold: bool = False) -> float:
    """The font size at which all words fit, at most `size` and at least LEAST."""
    widest = max((wide(each, size, bold) for each in words), default=0)
    return max(LEAST, size * min(1, across / widest)) if widest else size


def _head(slide: Slide, column: Column, x: float, y: float, across: float) -> None:
    kind = KINDS[column.kind]
    slide.text(x, y, kind, HEAD, column.kind, bold=True)
    start = wide(kind, HEAD, True) + 10
    name, epoch = slide.page.words(column.title), f"epoch {column.epoch}" if column.record else ""
    size = _fitting([f"{name}  {epoch}"], across - start, TEXT)
    slide.text(x + start, y, short(name, size, across - start - wide(f"  {epoch}", size)), size)
    slide.text(x + across, y, epoch, size, "soft", align="right")


def _counts(slide: Slide, panel: Panel, index: int, x: float, y: float) -> None:
    room = SIDE * block_of(len(panel.seen[index].shown)) / slide.unit
    size = min(SMALL, room / 3)  # "10 of" must fit
    for row, line in enumerate(count_lines(panel, index)):
        for place, words in enumerate(line):
            shown = short(slide.page.words(words), size, room)
            slide.text(x + (place + 0.5) * room, y + 1.15 * size * row, shown, size, "soft", align="center")


def _size_of_figures(panel: Panel, slide: Slide, across: float) -> float:
    """The same for all columns, as they are compared."""
    return _fitting(
        [slide.page.words(each) for column in panel.columns for each in shown_figures(column)], across, TEXT
    )


def _figures(slide: Slide, column: Column, x: float, y: float, across: float, size: float) -> None:
    """As many figures as there is room for, each whole."""
    for each in map(slide.page.words, shown_figures(column)):
        needed = 1.3 * size * len(wrapped(each, size, across + 1))
        if y + needed > HEIGHT - FOOT + size:
            return
        y = slide.lines([each], x, y, across + 1, size, "ink")


def _curves(slide: Slide, panel: Panel, x: float) -> None:
    """The charts of all models one under another, beside the pictures and down to the source."""
    shown = [(column.record, column.epoch) for column in panel.columns if column.record]
    end = max(record.folder.pictured()[-1] for record, _ in shown)
    parts = [1 if record.run.kind == "gan" else 1.6 for record, _ in shown]  # a VAE has two charts
    y, room = TOP - 26.0, HEIGHT - TOP - FOOT + 26
    for (record, epoch), part in zip(shown, parts, strict=True):
        high = room * part / sum(parts)
        area = (x * slide.unit, y * slide.unit, (WIDTH - MARGIN - x) * slide.unit, (high - 6) * slide.unit)
        loss_charts(slide.page, Frame(*area), record, end, epoch, size=SMALL * slide.unit)
        y += high


def _finish(panel: Panel, slide: Slide) -> None:
    words = slide.page.words(slide_source(panel.columns))
    size = _fitting([words], WIDTH - 2 * MARGIN, SMALL)
    slide.text(MARGIN, HEIGHT - 20, short(words, size, WIDTH - 2 * MARGIN), size, "soft")
    slide.page.cut(WIDTH * slide.unit, HEIGHT * slide.unit)
