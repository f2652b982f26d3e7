"""Fonts, text widths and line breaks for panels and figures. The project ships no font files.

DejaVu Sans comes with Matplotlib: Latin, Greek, Cyrillic, Arabic, Hebrew. A letter that it lacks is taken from the first
of this machine's fonts that has it, trying the PREFERRED ones first; `missing` returns the letters that no font has.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import lru_cache
from unicodedata import category

from matplotlib import get_data_path
from matplotlib.font_manager import FontEntry, FontProperties, findSystemFonts, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import text_to_path

from gencmp.graphics.words import clean

MAIN = "DejaVu Sans"
PREFERRED = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "PingFang SC", "Hiragino Sans GB", "Hiragino Sans", "Apple SD Gothic Neo",
    "Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Arial Unicode MS",
)  # fmt: skip
MEASURED = 100.0  # the size at which each width is measured once, then scaled

# A font without a bold face is drawn in its regular one; the log need not report that.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)


def font(words: str, size: float, bold: bool = False) -> FontProperties:
    """DejaVu Sans, followed by fonts with the letters that it lacks."""
    owners = dict.fromkeys(family for letter in words if (family := _owner(letter)))
    families = list(dict.fromkeys((MAIN, *owners)))
    return FontProperties(family=families, size=size, weight="bold" if bold else "normal")


def missing(words: str) -> str:
    """The letters of `words` that no font on this machine has, each once."""
    return "".join(dict.fromkeys(letter for letter in clean(words) if _owner(letter) is None))


def drawable(words: str) -> str:
    """The words without the letters that no font has, which would be drawn as boxes."""
    lacking = missing(words)
    return "".join(letter for letter in clean(words) if letter not in lacking)


@lru_cache(maxsize=4096)
def _owner(letter: str) -> str | None:
    """The font family to take a letter from; None when no font has it."""
    if category(letter) == "Cf" or _has(_main(), letter):  # direction marks and joiners are not drawn
        return MAIN
    return next((entry.name for entry in _others() if _has(entry, letter)), None)


def _main() -> FontEntry:
    return next(entry for entry in fontManager.ttflist if entry.name == MAIN and _is_plain(entry))


@lru_cache(maxsize=1)
def _others() -> tuple[FontEntry, ...]:
    """This machine's upright fonts, in an order that does not depend on how its folders are listed. Matplotlib caches its
    list of fonts on first use, so fonts that were installed since are added here."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(findSystemFonts()) - known):
        with suppress(Exception):  # a broken font may raise anything
            fontManager.addfont(path)
    rank = {name: place for place, name in enumerate(PREFERRED)}
    own = [each for each in fontManager.ttflist if _is_plain(each) and not each.fname.startswith(get_data_path())]
    return tuple(sorted(own, key=lambda each: (rank.get(each.name, len(rank)), each.name, each.fname, each.index)))


def _is_plain(entry: FontEntry) -> bool:
    return (entry.style, entry.weight, entry.stretch) == ("normal", 400, "normal")


@lru_cache(maxsize=512)
def _face(path: str, index: int) -> FT2Font | None:
    try:
        return FT2Font(path, face_index=index)
    except (OSError, RuntimeError):  # the file was deleted or is damaged
        return None


def _has(entry: FontEntry, letter: str) -> bool:
    face = _face(entry.fname, entry.index)
    return face is not None and face.get_char_index(ord(letter)) > 0


@lru_cache(maxsize=4096)
def _measured(words: str, bold: bool) -> float:
    shown = drawable(words)
    unseen = len(clean(words)) - len(shown)
    return text_to_path.get_text_width_height_descent(shown, font(shown, MEASURED, bold), False)[0] + unseen * MEASURED


def wide(words: str, size: float, bold: bool = False) -> float:
    """The width of a line of words, in the unit of `size`; a letter that no font has counts as a square."""
    return _measured(words, bold) * size / MEASURED if words else 0.0


def wrapped(words: str, size: float, width: float, bold: bool = False) -> list[str]:
    """The words as lines at most `width` wide; a wider word, such as a text without spaces, is broken."""
    lines: list[str] = []
    for word in words.split():
        first, *others = _broken(word, size, width, bold)
        if lines and wide(f"{lines[-1]} {first}", size, bold) <= width:
            lines[-1] += f" {first}"
        else:
            lines.append(first)
        lines += others
    return lines


def _broken(word: str, size: float, width: float, bold: bool) -> list[str]:
    """The fewest pieces that fit, each of at least one letter."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and wide(pieces[-1] + letter, size, bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
