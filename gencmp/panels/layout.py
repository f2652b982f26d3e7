"""How a panel is laid out: the parts of its drawing, from the title to where everything comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gencmp.charts import WORDS
from gencmp.classes import DIGITS, name_of
from gencmp.drawing import Drawing, Line, Part, Picture, Swipe, Text
from gencmp.graphics.sheets import grid
from gencmp.letters import clean, wide, wrapped
from gencmp.panels.columns import Column, evolution
from gencmp.panels.facts import unmeasured
from gencmp.panels.orders import DEEP, Critic, Looks, block_of
from gencmp.panels.provenance import provenance, shown_figures
from gencmp.plots import Axes, Curve, Frame, chart
from gencmp.shelf import Record

SIDE = 28
ACROSS = 8  # pictures in a row, when not ordered by class
MARGIN, GAP = 22, 20
LABELS = 26  # left of an evolution's rows
SWIPED = 2  # units a pixel
CHART = 122
LOSSES = {"gan": ("discriminator_loss", "generator_loss"), "vae": ("reconstruction", "kl")}
UNITS = {"gan": "Loss (nats)", "vae": "Nats per image"}


@dataclass(frozen=True)
class Panel:
    """What is shown: columns with what is known of their pictures, in an order, as an evolution or as a swipe of two."""

    columns: tuple[Column, ...]
    seen: tuple[Looks, ...]
    critic: Critic | None
    order: str
    view: str
    at: float  # per cent: where a swipe's knife is
    title: str = ""
    caption: str = ""


def draw(panel: Panel) -> Drawing:
    """Title, caption, pictures with their curves, provenance, from top to bottom."""
    return _swiped(panel) if panel.view == "swipe" else _side_by_side(panel)


def _side_by_side(panel: Panel) -> Drawing:
    """Columns with equal grids, figures, curves."""
    sheets = _sheets(panel)
    across = max(ACROSS * SIDE, *(sheet.shape[1] for sheet, _ in sheets))  # words and curves need some room
    across += LABELS if panel.view == "evolution" else 0
    width = 2 * MARGIN + len(sheets) * across + (len(sheets) - 1) * GAP
    parts, y = _heading(panel, width)
    tall = max(sheet.shape[0] for sheet, _ in sheets)
    by_class = panel.order == "digit" and panel.view == "grid"
    below = y + 12 + tall + (14 if by_class else 0) + (10 if by_class and _named(panel) else 0)
    bottoms = []
    for index, (column, sheet) in enumerate(zip(panel.columns, sheets, strict=True)):
        x = MARGIN + index * (across + GAP)
        parts += [*_head(column, x, y, across), *_pictures(*sheet, x, y + 12, panel.view)]
        parts += _counts(panel, index, x, y + 12 + tall + 10)
        figures_, bottom = _figures(column, x, below + 13, across)
        parts += figures_
        bottoms.append(bottom)
    y = max(bottoms)
    ends = [column.record.folder.pictured()[-1] for column in panel.columns if column.record]
    for index, column in enumerate(panel.columns):
        parts += _curves(column, Frame(MARGIN + index * (across + GAP), y + 4, across, CHART), max(ends, default=0))
    return _footed(panel, parts, width, y + (CHART + 8 if ends else 0))


def _swiped(panel: Panel) -> Drawing:
    """Two sheets over each other, twice as large, with the knife where it is; no curves, as on the page."""
    (first, _), (second, _) = _sheets(panel)
    swipe = Swipe(MARGIN, 0, *_alike(first, second), panel.at / 100, SWIPED)
    tall, across = swipe.size[1], max(swipe.size[0], SWIPED * ACROSS * SIDE)
    half = (across - GAP) / 2
    parts, y = _heading(panel, across + 2 * MARGIN)
    parts.append(replace(swipe, y=y + 14))
    bottoms = []
    for column, x in zip(panel.columns, (MARGIN, MARGIN + half + GAP), strict=True):
        figures_, bottom = _figures(column, x, y + tall + 30, half)
        parts += [*_head(column, x, y, half), *figures_]
        bottoms.append(bottom)
    return _footed(panel, parts, across + 2 * MARGIN, max(bottoms))


def _alike(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both as high as the higher one."""
    tall = max(len(first), len(second))
    a, b = (np.pad(sheet, ((0, tall - len(sheet)), (0, 0))) for sheet in (first, second))
    return a, b


def _heading(panel: Panel, width: float) -> tuple[list[Part], float]:
    y = MARGIN + 12.0
    parts: list[Part] = []
    for line in wrapped(panel.title, 17, width - 2 * MARGIN, 650):
        parts.append(Text(MARGIN, y, line, 17, weight=650))
        y += 20
    for line in wrapped(panel.caption, 9.5, width - 2 * MARGIN):
        parts.append(Text(MARGIN, y - 2, line, 9.5, "soft"))
        y += 13
    return parts, y + 14


