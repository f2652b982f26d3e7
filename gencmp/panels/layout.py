"""The layout of a panel for a report: upright, from the title to the provenance. A slide is laid out in slide.py."""

from __future__ import annotations

from collections.abc import Sequence

from gencmp.data.classes import DIGITS, name_of
from gencmp.graphics.fonts import wide, wrapped
from gencmp.graphics.page import Page
from gencmp.graphics.words import clean
from gencmp.panels.arrange import ACROSS, SIDE, equal_heights, sheets
from gencmp.panels.columns import Column
from gencmp.panels.curves import Frame, loss_charts
from gencmp.panels.facts import unmeasured
from gencmp.panels.orders import DEEP, block_of
from gencmp.panels.panel import Panel
from gencmp.panels.provenance import figures_note, provenance, shown_figures

MARGIN, GAP = 22, 20
LABELS = 26  # width of the epoch labels left of an evolution's rows
SWIPE_SCALE = 2  # units per pixel
CHART = 150
KINDS = {"gan": "GAN", "vae": "VAE", "real": "Real"}
TITLE, CAPTION, HEAD, NAME, FIGURES, SMALL, FOOT = 15, 8, 10, 8, 7, 7, 6.5  # font sizes


def lay_out(panel: Panel, page: Page) -> None:
    """Title, caption, pictures with curves, and provenance, from top to bottom."""
    (_swiped if panel.view == "swipe" else _side_by_side)(panel, page)


def _side_by_side(panel: Panel, page: Page) -> None:
    """Columns of equal grids with their figures and curves."""
    found = sheets(panel)
    across = max(ACROSS * SIDE, *(sheet.shape[1] for sheet, _ in found))  # minimum width for text and curves
    across += LABELS if panel.view == "evolution" else 0
    width = 2 * MARGIN + len(found) * across + (len(found) - 1) * GAP
    y = _heading(panel, page, width) + 12
    below = y + max(sheet.shape[0] for sheet, _ in found)
    counted = below + 10 * len(count_lines(panel, 0)) + (4 if count_lines(panel, 0) else 0) + 13
    xs = [MARGIN + index * (across + GAP) for index in range(len(found))]
    for x, column, (ink, epochs) in zip(xs, panel.columns, found, strict=True):
        _head(page, column, x, y - 12, across)
        left = x + (LABELS if panel.view == "evolution" else 0)
        page.picture(left, y, ink)
        for row, epoch in enumerate(epochs):
            page.text(left - 6, y + row * SIDE + 17, str(epoch) if epoch else "", SMALL, "soft", align="right")
    for index, x in enumerate(xs):
        _counts(page, panel, index, x, below + 10)
    y = max(_figures(page, column, x, counted, across) for column, x in zip(panel.columns, xs, strict=True))
    ends = [column.record.folder.pictured()[-1] for column in panel.columns if column.record]
    for x, column in zip(xs, panel.columns, strict=True):
        if column.record:  # all over the same epochs; the dashed line marks the epoch of the pictures
            frame = Frame(x, y + 4, across, CHART)
            loss_charts(page, frame, column.record, max(ends), column.epoch)
    _footed(panel, page, width, y + (CHART + 8 if ends else 0))


def _swiped(panel: Panel, page: Page) -> None:
    """Two sheets on top of each other at SWIPE_SCALE, cut at the divider; without curves, as on the page."""
    (first, _), (second, _) = sheets(panel)
    inks = equal_heights(first, second)
    tall, across = (length * SWIPE_SCALE for length in inks[0].shape)
    across = max(across, SWIPE_SCALE * ACROSS * SIDE)
    half = (across - GAP) / 2
    y = _heading(panel, page, across + 2 * MARGIN)
    page.swipe(MARGIN, y + 14, inks, panel.at / 100, SWIPE_SCALE)
    bottoms = []
    for column, x in zip(panel.columns, (MARGIN, MARGIN + half + GAP), strict=True):
        _head(page, column, x, y, half)
        bottoms.append(_figures(page, column, x, y + tall + 30, half))
    _footed(panel, page, across + 2 * MARGIN, max(bottoms))


