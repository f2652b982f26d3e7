"""The glossary: every term that a sentence asks for is there, and every one that is there is asked for."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from browsing import ROOT, node

from gencmp.data.classes import DIGITS, PICTURES
from gencmp.evaluation.measures import CRITERIA
from gencmp.events import MEASURES
from gencmp.graphics.words import IN_BRACKETS, unexplained
from gencmp.settings import paper
from gencmp.settings.presets import PRESETS
from gencmp.ui import charts
from gencmp.ui.glossary.explain import (
    explain,
    explained,
    glossary,
    marked,
    marked_once,
    meaning,
)
from gencmp.ui.paper import rows
from gencmp.ui.routes.assets import STATIC
from gencmp.ui.runs import actions
from gencmp.ui.train import settings_form
from gencmp.ui.verdict import published, seeds, tables, words
from gencmp.ui.verdict.classes_and_bounds import BOUNDS

FOR_SCRIPTS = ("home.py", "results.py")  # their sentences are explained in the browser
FILLED = "·"  # stands for a value within a sentence
STRINGS = re.compile(r'`(?:[^`\\]|\\.)*`|"(?:[^"\\\n]|\\.)*"')
CODE = re.compile(r'^(:material|open$|at$)|[="]')  # brackets of a style, of Markdown's icons and of a script's index

# words that are marked in sentences from elsewhere, and these sentences
MARKED = {
    "paper": (rows.TERMS, [text for each in (*paper.GAN, *paper.VAE) for text in vars(each).values()]),
    "published": (published.TERMS, [text for each in paper.PUBLISHED for text in vars(each).values()]),
    "presets": (settings_form.IN_PRESETS, [each.why for kind in PRESETS.values() for each in kind.values()]),
    "opinions": (tables.IN_OPINIONS, [tables.OPINION]),
}
ON_CHARTS = [
    term
    for chart in (*charts.gan_charts({"real_label": 0.9}), *charts.vae_charts(100.0))
    for term in chart["layout"]["meta"]["terms"]
]
LOOKED_UP = {*words.TERMS.values(), *actions.TERMS.values(), *seeds.IN_WORDS.values(), *ON_CHARTS}


def asked(sentences: Iterable[str]) -> set[str]:
    """The terms in brackets."""
    found = (each.split("|")[-1] for sentence in sentences for each in IN_BRACKETS.findall(sentence))
    return {term for term in found if FILLED not in term and not CODE.search(term)}


DIAGNOSES = ROOT / "gencmp" / "evaluation" / "diagnosis" / "words.py"  # whose sentences a card shows

SAYING = ("of_gan", "of_vae", "of_both", "findings", "history", "ruling", "shipped")
LESSONS = tuple(
    ROOT / "gencmp" / "lessons" / f"{name}.py" for name in SAYING
)  # whose sentences the Learn page explains


def in_pages() -> Iterator[str]:
    """The strings of modules that explain terms, or give a script sentences with terms."""
    for path in (*(ROOT / "gencmp" / "ui").rglob("*.py"), DIAGNOSES, *LESSONS):
        text = path.read_text("utf-8")
        explains = "from gencmp.ui.glossary.explain import" in text or "gencmp.ui.learn.parts import" in text
        if not (explains or path.name in FOR_SCRIPTS or path == DIAGNOSES or path in LESSONS):
            continue
        for each in ast.walk(ast.parse(text)):
            if isinstance(each, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else FILLED for part in each.values)
            elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value


def in_scripts() -> Iterator[str]:
    """The strings of scripts that explain terms, and Explore's sentences."""
    for path in STATIC.rglob("*.js"):
        code = "\n".join(line.partition("// ")[0] for line in path.read_text("utf-8").splitlines())
        if "shared/terms.js" in code or path.name.endswith("words.js"):
            for each in STRINGS.findall(code):
                yield re.sub(r"\$\{[^{}]*\}", FILLED, each[1:-1])


def test_every_term_is_known_and_every_entry_is_asked_for() -> None:
    found = asked(in_pages()) | asked(in_scripts()) | LOOKED_UP
    for marks, _ in MARKED.values():
        found |= set(marks.values())
    assert found - set(glossary()) == set(), "not in the glossary"
    assert set(glossary()) - found == set(), "asked for by no page"


@pytest.mark.parametrize(("marks", "sentences"), MARKED.values(), ids=MARKED)
def test_every_marked_word_stands_in_a_sentence(marks: dict[str, str], sentences: list[str]) -> None:
    for word, term in marks.items():
        assert any(f"[{word}|{term}]" in marked(sentence, {word: term}) for sentence in sentences), word


def test_every_measure_that_is_shown_has_a_term() -> None:
    assert set(words.TERMS) == set(CRITERIA) - {*BOUNDS, "bound_gap"}
    assert set(actions.TERMS) == {*MEASURES["gan"], *MEASURES["vae"]}


@pytest.mark.parametrize("term", [term for term in glossary() if term != "grey"])  # which is of Explore alone
def test_an_explanation_is_one_to_three_sentences_with_the_nouns_of_the_data(term: str) -> None:
    said = meaning(term, PICTURES)
    assert said.endswith(".") and 1 <= len(re.findall(r"[.:] |\.$", said)) <= 4
    assert not re.search(r"[{}$]|digit", said)


# Sentences


def test_a_term_is_an_element_with_its_explanation_and_other_words_are_harmless() -> None:
    assert explained("<b> [floor] & [0, 1]") == (
        f'&lt;b&gt; <dfn tabindex="0" data-tip="{meaning("floor", DIGITS)}">floor</dfn> &amp; [0, 1]'
    )
    assert 'data-tip="' + meaning("judge", PICTURES) in explained("[Judges|judge]", PICTURES)
    assert 'tabindex="-1"' in explained("[floor]", focus=False)
    assert explain("*[nats]*").startswith(r"\*<dfn") and explain("*[nats]*").endswith(r"</dfn>\*")


def test_a_sentence_with_an_unknown_term_is_refused() -> None:
    with pytest.raises(KeyError):
        explained("the [flor]")


def test_a_term_is_marked_where_it_first_stands() -> None:
    terms = {"KL": "KL", "KL term": "KL", "Batch": "batch", "batch": "batch", "D": "D"}
    assert marked("the KL term, KL; Dense D's", terms) == "the [KL term|KL], KL; Dense [D|D]'s"
    assert marked_once(["Batch", "a batch, KL"], terms) == ["[Batch|batch]", "a batch, [KL|KL]"]
    assert unexplained(marked("the KL term in [0, 1]", terms)) == "the KL term in [0, 1]"


SCRIPT = """
import { TERMS, marked, meaning } from "./shared/terms.js";
import { Classes } from "./shared/classes.js";
const nouns = new Classes(["a", "b"]).nouns, terms = { "KL": "KL", "KL term": "KL", "D(x)": "D(x)" };
console.log(JSON.stringify({
  meanings: Object.fromEntries(Object.keys(TERMS).map((term) => [term, meaning(term, nouns)])),
  marked: marked("the KL term, KL, D(x)", terms),
}));
"""


def test_scripts_say_the_same(tmp_path: Path) -> None:
    said = json.loads(node(SCRIPT, tmp_path))
    assert said["marked"] == "the [KL term|KL], KL, [D(x)|D(x)]"
    assert said["meanings"].keys() == glossary().keys()
    assert all(said["meanings"][term] == meaning(term, PICTURES) for term in glossary() if term != "grey")
    assert said["meanings"]["grey"].endswith("greyer than any of them.")
