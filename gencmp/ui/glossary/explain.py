"""Terms of the field within sentences, explained on hover, on focus and on a tap.

A [term] in brackets is explained by static/shared/glossary.js, which the scripts read, too (static/shared/terms.js);
[shown words|term] shows other words. static/shared/tips.js shows the explanations.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

import streamlit as st

from gencmp.data.classes import DIGITS, Nouns
from gencmp.graphics.words import IN_BRACKETS
from gencmp.ui.frame import plain
from gencmp.ui.routes.assets import STATIC


@cache
def glossary() -> dict[str, str]:
    """The explanation of each term, with places for the nouns of the data: {picture}, {pictures}, {class}, {classes}."""
    script = (STATIC / "shared" / "glossary.js").read_text("utf-8")
    found: dict[str, str] = json.loads(script[script.index("{") : script.rindex("}") + 1])
    return found


def meaning(term: str, nouns: Nouns = DIGITS) -> str:
    """The explanation of a term in the words of the data. Raises KeyError."""
    return glossary()[term].format(**vars(nouns) | {"class": nouns.class_})


def explained(sentence: str, nouns: Nouns = DIGITS, focus: bool = True) -> str:
    """A sentence as HTML. It must be ours: text from a user may have brackets of its own.

    focus: whether the keyboard stops at its terms. Not where the same terms stand right above already.
    """
    return _said(sentence, html.escape, nouns, focus)


def explain(sentence: str, nouns: Nouns = DIGITS) -> str:
    """A sentence as Markdown, for st.caption or st.markdown with unsafe_allow_html."""
    return _said(sentence, plain, nouns, True)


def caption(sentence: str, nouns: Nouns = DIGITS) -> None:
    """A caption with its terms."""
    st.caption(explain(sentence, nouns), unsafe_allow_html=True)


def marked(sentence: str, words: Mapping[str, str]) -> str:
    """A sentence that is made elsewhere, with each of these terms in brackets where it first stands.

    words: as they stand in sentences, each with its term.
    """
    [found] = marked_once([sentence], words)
    return found


def marked_once(sentences: Iterable[str], words: Mapping[str, str]) -> list[str]:
    """The same for several sentences that are read together.

    >>> marked_once(["KL term", "the KL"], {"KL": "KL"})
    ['[KL|KL] term', 'the KL']
    """
    left = set(words.values())
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def mark(found: re.Match[str]) -> str:
        word = found[0]
        if words[word] not in left:
            return word
        left.remove(words[word])
        return f"[{word}|{words[word]}]"

    return [pattern.sub(mark, sentence) for sentence in sentences]


def _said(sentence: str, safe: Callable[[str], str], nouns: Nouns, focus: bool) -> str:
    """safe: makes a text harmless that is not a term."""
    parts = IN_BRACKETS.split(sentence)
    return "".join(_term(part, safe, nouns, focus) if i % 2 else safe(part) for i, part in enumerate(parts))


def _term(words: str, safe: Callable[[str], str], nouns: Nouns, focus: bool) -> str:
    shown, _, term = words.partition("|")
    tip = html.escape(meaning(term or shown, nouns))
    return f'<dfn tabindex="{0 if focus else -1}" data-tip="{tip}">{safe(shown)}</dfn>'
