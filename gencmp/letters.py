"""The letters of panels and figures, how wide words are, and where lines break. No font file is shipped with the project.

Words are in Source Sans, as Streamlit brings it: Latin, Greek and Cyrillic. A letter that it lacks is taken from the first
of this machine's own fonts that has it; `missing` tells of letters that none has.
"""

from __future__ import annotations

import io
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from unicodedata import category

from PIL import ImageDraw, ImageFont

Face = ImageFont.FreeTypeFont | ImageFont.ImageFont
SPARE = (  # looked for by Pillow where each system keeps its fonts
    "NotoSansCJK-Regular.ttc", "DroidSansFallbackFull.ttf", "wqy-microhei.ttc", "wqy-zenhei.ttc",
    "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "Arial Unicode.ttf",
    "msyh.ttc", "YuGothR.ttc", "malgun.ttf", "seguisym.ttf", "arial.ttf", "DejaVuSans.ttf",
)  # fmt: skip
NO_LETTER = "\U0010fffe"  # will never be one, so every font draws its sign for "missing"
MEASURED = 40  # pixels; widths scale


@lru_cache(maxsize=1)
def _letters() -> bytes | None:
    """Streamlit's Source Sans, as installed; found without importing Streamlit."""
    spec = find_spec("streamlit")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    found = [path for folder in folders for path in sorted(folder.glob("static/static/media/SourceSansVF-Upright*"))]
    return found[0].read_bytes() if found else None


@lru_cache(maxsize=256)
def font(size: float, weight: int = 400) -> Face:
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


@lru_cache(maxsize=1)
def _spare() -> tuple[str, ...]:
    """Those of SPARE that are here."""
    return tuple(name for name in SPARE if _is_here(name))


def _is_here(name: str) -> bool:
    try:
        ImageFont.truetype(name, MEASURED)
    except OSError:
        return False
    return True


@lru_cache(maxsize=256)
def _face(name: str, size: float, weight: int) -> Face:
    return ImageFont.truetype(name, size) if name else font(size, weight)


@lru_cache(maxsize=4096)
def _owner(letter: str) -> str | None:
    """The font to take a letter from: "" for Source Sans; None when nobody has it."""
    if _has("", letter):
        return ""
    return next((name for name in _spare() if _has(name, letter)), None)


def _has(name: str, letter: str) -> bool:
    face = _face(name, MEASURED, 400)
    return bytes(face.getmask(letter)) != bytes(face.getmask(NO_LETTER))


def missing(words: str) -> str:
    """The letters of `words` that no font here has, each once; a box stands for them in a picture."""
    return "".join(dict.fromkeys(letter for letter in clean(words) if _owner(letter) is None))


def clean(words: str) -> str:
    """Without what is no letter in any form: control characters, halves of a pair, the two signs that XML cannot hold."""
    return "".join(each for each in words if category(each) not in ("Cc", "Cs") and each not in "\ufffe\uffff")


def _runs(words: str, size: float, weight: int) -> list[tuple[str, Face]]:
    """Words cut where the font changes."""
    groups = groupby(clean(words), lambda letter: _owner(letter) or "")
    return [("".join(letters), _face(name, size, weight)) for name, letters in groups]


def write(draw: ImageDraw.ImageDraw, x: float, y: float, words: str, size: float, weight: int = 400) -> None:
    """In white, from x to the right; y is the baseline."""
    for part, face in _runs(words, size, weight):
        draw.text((x, y), part, 255, font=face, anchor="ls")
        x += face.getlength(part)


def wide(words: str, size: float, weight: int = 400) -> float:
    """The width of a line of words, in the unit of `size`."""
    return sum(face.getlength(part) for part, face in _runs(words, MEASURED, weight)) * size / MEASURED


def wrapped(words: str, size: float, width: float, weight: int = 400) -> list[str]:
    """Words as lines not wider than `width`; a word that is wider is broken, as text without spaces must be."""
    lines: list[str] = []
    for word in words.split():
        first, *others = _broken(word, size, width, weight)
        if lines and wide(f"{lines[-1]} {first}", size, weight) <= width:
            lines[-1] += f" {first}"
        else:
            lines.append(first)
        lines += others
    return lines


def _broken(word: str, size: float, width: float, weight: int) -> list[str]:
    """The fewest pieces that fit, of one letter at least."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and wide(pieces[-1] + letter, size, weight) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
