"""A drawing as SVG: words and lines stay editable, digits are pictures inside it, drawn without blur."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Mapping

import numpy as np

from gencmp.drawing import Box, Drawing, Line, Picture, Swipe, Text, arrow_head
from gencmp.graphics.colours import DARK, LIGHT
from gencmp.graphics.sheets import png
from gencmp.letters import clean, wide

FAMILY = "'Source Sans 3', 'Source Sans', 'Source Sans Pro', Helvetica, Arial, sans-serif"
LONG = 200  # units: a longer line keeps its width where Source Sans is not at hand, or it would run out of the picture


def as_svg(drawing: Drawing, dark: bool = False, bare: bool = False) -> str:
    """One SVG element; digits are pictures inside it, drawn without blur. All words are escaped. bare: without a ground."""
    palette = DARK if dark else LIGHT
    size = f'width="{_n(drawing.width * 1.5)}" height="{_n(drawing.height * 1.5)}"'
    box = f'viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
    title = html.escape(clean(drawing.title))
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
    length = wide(part.words, part.size, part.weight)
    fixed = f' textLength="{_n(length)}" lengthAdjust="spacingAndGlyphs"' if length > LONG else ""
    return (
        f'<text x="{_n(part.x)}" y="{_n(part.y)}" font-size="{_n(part.size)}" font-weight="{part.weight}" '
        f'text-anchor="{anchor}" fill="{palette[part.colour]}"{fixed}{turn}>{html.escape(clean(part.words))}</text>'
    )


def _write_picture(part: Picture, palette: Mapping[str, str], dark: bool) -> str:
    height, width = (length * part.scale for length in part.ink.shape)
    place = _place(part.x, part.y, width, height)
    return _write_ink(part.ink, place, dark) + _frame(place, palette)


def _write_ink(ink: np.ndarray, place: str, dark: bool, more: str = "") -> str:
    data = base64.b64encode(png(ink if dark else 255 - ink)).decode()
    return f'<image {place} style="image-rendering:pixelated" preserveAspectRatio="none"{more} href="data:image/png;base64,{data}"/>'


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'


def _frame(place: str, palette: Mapping[str, str]) -> str:
    return f'<rect {place} fill="none" stroke="{palette["line"]}" stroke-width=".5"/>'


def _write_swipe(part: Swipe, palette: Mapping[str, str], dark: bool) -> str:
    """Both pictures whole, the second cut off left of the knife, so that a script may move it (ui/static/knife.js)."""
    width, height = part.size
    cut = round(part.first.shape[1] * part.at) * part.scale
    place = _place(part.x, part.y, width, height)
    knife = "".join(_write_line(line, palette, dark) for line in part.knife(0))
    second = _write_ink(part.second, place, dark, ' clip-path="url(#beyond)"')
    return (
        f'<g class="swipe"><clipPath id="beyond"><rect {_place(part.x + cut, part.y, width - cut, height)}/></clipPath>'
        f"{_write_ink(part.first, place, dark)}{second}"
        f'{_frame(place, palette)}<g class="knife" transform="translate({_n(part.x + cut)})">{knife}</g></g>'
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
    Swipe: _write_swipe,
    Line: _write_line,
    Box: _write_box,
}


def _n(number: float) -> str:
    """Two digits after the point at most."""
    return f"{number:.2f}".rstrip("0").rstrip(".")
