"""The glossary to read: in order, complete, and searched as one types."""

from __future__ import annotations

import json
from pathlib import Path

from browsing import ROOT, node
from streamlit.testing.v1 import AppTest

from gencmp.ui.glossary.explain import glossary, meaning
from gencmp.ui.glossary.listed import NAMES


def test_terms_stand_in_alphabetical_order_once_each() -> None:
    plain = [name.replace("é", "e").casefold() for name in NAMES]
    assert plain == sorted(plain) and len(set(NAMES.values())) == len(NAMES)
    assert set(NAMES.values()) <= set(glossary())


def test_the_page_has_them_all() -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "learn.py"), default_timeout=30)
    at.query_params["show"] = "glossary"
    at.run()
    assert not at.exception and at.title[0].value == "Glossary"
    [data] = [found for each in at.get("bidi_component") if "entries" in (found := json.loads(each.proto.json))]
    assert data["entries"] == [[name, meaning(term)] for name, term in NAMES.items()]


SCRIPT = """
import { matches } from "./glossary/glossary.js";
const entry = ["Fréchet distance", "How far the digits as a whole are from real ones."];
console.log(JSON.stringify(["", "frechet", "FRÉCHET", "real  far", "fréchet kernel", "."].map((typed) => matches(entry, typed))));
"""


def test_a_search_finds_words_in_names_and_explanations_whatever_their_accents(tmp_path: Path) -> None:
    assert json.loads(node(SCRIPT, tmp_path)) == [True, True, True, True, False, True]
