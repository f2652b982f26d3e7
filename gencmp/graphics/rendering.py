"""Renders pages as PNG, SVG or PDF, with identical bytes each time. Loads Matplotlib, so import it only when needed.

Pages are drawn one at a time, because Matplotlib's settings are global to the process.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import numpy as np
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from gencmp.graphics.fonts import MAIN
from gencmp.graphics.page import UNITS, Page
from gencmp.graphics.svg import finished

SETTINGS = {
    "font.family": MAIN, "svg.fonttype": "none", "svg.hashsalt": "gencmp", "pdf.fonttype": 42, "text.hinting": "none",
}  # fmt: skip
_DRAWING = Lock()


@contextmanager
def drawing() -> Iterator[None]:
    """Use Matplotlib's default settings and ours, not the user's. Warnings about missing letters are suppressed, because the
    reader's fonts may have them in an SVG."""
    with _DRAWING, style.context(["default", SETTINGS]), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        yield


def drawn(
    draw: Callable[[Page], None],
    title: str,
    form: str,
    scale: int = 2,
    dark: bool = False,
    bare: bool = False,
    dpi: int = 0,
) -> bytes:
    """The page that `draw` draws, as png, svg or pdf, with identical bytes each time. dpi: stored in a PNG unless 0."""
    with drawing():
        page = Page(title, form, dark, bare)
        draw(page)
        if form == "png":
            return _png(page, scale, dpi)
        buffer = io.BytesIO()
        facts = {"Date": None} if form == "svg" else {"Title": page.title, "CreationDate": None, "Producer": None}
        page.figure.savefig(buffer, format=form, metadata=facts, facecolor=page.figure.get_facecolor())
        return finished(buffer.getvalue(), page.title) if form == "svg" else buffer.getvalue()


def _png(page: Page, scale: int, dpi: int) -> bytes:
    page.figure.set_dpi(UNITS * scale)
    canvas = FigureCanvasAgg(page.figure)
    canvas.draw()
    buffer = io.BytesIO()
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3])
    image.save(buffer, "PNG", optimize=True, **({"dpi": (dpi, dpi)} if dpi else {}))
    return buffer.getvalue()
