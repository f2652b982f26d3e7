"""A panel for a slide or a report: columns of pictures, their curves, a title, a caption, and where all of it comes from.

The same columns, order and words give the same bytes, whether the page or the command line asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gencmp.charts import WORDS
from gencmp.compare import (
    DEEP,
    ORDERS,
    VIEWS,
    Column,
    CompareError,
    Critic,
    Looks,
    columns_of,
    critic_of,
    differences,
    evolution,
    figures,
    look,
)
from gencmp.drawing import Drawing, Line, Part, Picture, Text, as_png, as_svg
from gencmp.letters import wrapped
from gencmp.offline import as_html
from gencmp.pdf import as_pdf
from gencmp.pictures import grid
from gencmp.plots import Curve, Frame, chart
from gencmp.shelf import Record, Shelf
from gencmp.sources import as_csv, provenance, shown_figures
from gencmp.version import VERSION

TITLE = "GAN and VAE, side by side"
FORMS = {
    "png": "image/png", "print.png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf",
    "html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json",
}  # fmt: skip
WORDS_AT_MOST = 400  # letters of a title or caption
SIDE = 28
ACROSS = 8  # pictures in a row, when not ordered by digit
MARGIN, GAP = 22, 20
CHART = 122
LOSSES = {"gan": ("discriminator_loss", "generator_loss"), "vae": ("reconstruction", "kl")}
UNITS = {"gan": "Loss (nats)", "vae": "Nats per image"}


@dataclass(frozen=True)
class Panel:
    """What is shown: columns with what is known of their pictures, in an order or as an evolution."""

    columns: tuple[Column, ...]
    seen: tuple[Looks, ...]
    critic: Critic | None
    order: str
    view: str
    title: str
    caption: str


def make_panel(
    shelf: Shelf, names: Sequence[str], order: str = "seed", view: str = "grid", title: str = "", caption: str = ""
) -> Panel:
    """names: as compare.column_of reads them. Raises CompareError, RunNotFound, SnapshotError."""
    if order not in ORDERS or view not in VIEWS:
        raise CompareError(
            f"Found order {order!r} and view {view!r}, wanted one of {', '.join(ORDERS)} and of {', '.join(VIEWS)}."
        )
    columns = tuple(columns_of(shelf, names))
    critic = critic_of(columns, shelf)
    seen = tuple(look(column, critic) for column in columns)
    words = (caption or _caption(columns, order, view, critic))[:WORDS_AT_MOST]
    return Panel(columns, seen, critic, order, view, (title or TITLE)[:WORDS_AT_MOST], words)


def content(panel: Panel, form: str) -> bytes:
    """The panel in one of FORMS; "print.png" has 300 dots an inch. Raises CompareError, and SnapshotError for html."""
    match form:
        case "png":
            return as_png(draw(panel), 2)
        case "print.png":
            return as_png(draw(panel), 4, dpi=300)
        case "svg":
            return as_svg(draw(panel)).encode()
        case "pdf":
            return as_pdf(draw(panel))
        case "html":
            models = [(column.record, column.epoch) for column in panel.columns if column.record]
            return as_html(panel.title, as_svg(draw(panel)), models)
        case "csv":
            return as_csv(panel.columns)
        case "json":
            return json.dumps(as_dict(panel), indent=1, ensure_ascii=False).encode()
    raise CompareError(f"Found the form {form!r}, wanted one of {', '.join(FORMS)}.")


def _caption(columns: Sequence[Column], order: str, view: str, critic: Critic | None) -> str:
    if view == "evolution":
        return "The same pictures after more and more epochs: each row is an epoch, each place across keeps its seed."
    words = f"{len(columns[0].images)} pictures each, {ORDERS[order]}."
    if order == "digit":
        words += f" Of each digit at most {DEEP} are shown; the numbers below count all."
    if order == "d" and critic:
        words += f" D is that of {critic.name} after epoch {critic.epoch}."
    if order == "seed":
        words += " Each model's places keep their seeds from epoch to epoch; nothing was picked out."
    return words


# The drawing


def draw(panel: Panel) -> Drawing:
    """Title, caption, columns with equal grids, curves, provenance, from top to bottom."""
    sheets = _sheets(panel)
    wide = max(sheet.shape[1] for sheet, _ in sheets) + (26 if panel.view == "evolution" else 0)
    width = 2 * MARGIN + len(sheets) * wide + (len(sheets) - 1) * GAP
    parts, y = _heading(panel, width)
    tall = max(sheet.shape[0] for sheet, _ in sheets)
    below = y + 12 + tall + (14 if panel.order == "digit" and panel.view == "grid" else 0)
    bottoms = []
    for index, (column, sheet) in enumerate(zip(panel.columns, sheets, strict=True)):
        x = MARGIN + index * (wide + GAP)
        parts += _column(column, sheet, x, y, wide)
        parts += _counts(panel, index, x, y + 12 + tall + 10)
        figures_, bottom = _figures(column, x, below + 13, wide)
        parts += figures_
        bottoms.append(bottom)
    y = max(bottoms)
    if any(column.record for column in panel.columns):
        for index, column in enumerate(panel.columns):
            parts += _curves(column, Frame(MARGIN + index * (wide + GAP), y + 4, wide, CHART))
        y += CHART + 8
    return _footed(panel, parts, width, y)


def _heading(panel: Panel, width: float) -> tuple[list[Part], float]:
    y = MARGIN + 12.0
    parts: list[Part] = []
    for line in wrapped(panel.title, 17, width - 2 * MARGIN):
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
    if panel.order == "digit" and all(len(order) == 10 for order in orders):
        tall = min(DEEP, max(len(places) for order in orders for places in order))
        return [(_by_digit(c.images, order, tall), []) for c, order in zip(panel.columns, orders, strict=True)]
    return [(grid(c.images[order[0]], ACROSS), []) for c, order in zip(panel.columns, orders, strict=True)]


def _by_digit(images: np.ndarray, order: Sequence[Sequence[int]], tall: int) -> np.ndarray:
    sheet = np.zeros((tall, SIDE, 10, SIDE), np.uint8)
    for digit, places in enumerate(order):
        for row, place in enumerate(places[:tall]):
            sheet[row, :, digit] = images[place]
    return sheet.reshape(tall * SIDE, 10 * SIDE)


def _column(column: Column, sheet: tuple[np.ndarray, list[int]], x: float, y: float, wide: float) -> list[Part]:
    ink, epochs = sheet
    head = {"gan": "GAN", "vae": "VAE", "real": "Real"}[column.kind]
    right = f"epoch {column.epoch}" if column.record else ""
    name = wrapped(column.title, 9, wide - 30 - 50)
    title = name[0] + (" …" if len(name) > 1 else "") if name else ""
    left = x + (26 if epochs or (wide - ink.shape[1]) == 26 else 0)
    parts: list[Part] = [
        Text(x, y + 4, head, 11, column.kind, 650), Text(x + 30, y + 4, title, 9), Text(x + wide, y + 4, right, 9, "soft", align="right"),
        Picture(left, y + 12, ink),
    ]  # fmt: skip
    for row, epoch in enumerate(epochs):
        if epoch:
            parts.append(Text(left - 6, y + 12 + row * SIDE + 17, str(epoch), 8, "soft", align="right"))
    return parts


def _counts(panel: Panel, index: int, x: float, y: float) -> list[Part]:
    """How many of each digit there are, below the ten columns."""
    order = panel.seen[index].order(panel.order, 0)
    if panel.view != "grid" or len(order) != 10:
        return []
    return [
        Text(x + (digit + 0.5) * SIDE, y, str(len(places)), 8, "soft", align="middle")
        for digit, places in enumerate(order)
    ]


def _figures(column: Column, x: float, y: float, width: float) -> tuple[list[Part], float]:
    """A line each, under the pictures."""
    parts: list[Part] = []
    for words in shown_figures(column):
        for line in wrapped(words, 8, width):
            parts.append(Text(x, y, line, 8))
            y += 10.5
    return parts, y


def _curves(column: Column, frame: Frame) -> list[Part]:
    """The losses, epoch means, up to the column's epoch and beyond; a dashed line where the pictures are from."""
    if column.record is None:
        return []
    return chart(frame, loss_curves(column.record), "Epoch", UNITS[column.kind])


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


def as_dict(panel: Panel) -> dict[str, Any]:
    """Everything in the panel that is no picture; plain JSON values."""
    columns = []
    for column, seen in zip(panel.columns, panel.seen, strict=True):
        run = column.record.run if column.record else None
        told: dict[str, Any] = {
            "model": column.title,
            "kind": column.kind,
            "epoch": column.epoch,
            "column": column.address,
        }
        if run and column.record:
            told |= {"preset": run.preset, "config": dict(run.config), "versions": dict(run.versions)}
            told["epochs"] = [
                {"epoch": row.epoch, "mean": dict(row.measures), "last": dict(row.last), "test": dict(row.test)}
                for row in column.record.epochs()
            ]
        told["figures"] = [asdict(each) for each in figures(column)]
        told["pictures"] = {name: None if value is None else value.tolist() for name, value in vars(seen).items()}
        columns.append(told)
    return {
        "title": panel.title, "caption": panel.caption, "order": panel.order, "view": panel.view,
        "critic": {"model": panel.critic.name, "epoch": panel.critic.epoch} if panel.critic else None,
        "columns": columns, "differences": differences(panel.columns), "provenance": provenance(panel.columns), "gencmp": VERSION,
    }  # fmt: skip
