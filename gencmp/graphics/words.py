"""Cleans users' text for drawing, takes the marks of terms out of ours, and advises on letters that no font has."""

from __future__ import annotations

import re
from unicodedata import category, name

CJK = ("CJK", "KANGXI", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")

IN_BRACKETS = re.compile(r"\[(?!-?\d+, )([^\[\]]+)\]")  # a term; an interval such as [0, 1] is none


def unexplained(sentence: str) -> str:
    """A sentence of ours without the marks of its terms, for places that cannot hold an explanation.

    >>> unexplained("The [KL|KL term] in [nats], in [0, 1]")
    'The KL in nats, in [0, 1]'
    """
    return IN_BRACKETS.sub(lambda found: found[1].split("|")[0], sentence)


def clean(words: str) -> str:
    """The words without control characters, lone surrogates, and the two code points that XML forbids."""
    return "".join(each for each in words if category(each) not in ("Cc", "Cs") and each not in "\ufffe\uffff")


def advice(missing: str, machine: str = "this machine") -> str:
    """A sentence on the letters that are not drawn and what to install; empty when no letter is missing."""
    if not missing:
        return ""
    asian = any(name(letter, "").startswith(CJK) for letter in missing)
    font = (
        "Noto Sans CJK (fonts-noto-cjk on Debian and Ubuntu)"
        if asian
        else "a font that has them, such as one of Noto's"
    )
    return f"No font on {machine} has {missing}: PNG and PDF leave them out, SVG and HTML keep them. Install {font}."
