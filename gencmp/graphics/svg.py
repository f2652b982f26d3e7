"""Completes Matplotlib's SVG: a title for screen readers, fallback fonts, and a fixed width for long lines."""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
from PIL import Image

from gencmp.graphics.fonts import wide
from gencmp.graphics.sheets import png

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
FALLBACK = "Verdana, Helvetica, Arial, sans-serif"  # Verdana's letters are most like DejaVu Sans's
LONG = 200  # units; a longer line gets a fixed width, as it might exceed the picture in another font


def finished(content: bytes, title: str) -> bytes:
    """One SVG element without a prolog, so that it can be embedded in HTML."""
    ET.register_namespace("", SVG[1:-1])
    root = ET.fromstring(content)
    for facts in root.findall(f"{SVG}metadata"):
        root.remove(facts)
    root.set("role", "img")
    root.set("aria-label", title)
    heading = ET.Element(f"{SVG}title")
    heading.text = title
    root.insert(0, heading)
    for text in root.iter(f"{SVG}text"):
        _keep_width(text)
    for image in root.iter(f"{SVG}image"):
        image.set("href", _grey(image.attrib.pop(f"{XLINK}href")))
    return ET.tostring(root, "unicode").encode()


def _grey(address: str) -> str:
    """A picture's data URL, converted to grey: digits have no colours, and RGB takes twice the space."""
    colours = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
    return "data:image/png;base64," + base64.b64encode(png(np.asarray(colours.convert("L")))).decode()


def _keep_width(text: ET.Element) -> None:
    style = text.get("style", "")
    text.set("style", re.sub(r"(font-family: [^;]*)", rf"\1, {FALLBACK}", style))
    (size,) = re.findall(r"font-size: ([\d.]+)px", style)
    width = wide(text.text or "", float(size), "font-weight: 700" in style)
    if width > LONG:
        text.set("textLength", f"{width:.2f}")
        text.set("lengthAdjust", "spacingAndGlyphs")
