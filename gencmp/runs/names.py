"""Names of runs: one line of text, distinct from the names of all other models. Imports no torch."""

from __future__ import annotations

import re
import shlex
import unicodedata
from contextlib import suppress
from pathlib import Path

from gencmp.errors import DamagedFile, RunStateError
from gencmp.files import SHIPPED
from gencmp.runs.reading.cards import read_card

NAME_LENGTH = 60
REAL = "real"  # a column of real digits, where models are compared
WEIGHTS = ".safetensors"  # a name with this ending is read as the path of a file
# Characters that Python calls printable but that look blank: fillers, joiners, variation selectors
BLANK = {*map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)), *map(chr, range(0xFE00, 0xFE10))}
BLANK |= {*map(chr, range(0x180B, 0x1810)), *map(chr, range(0xE0100, 0xE01F0))}
# Letters of other scripts that look like Latin ones, in addition to those that NFKC maps
LOOK_LIKE = {
    "A": "АΑᎪ", "B": "ВΒᏴ", "C": "СϹᏟ", "D": "Ꭰ", "E": "ЕΕᎬ", "G": "ԌᏀ", "H": "НΗᎻ", "I": "ІΙ", "J": "ЈᎫ",
    "K": "КΚᏦ", "L": "Ꮮ", "M": "МΜᎷ", "N": "Ν", "O": "ОΟ", "P": "РΡᏢ", "Q": "Ԛ", "R": "Ꭱ", "S": "ЅᏚ",
    "T": "ТΤᎢ", "V": "Ꮩ", "W": "ԜᎳ", "X": "ХΧ", "Y": "УҮΥ", "Z": "ΖᏃ",
    "a": "аαᴀɑ", "b": "ʙ", "c": "сϲᴄ", "d": "ԁᴅ", "e": "еᴇ", "f": "ꜰ", "g": "ցɢɡ", "h": "һհʜ", "i": "іιɪı",
    "j": "јϳյᴊȷ", "k": "кκᴋ", "l": "ʟ", "m": "ᴍ", "n": "пηոɴ", "o": "оοօᴏ", "p": "рρքᴘ", "q": "ԛ",
    "r": "ʀ", "s": "ѕꜱ", "t": "ᴛ", "u": "υսᴜ", "v": "ѵνᴠ", "w": "ԝᴡ", "x": "хχ", "y": "уʏ", "z": "ᴢ",
}  # fmt: skip
ALIKE = {ord(letter): latin for latin, letters in LOOK_LIKE.items() for letter in letters}


def cleaned(name: str) -> str:
    """One line of printable characters of limited length. Names are only shown, never used as paths."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in name)).strip()[:NAME_LENGTH]


def folded(name: str) -> str:
    """A name normalised in case, width, composition and kind of dash: names with the same folded form look the same.

    Look-alike letters of other scripts are not mapped: see readings.

    >>> folded("Paper–GAN ") == folded("paper-gan")
    True
    """
    if name.isascii():
        return name.lower()
    shown = "".join(c for c in unicodedata.normalize("NFKC", name) if c not in BLANK)
    dashed = "".join("-" if c == "\u2212" or unicodedata.category(c) == "Pd" else c for c in shown)
    return unicodedata.normalize("NFKC", dashed.casefold()).strip()


def readings(name: str) -> set[str]:
    """What a name may be mistaken for: its folded form, and the same with look-alike letters read as Latin ones. Two names
    that share a reading look the same.

    Look-alikes are mapped before folding, because they depend on case: capital В looks like B, small в like no Latin letter.
    """
    seen = folded(name)
    return {seen} if name.isascii() else {seen, folded(_in_latin(unicodedata.normalize("NFKC", _in_latin(name))))}


def _in_latin(name: str) -> str:
    return name.translate(ALIKE)


def is_path(name: str) -> bool:
    """Whether the name of a model means a weights file."""
    return name.lower().endswith(WEIGHTS)


def quoted(word: str) -> str:
    """A word quoted for a shell: in double quotes if possible, because Windows has no others."""
    plain = shlex.quote(word)
    return plain if plain == word or re.search(r'[$`"\\!%]', word) else f'"{word}"'


def shipped_names(shipped: Path = SHIPPED) -> set[str]:
    """Names and ids of the shipped models; of one with a damaged card, that of its folder."""
    names = set()
    for card in shipped.glob("*/card.json"):
        if (card.parent / "epochs").is_dir():
            names.add(card.parent.name)
            with suppress(DamagedFile):
                run = read_card(card.parent).run
                names |= {run.id, run.name}
    return names


def refuse_reserved(name: str, shipped: Path = SHIPPED) -> None:
    """Raise RunStateError for a name that has another meaning where models are named."""
    looks = folded(name)
    if not looks:
        raise RunStateError("A run's name needs at least one letter or digit.")
    for taken in sorted(shipped_names(shipped)):
        if folded(taken) in readings(name):
            raise RunStateError(f"{taken} is the name of a shipped model. Choose another name.")
    if REAL in readings(name):
        raise RunStateError(f"{REAL} means real digits wherever models are compared. Choose another name.")
    if is_path(looks):
        raise RunStateError(f"A name that ends in {WEIGHTS} is read as the path of a file. Choose another name.")
    if re.search(r"@\d+$", looks):
        raise RunStateError("A name that ends in @ and a number is read as an epoch of a model. Choose another name.")
