"""A drawing as a PDF of one page: lines and words as such, digits without loss. Pillow would write it as a JPEG, blurred.

The format is Adobe's PDF 1.4; words are in Helvetica, which every reader has. It has the letters of Western Europe alone:
a line with any other is drawn as a stencil of 1,200 dots an inch, which is found and copied as text all the same.
No date is written: the same drawing gives the same bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from PIL import Image, ImageDraw

from gencmp.drawing import Box, Drawing, Line, Part, Picture, Point, Swipe, Text, arrow_head
from gencmp.graphics.colours import LIGHT
from gencmp.letters import clean, wide, write

POINTS = 72 / 75  # a unit, in points: four of them a unit at 300 dpi
ENLARGED = 4  # each pixel of a digit, so that a reader which blurs small pictures blurs little
FINE = 16  # dots of a stencil, a unit


def as_pdf(drawing: Drawing) -> bytes:
    """One page of the drawing's size."""
    pictures: list[bytes] = []
    body = "\n".join(_draw(part, pictures, drawing.height) for part in drawing.parts)
    size = f"{drawing.width * POINTS:.2f} {drawing.height * POINTS:.2f}"
    names = " ".join(f"/P{i} {7 + i} 0 R" for i in range(len(pictures)))
    fonts = "<< /R 5 0 R /B 6 0 R >>"
    title = drawing.title.encode("utf-16-be", "replace").hex()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents 4 0 R "
        f"/Resources << /Font {fonts} /XObject << {names} >> >> >>".encode(),
        _stream("", f"{POINTS} 0 0 {POINTS} 0 0 cm\n{body}".encode("cp1252", "replace")),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
            for name in ("Helvetica", "Helvetica-Bold")
        ),
        *pictures,
        f"<< /Title <feff{title}> /Producer (gencmp) >>".encode(),
    ]
    return _file(objects)


def _file(objects: list[bytes]) -> bytes:
    """Numbered objects, the last of them the document's facts, with the table that says where each begins."""
    content, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = (
        f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R /Info {count - 1} 0 R >>\n"
    )
    return content + f"{end}startxref\n{len(content)}\n%%EOF\n".encode()


def _stream(facts: str, content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return f"<< {facts} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def _draw(part: Part, pictures: list[bytes], height: float) -> str:
    """In units, y upwards."""
    match part:
        case Text():
            return _text(part, height) if _is_plain(clean(part.words)) else _stencil(part, pictures, height)
        case Picture():
            ink = (255 - part.ink).repeat(ENLARGED, 0).repeat(ENLARGED, 1)
            facts = f"/Type /XObject /Subtype /Image /Width {ink.shape[1]} /Height {ink.shape[0]} /ColorSpace /DeviceGray /BitsPerComponent 8"
            pictures.append(_stream(facts, ink.tobytes()))
            high, wide_ = (length * part.scale for length in part.ink.shape)
            place = f"{part.x:.2f} {height - part.y - high:.2f}"
            drawn = f"q {wide_:.2f} 0 0 {high:.2f} {place} cm /P{len(pictures) - 1} Do Q"
            return f"{drawn}\n{_colour('line', 'RG')} 0.5 w {place} {wide_:.2f} {high:.2f} re S"
        case Swipe():
            return "\n".join(_draw(each, pictures, height) for each in part.still())
        case Line():
            dash = "[4 3] 0 d" if part.dashed else "[] 0 d"
            drawn = f"{_colour(part.colour, 'RG')} {part.width:.2f} w 1 j {dash} {_path(part.points, height)} S [] 0 d"
            head = f"{_colour(part.colour, 'rg')} {_path(arrow_head(part), height)} f" if part.arrow else ""
            return f"{drawn}\n{head}"
        case Box():
            place = f"{part.x:.2f} {height - part.y - part.height:.2f} {part.width:.2f} {part.height:.2f}"
            return f"{_colour('paper', 'rg')} {_colour(part.colour, 'RG')} {part.line:.2f} w {place} re B"


def _path(points: Sequence[Point], height: float) -> str:
    (x, y), *rest = points
    return f"{x:.2f} {height - y:.2f} m " + " ".join(f"{a:.2f} {height - b:.2f} l" for a, b in rest)


def _is_plain(words: str) -> bool:
    """Whether Helvetica has all its letters."""
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _text(part: Text, height: float) -> str:
    escaped = "".join("\\" + letter if letter in "()\\" else letter for letter in clean(part.words))
    bold = part.weight >= 550
    size = part.size * 0.93  # Helvetica is wider than the letters of the other forms
    x, y = _begin(part)
    turn = "0 1 -1 0" if part.turned else "1 0 0 1"
    return f"BT {_colour(part.colour, 'rg')} /{'B' if bold else 'R'} {size:.2f} Tf {turn} {x:.2f} {height - y:.2f} Tm ({escaped}) Tj ET"


def _begin(part: Text) -> Point:
    """Where its first letter stands."""
    align = "middle" if part.turned else part.align
    shift = {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * wide(part.words, part.size, part.weight)
    return (part.x, part.y + shift) if part.turned else (part.x - shift, part.y)


def _stencil(part: Text, pictures: list[bytes], height: float) -> str:
    """Its letters as dots, and what they say, for a search: that needs some text, so one unseen letter stands by."""
    below = part.size * 0.4
    mask = _mask(part, below)
    facts = f"/Type /XObject /Subtype /Image /Width {mask.width} /Height {mask.height} /ImageMask true /BitsPerComponent 1 /Decode [1 0]"
    pictures.append(_stream(facts, mask.tobytes()))
    (x, y), wide_, high = _begin(part), mask.width / FINE, mask.height / FINE
    if part.turned:
        place = f"0 {wide_:.3f} {-high:.3f} 0 {x + below:.3f} {height - y:.3f}"
    else:
        place = f"{wide_:.3f} 0 0 {high:.3f} {x:.3f} {height - y - below:.3f}"
    said = f"/Span << /ActualText <feff{clean(part.words).encode('utf-16-be').hex()}> >> BDC"
    unseen = f"BT 3 Tr /R {part.size:.2f} Tf 1 0 0 1 {x:.2f} {height - y:.2f} Tm (x) Tj 0 Tr ET"
    drawn = f"q {_colour(part.colour, 'rg')} {place} cm /P{len(pictures) - 1} Do Q"
    return f"{said} {unseen} {drawn} EMC"


def _mask(part: Text, below: float) -> Image.Image:
    """The line in black and white, FINE dots a unit, from 1.2 of its size above its foot to `below`."""
    above = round(part.size * 1.2 * FINE)
    width = -(-int(wide(part.words, part.size * FINE, part.weight)) // 8 + 1) * 8  # whole bytes
    mask = Image.new("L", (width, above + round(below * FINE)))
    write(ImageDraw.Draw(mask), 0, above, part.words, part.size * FINE, part.weight)
    return mask.point(lambda grey: 255 * (grey > 127)).convert("1")


def _colour(name: str, operator: str) -> str:
    colour = LIGHT[name]
    return " ".join(f"{int(colour[i : i + 2], 16) / 255:.3f}" for i in (1, 3, 5)) + f" {operator}"