def _sheets(panel: Panel) -> list[tuple[np.ndarray, list[int]]]:
    """Ink uint8 of equal size for each column, and the epochs of its rows (evolution only)."""
    if panel.view == "evolution":
        rows = [evolution(column) for column in panel.columns]
        sheets = [np.concatenate([images for _, images in row]) for row in rows]
        return [(grid(sheet, ACROSS), [epoch for epoch, _ in row]) for sheet, row in zip(sheets, rows, strict=True)]
    orders = [seen.order(panel.order, len(c.images)) for c, seen in zip(panel.columns, panel.seen, strict=True)]
    if panel.order == "digit":
        most = max(len(places) for order in orders for places in order)
        tall = min(DEEP, -(-most // block_of(len(orders[0]))))
        return [(_by_class(c.images, order, tall), []) for c, order in zip(panel.columns, orders, strict=True)]
    return [(grid(c.images[order[0]], ACROSS), []) for c, order in zip(panel.columns, orders, strict=True)]


def _by_class(images: np.ndarray, order: Sequence[Sequence[int]], tall: int) -> np.ndarray:
    """A block of pictures for each class, from left to right."""
    block = block_of(len(order))
    sheet = np.zeros((tall, SIDE, len(order) * block, SIDE), np.uint8)
    for column, places in enumerate(order):
        for i, place in enumerate(places[: tall * block]):
            sheet[i // block, :, column * block + i % block] = images[place]
    return sheet.reshape(tall * SIDE, -1)


def _named(panel: Panel) -> bool:
    """Whether the columns of classes need names: ten from 0 to 9 speak for themselves."""
    return panel.seen[0].shown != tuple(range(10)) or panel.columns[0].nouns != DIGITS


def _head(column: Column, x: float, y: float, across: float) -> list[Part]:
    """Which model it is, its name, shortened where it must be, and the epoch at the right."""
    kind = {"gan": "GAN", "vae": "VAE", "real": "Real"}[column.kind]
    epoch = f"epoch {column.epoch}" if column.record else ""
    name = wrapped(column.title, 9, across - 30 - 50)
    title = name[0] + (" …" if len(name) > 1 else "") if name else ""
    return [
        Text(x, y + 4, kind, 11, column.kind, 650),
        Text(x + 30, y + 4, title, 9),
        Text(x + across, y + 4, epoch, 9, "soft", align="right"),
    ]


def _pictures(ink: np.ndarray, epochs: Sequence[int], x: float, y: float, view: str) -> list[Part]:
    """A sheet, in an evolution with the epoch of each row before it."""
    left = x + (LABELS if view == "evolution" else 0)
    labels = [
        Text(left - 6, y + row * SIDE + 17, str(epoch), 8, "soft", align="right")
        for row, epoch in enumerate(epochs)
        if epoch
    ]
    return [Picture(left, y, ink), *labels]


def _counts(panel: Panel, index: int, x: float, y: float) -> list[Part]:
    """Below the columns of classes: how many pictures of each there are, and where it is not plain the classes' names."""
    if panel.view != "grid" or panel.order != "digit":
        return []
    seen = panel.seen[index]
    room = SIDE * block_of(len(seen.shown))
    rows = [[str(len(places)) for places in seen.order(panel.order, 0)]]
    if _named(panel):
        rows.insert(0, [_short(name_of(seen.names, label), room - 2) for label in seen.shown])
    return [
        Text(x + (column + 0.5) * room, y + 10 * row, words, 8, "soft", align="middle")
        for row, line in enumerate(rows)
        for column, words in enumerate(line)
    ]


def _short(name: str, width: float) -> str:
    """As much of a name as there is room for."""
    whole = cut = clean(name)
    while cut and wide(cut if cut == whole else f"{cut}…", 8) > width:
        cut = cut[:-1]
    return whole if cut == whole else f"{cut}…"


def _figures(column: Column, x: float, y: float, width: float) -> tuple[list[Part], float]:
    """A line each, under the pictures; what is missing is said, not left out."""
    parts: list[Part] = []
    told = [(words, "ink") for words in shown_figures(column)]
    if unmeasured(column):
        told.append((f"Not measured by the judge after epoch {column.epoch}", "soft"))
    for words, colour in told:
        for line in wrapped(words, 8, width):
            parts.append(Text(x, y, line, 8, colour))
            y += 10.5
    return parts, y


def _curves(column: Column, frame: Frame, end: int) -> list[Part]:
    """The losses, epoch means, over the epochs of all columns; a dashed line where the pictures are from."""
    if column.record is None:
        return []
    return chart(frame, loss_curves(column.record), Axes("Epoch", UNITS[column.kind], end, column.epoch))


def loss_curves(record: Record, last: bool = False) -> list[Curve]:
    """By epoch: the mean over its minibatches, or its last minibatch alone, as the paper's chart shows."""
    rows, kind = record.epochs(), record.run.kind
    xs = [row.epoch for row in rows]
    found = [(name, [(row.last if last else row.measures).get(name) for row in rows]) for name in LOSSES[kind]]
    return [Curve(WORDS[name], tone, xs, ys) for (name, ys), tone in zip(found, (kind, f"{kind}2"), strict=True)]


def _footed(panel: Panel, parts: list[Part], width: float, y: float) -> Drawing:
    parts = [*parts, Line([(MARGIN, y + 6), (width - MARGIN, y + 6)], "line", 0.5)]
    y += 18
    for sentence in provenance(panel.columns):
        for line in wrapped(sentence, 7.5, width - 2 * MARGIN):
            parts.append(Text(MARGIN, y, line, 7.5, "soft"))
            y += 10
    return Drawing(width, round(y + MARGIN - 10), parts, panel.title)
