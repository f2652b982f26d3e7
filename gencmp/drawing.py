"""A drawing of few kinds of parts, written as PNG or SVG, and by pdf.py as PDF; the same parts give the same bytes.

Lengths are in units: a digit's pixel in a panel is one unit wide. Colours are names of a palette.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from gencmp.charts import TONES
from gencmp.letters import font
from gencmp.pictures import png

LIGHT = TONES | {"ink": "#262522", "soft": "#6B675F", "line": "#DDD9D1", "paper": "#FFFFFF", "real": "#6B6B6B"}
DARK = {
    "gan": "#F07B2A", "gan2": "#FFC08A", "vae": "#4BA3DB", "vae2": "#A9D6F2", "real": "#A8A8A8",
    "ink": "#EDEAE4", "soft": "#A8A297", "line": "#3A3733", "paper": "#171614",
}  # fmt: skip
FAMILY = "'Source Sans 3', 'Source Sans', 'Source Sans Pro', Helvetica, Arial, sans-serif"
SMOOTH = 4  # a line is drawn so many times as large, then made small
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


Part = Text | Picture | Line | Box


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


# PNG


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
    face = font(part.size * scale * SMOOTH, part.weight)
    length = -(-int(face.getlength(part.words) + 1) // SMOOTH) + 4  # in pixels of the picture
    above, height = round(part.size * scale), round(part.size * scale * 1.4)
    mask = Image.new("L", (length * SMOOTH, height * SMOOTH))
    x, y = part.x * scale, part.y * scale
    if part.turned:
        ImageDraw.Draw(mask).text((0, above * SMOOTH), part.words, 255, font=face, anchor="ls")
        small = mask.reduce(SMOOTH).rotate(90, expand=True)
        image.paste(palette[part.colour], (round(x) - above, round(y - length / 2)), small)
        return
    x -= {"left": 0.0, "middle": 0.5, "right": 1.0}[part.align] * face.getlength(part.words) / SMOOTH
    left, top = int(np.floor(x)), int(np.floor(y)) - above
    place = ((x - left) * SMOOTH, (y - top) * SMOOTH)
    ImageDraw.Draw(mask).text(place, part.words, 255, font=face, anchor="ls")
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


# SVG


def as_svg(drawing: Drawing, dark: bool = False, bare: bool = False) -> str:
    """One SVG element; digits are pictures inside it, drawn without blur. All words are escaped. bare: without a ground."""
    palette = DARK if dark else LIGHT
    size = f'width="{_n(drawing.width * 1.5)}" height="{_n(drawing.height * 1.5)}"'
    box = f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
    title = html.escape(_clean(drawing.title))
    parts = "\n".join(_WRITE[type(part)](part, palette, dark) for part in drawing.parts)
    ground = "" if bare else f'<rect width="100%" height="100%" fill="{palette["paper"]}"/>\n'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {box} role="img" aria-label="{title}" font-family="{FAMILY}">\n'
        f"<title>{title}</title>\n{ground}{parts}\n</svg>\n"
    )


def _write_text(part: Text, palette: Mapping[str, str], dark: bool) -> str:
    anchor = {"left": "start", "middle": "middle", "right": "end"}[part.align]
    turn = f' transform="rotate(-90 {_n(part.x)} {_n(part.y)})"' if part.turned else ""
    anchor = "middle" if part.turned else anchor
    return (
        f'<text x="{_n(part.x)}" y="{_n(part.y)}" font-size="{_n(part.size)}" font-weight="{part.weight}" '
        f'text-anchor="{anchor}" fill="{palette[part.colour]}"{turn}>{html.escape(_clean(part.words))}</text>'
    )


def _clean(words: str) -> str:
    """Without the control characters that XML cannot hold."""
    return "".join(
        letter
        for letter in words
        if letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff"
    )


def _write_picture(part: Picture, palette: Mapping[str, str], dark: bool) -> str:
    height, width = (length * part.scale for length in part.ink.shape)
    data = base64.b64encode(png(part.ink if dark else 255 - part.ink)).decode()
    place = f'x="{_n(part.x)}" y="{_n(part.y)}" width="{_n(width)}" height="{_n(height)}"'
    return (
        f'<image {place} style="image-rendering:pixelated" preserveAspectRatio="none" href="data:image/png;base64,{data}"/>'
        f'<rect {place} fill="none" stroke="{palette["line"]}" stroke-width=".5"/>'
    )


def _write_line(part: Line, palette: Mapping[str, str], dark: bool) -> str:
    points = " ".join(f"{_n(x)},{_n(y)}" for x, y in part.points)
    dash = ' stroke-dasharray="4 3"' if part.dashed else ""
    colour = palette[part.colour]
    drawn = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{_n(part.width)}" stroke-linejoin="round"{dash}/>'
    if not part.arrow:
        return drawn
    corners = " ".join(f"{_n(x)},{_n(y)}" for x, y in arrow_head(part))
    return f'{drawn}<polygon points="{corners}" fill="{colour}"/>'


def _write_box(part: Box, palette: Mapping[str, str], dark: bool) -> str:
    place = f'x="{_n(part.x)}" y="{_n(part.y)}" width="{_n(part.width)}" height="{_n(part.height)}" rx="3"'
    return f'<rect {place} fill="{palette["paper"]}" stroke="{palette[part.colour]}" stroke-width="{_n(part.line)}"/>'


_WRITE: dict[type, Callable[..., str]] = {
    Text: _write_text,
    Picture: _write_picture,
    Line: _write_line,
    Box: _write_box,
}


def _n(number: float) -> str:
    """Two digits after the point at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