def _heading(panel: Panel, page: Page, width: float) -> float:
    """Draw title and caption; returns the y below them, as does every part of variable height."""
    y = MARGIN + 12
    for line in wrapped(page.words(panel.title), TITLE, width - 2 * MARGIN, True):
        page.text(MARGIN, y, line, TITLE, bold=True)
        y += 20
    return lines(page, [page.words(panel.caption)], MARGIN, y - 2, width - 2 * MARGIN, CAPTION, 13) + 16


def lines(
    page: Page, words: Sequence[str], x: float, y: float, width: float, size: float, high: float, colour: str = "soft"
) -> float:
    """Words in lines at most `width` wide and `high` apart; returns the y below them."""
    for line in (line for each in words for line in wrapped(each, size, width)):
        page.text(x, y, line, size, colour)
        y += high
    return y


def _head(page: Page, column: Column, x: float, y: float, across: float) -> None:
    """The kind of model, its name (shortened to fit) and, on the right, the epoch."""
    page.text(x, y + 4, KINDS[column.kind], HEAD, column.kind, bold=True)
    page.text(x + 32, y + 4, short(page.words(column.title), NAME, across - 32 - 50), NAME)
    page.text(x + across, y + 4, f"epoch {column.epoch}" if column.record else "", NAME, "soft", align="right")


def count_lines(panel: Panel, index: int) -> list[list[str]]:
    """Lines below the columns of classes: class names unless they are the ten digits, and how many pictures there are.

    "×4" is a count that nobody takes for a digit; where not all are shown, two lines say "10 of" and "13".
    """
    if panel.view != "grid" or panel.order != "digit":
        return []
    seen = panel.seen[index]
    names = [] if _are_ten_digits(panel) else [[name_of(seen.names, label) for label in seen.shown]]
    limit = DEEP * block_of(len(seen.shown))
    counts = [len(places) for places in seen.order(panel.order, 0)]
    first = [f"{limit} of" if count > limit else f"×{count}" for count in counts]
    second = [str(count) if count > limit else "" for count in counts]
    return [*names, first, second]


def _are_ten_digits(panel: Panel) -> bool:
    return panel.seen[0].shown == tuple(range(10)) and panel.columns[0].nouns == DIGITS


def _counts(page: Page, panel: Panel, index: int, x: float, y: float) -> None:
    room = SIDE * block_of(len(panel.seen[index].shown))
    for row, line in enumerate(count_lines(panel, index)):
        for place, words in enumerate(line):
            shown = short(page.words(words), SMALL, room - 2)
            page.text(x + (place + 0.5) * room, y + 10 * row, shown, SMALL, "soft", align="center")


def short(name: str, size: float, width: float, bold: bool = False) -> str:
    """The name, cut with an ellipsis to fit `width`."""
    whole = cut = clean(name)
    while cut and wide(cut if cut == whole else f"{cut}…", size, bold) > width:
        cut = cut[:-1]
    return whole if cut == whole else f"{cut}…"


def _figures(page: Page, column: Column, x: float, y: float, width: float) -> float:
    """The measures under the pictures, one a line, or a note that they are missing."""
    y = lines(page, shown_figures(column), x, y, width, FIGURES, 10.5, "ink")
    y = lines(page, [note] if (note := figures_note(column)) else [], x, y, width, FIGURES, 10.5)
    missing = [f"Not measured after epoch {column.epoch}"] if unmeasured(column) else []
    return lines(page, missing, x, y, width, FIGURES, 10.5)


def _footed(panel: Panel, page: Page, width: float, y: float) -> None:
    page.line([(MARGIN, y + 6), (width - MARGIN, y + 6)])
    sentences = [page.words(sentence) for sentence in provenance(panel.columns)]
    bottom = lines(page, sentences, MARGIN, y + 18, width - 2 * MARGIN, FOOT, 10)
    page.cut(width, round(bottom + MARGIN - 10))
