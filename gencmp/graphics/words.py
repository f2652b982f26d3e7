"""Users' words: what of them is a letter in any form, and what to do about letters that no font here has."""

from __future__ import annotations

from unicodedata import category, name

CJK = ("CJK", "KANGXI", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")


def clean(words: str) -> str:
    """Without what is no letter in any form: control characters, halves of a pair, the two signs that XML cannot hold."""
    return "".join(each for each in words if category(each) not in ("Cc", "Cs") and each not in "\ufffe\uffff")


def advice(missing: str, machine: str = "this machine") -> str:
    """What is not drawn, and what to install; empty when no letter is missing."""
    if not missing:
        return ""
    asian = any(name(letter, "").startswith(CJK) for letter in missing)
    font = "Noto Sans CJK (fonts-noto-cjk on Debian and Ubuntu)" if asian else "a font that has them, as one of Noto's"
    return f"No font on {machine} has {missing}: PNG and PDF leave them out, SVG and HTML keep them. Install {font}."
