"""The glossary: every term that a sentence asks for is there, and every one that is there is asked for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import ROOT, node

from gencmp.data.classes import DIGITS, PICTURES
from gencmp.evaluation.criteria import CRITERIA
from gencmp.events import MEASURES
from gencmp.settings import paper
from gencmp.settings.presets import PRESETS
from gencmp.ui import charts
from gencmp.ui.glossary.explain import IN_BRACKETS, explain, explained, glossary, marked, marked_once, meaning, unexplained
from gencmp.ui.paper import rows
from gencmp.ui.routes.assets import STATIC, script_files
from gencmp.ui.runs import actions
from gencmp.ui.train import settings_form
from gencmp.ui.verdict import published, seeds, tables, words

MARKS = (actions.TERMS, published.TERMS, rows.TERMS, seeds.IN_WORDS, settings_form.IN_PRESETS, tables.IN_OPINIONS, words.TERMS)


def in_python() -> Iterator[str]:
    """The terms in brackets within the strings of the pages, and those that are marked in sentences from elsewhere."""
    for path in [*(ROOT / "gencmp" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for each in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(each, (ast.Constant, ast.JoinedStr)) and (text := written(each)) and path.name != "explain.py":
                yield from (term for term in terms(text) if term.isascii() or term)
    for marks in MARKS:
        yield from marks.values()
