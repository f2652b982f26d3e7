"""The letters of panels and figures, how wide words are, and where lines break. No font file is shipped with the project."""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont


@lru_cache(maxsize=1)
def _letters() -> bytes | None:
    """Streamlit's Source Sans, as installed; found without importing Streamlit."""
    spec = find_spec("streamlit")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = [path for folder in folders for path in sorted(folder.glob("static/static/media/SourceSansVF-Upright*"))]
    return found[0].read_bytes() if found else None


@lru_cache(maxsize=128)
def font(size: float, weight: int = 400) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Source Sans at `size` pixels; Pillow's own letters where it is not installed."""
    letters = _letters()
    if letters is None:
        return ImageFont.load_default(size)
    try:
        face = ImageFont.truetype(io.BytesIO(letters), size)
        face.set_variation_by_axes([weight])
    except OSError:  # a FreeType that cannot read this kind of file
        return ImageFont.load_default(size)
    return face


def wide(words: str, size: float, weight: int = 400) -> float:
    """The width of a line of words, in the unit of `size`."""
    return float(font(40, weight).getlength(words)) * size / 40


def wrapped(words: str, size: float, width: float) -> list[str]:
    """Words as lines not wider than `width`; a single long word stays whole."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and wide(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
