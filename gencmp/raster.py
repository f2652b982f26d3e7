"""A drawing as a PNG: digits exact to the pixel, words and lines smooth."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from gencmp.drawing import Box, Drawing, Line, Picture, Point, Swipe, Text, arrow_head
from gencmp.graphics.colours import DARK, LIGHT
from gencmp.letters import wide, write

SMOOTH = 4  # a line is drawn so many times as large, then made small


def as_png(drawing: Drawing, scale: int = 2, dpi: int = 0, dark: bool = False) -> bytes:
    """`scale` screen pixels a unit; `dpi` is noted in the file where it is given."""
    palette = DARK if dark else LIGHT
    image = Image.new("RGB", (round(drawing.width * scale), round(drawing.height * scale)), palette["paper"])
    for part in drawing.parts:
        _PAINT[type(part)](image, part, scale, palette, dark)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, **({"dpi": (dpi, dpi)} if dpi else {}))
    return buffer.getvalue()


def _paint_text(image: Image.Image, part: Text, scale: int, palette: Mapping[str, str], dark: bool) -> None:
    """As a mask drawn large and made small: letters at their own distances, not pushed onto whole pixels."""
    size = part.size * scale
    length = -(-int(wide(part.words, size * SMOOTH, part.weight) + 1) // SMOOTH) + 4  # in pixels of the picture
    above, height = round(size), round(size * 1.4)
    mask = Image.new("L", (length * SMOOTH, height * SMOOTH))
    x, y = part.x * scale, part.y * scale
    if part.turned:
        write(ImageDraw.Draw(mask), 0, above * SMOOTH, part.words, size * SMOOTH, part.weight)
        small = mask.reduce(SMOOTH).rotate(90, expand=True)
        image.paste(palette[part.colour], (round(x) - above, round(y - length / 2)), small)
        return
    x -= {"left": 0.0, "middle": 0.5, "right": 1.0}[part.align] * wide(part.words, size, part.weight)
    left, top = int(np.floor(x)), int(np.floor(y)) - above
    write(ImageDraw.Draw(mask), (x - left) * SMOOTH, (y - top) * SMOOTH, part.words, size * SMOOTH, part.weight)
    image.paste(palette[part.colour], (left, top), mask.reduce(SMOOTH))


def _paint_picture(image: Image.Image, part: Picture, scale: int, palette: Mapping[str, str], dark: bool) -> None:
    size = tuple(round(length * part.scale * scale) for length in part.ink.shape[::-1])
    grey = Image.fromarray(part.ink if dark else 255 - part.ink).resize(size, Image.Resampling.NEAREST)
    x, y = round(part.x * scale), round(part.y * scale)
    line = max(1, scale // 2)
    ImageDraw.Draw(image).rectangle(
        (x - line, y - line, x + size[0] + line - 1, y + size[1] + line - 1), palette["line"]
    )
    image.paste(grey.convert("RGB"), (x, y))


def _paint_swipe(image: Image.Image, part: Swipe, scale: int, palette: Mapping[str, str], dark: bool) -> None:
    for each in part.still():
        _PAINT[type(each)](image, each, scale, palette, dark)


def _paint_line(image: Image.Image, part: Line, scale: int, palette: Mapping[str, str], dark: bool) -> None:
    for points in _dashes(part):
        _stroke(image, points, part.width, scale, palette[part.colour])
    if part.arrow:
        _stroke(image, arrow_head(part), 0, scale, palette[part.colour])


def _paint_box(image: Image.Image, part: Box, scale: int, palette: Mapping[str, str], dark: bool) -> None:
    corners = [round(each * scale) for each in (part.x, part.y, part.x + part.width, part.y + part.height)]
    ImageDraw.Draw(image).rounded_rectangle(
        corners, 3 * scale, palette["paper"], palette[part.colour], max(1, round(part.line * scale))
    )


_PAINT: dict[type, Callable[..., None]] = {
    Text: _paint_text,
    Picture: _paint_picture,
    Swipe: _paint_swipe,
    Line: _paint_line,
    Box: _paint_box,
}


def _dashes(line: Line) -> list[Sequence[Point]]:
    if not line.dashed:
        return [line.points]
    (x0, y0), (x1, y1) = line.points[0], line.points[-1]
    length = float(np.hypot(x1 - x0, y1 - y0))
    starts = np.arange(0, length, 7) / length
    ends = np.minimum(starts + 4 / length, 1)
    return [[(x0 + (x1 - x0) * t, y0 + (y1 - y0) * t) for t in (a, b)] for a, b in zip(starts, ends, strict=True)]


def _stroke(image: Image.Image, points: Sequence[Point], width: float, scale: int, colour: str) -> None:
    """A smooth line, or with width 0 a filled shape: drawn large as a mask over the part of the picture that it touches."""
    at = np.asarray(points, float) * scale
    low = np.floor(at.min(0) - width * scale - 2).astype(int)
    size = np.ceil(at.max(0) + width * scale + 2).astype(int) - low
    mask = Image.new("L", (int(size[0]) * SMOOTH, int(size[1]) * SMOOTH))
    large = [tuple(map(float, each)) for each in (at - low) * SMOOTH]
    if width:
        ImageDraw.Draw(mask).line(large, 255, max(1, round(width * scale * SMOOTH)), joint="curve")
    else:
        ImageDraw.Draw(mask).polygon(large, 255)
    small = mask.reduce(SMOOTH)
    image.paste(colour, (int(low[0]), int(low[1])), small)
