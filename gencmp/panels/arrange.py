"""The pictures of a panel's columns, arranged as sheets of equal size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gencmp.graphics.sheets import grid
from gencmp.panels.columns import evolution
from gencmp.panels.orders import DEEP, block_of
from gencmp.panels.panel import Panel

SIDE = 28
ACROSS = 8  # pictures in a row, when not ordered by class


def sheets(panel: Panel) -> list[tuple[np.ndarray, list[int]]]:
    """For each column: its sheet (ink, uint8 [height, width]) and the epochs of its rows (evolution only)."""
    if panel.view == "evolution":
        rows = [evolution(column) for column in panel.columns]
        return [
            (grid(np.concatenate([images for _, images in row]), ACROSS), [epoch for epoch, _ in row]) for row in rows
        ]
    orders = [seen.order(panel.order, len(c.images)) for c, seen in zip(panel.columns, panel.seen, strict=True)]
    if panel.order == "digit":
        largest = max(len(places) for order in orders for places in order)
        tall = min(DEEP, -(-largest // block_of(len(orders[0]))))
        return [(_by_class(c.images, order, tall), []) for c, order in zip(panel.columns, orders, strict=True)]
    return [(grid(c.images[order[0]], ACROSS), []) for c, order in zip(panel.columns, orders, strict=True)]


def _by_class(images: np.ndarray, order: Sequence[Sequence[int]], tall: int) -> np.ndarray:
    """Blocks of pictures, one for each class, from left to right."""
    block = block_of(len(order))
    sheet = np.zeros((tall, SIDE, len(order) * block, SIDE), np.uint8)
    for column, places in enumerate(order):
        for i, place in enumerate(places[: tall * block]):
            sheet[i // block, :, column * block + i % block] = images[place]
    return sheet.reshape(tall * SIDE, -1)


def equal_heights(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pad the shorter sheet to the height of the taller one."""
    tall = max(len(first), len(second))
    a, b = (np.pad(sheet, ((0, tall - len(sheet)), (0, 0))) for sheet in (first, second))
    return a, b
