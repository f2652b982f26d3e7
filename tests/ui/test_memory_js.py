"""What a browser keeps between visits, and what the page keeps where the browser may not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from browsing import node

from gencmp.ui.routes.assets import script_files

STORE = """{ kept: new Map(), getItem(name) { return this.kept.get(name) ?? null }, setItem(name, text) { this.kept.set(name, text) } }"""
STORAGES = {  # what `localStorage` is
    "a store": f"value: {STORE}",
    "full": f"value: {{ ...{STORE}, setItem() {{ throw new Error('QuotaExceededError') }} }}",
    "blocked": "get() { throw new Error('SecurityError') }",
    "switched off": "value: null",
}
SCRIPT = """
Object.defineProperty(globalThis, "localStorage", { %s })
const { recall, remember } = await import("./shared/memory.js")
const told = [recall("voter")]
remember("voter", "a")
remember("other", "b")
told.push(recall("voter"))
remember("voter", "c")
told.push(recall("voter"), recall("other"))
const again = await import("./shared/memory.js?updated")
told.push(again.recall("voter"))
console.log(JSON.stringify(told))
"""


@pytest.mark.parametrize("storage", STORAGES)
def test_what_is_remembered_is_recalled_for_the_pages_life(tmp_path: Path, storage: Any) -> None:
    assert json.loads(node(SCRIPT % STORAGES[storage], tmp_path)) == [None, "a", "c", "b", "c"]


def test_the_next_visit_recalls_what_the_browser_kept(tmp_path: Path) -> None:
    script = (
        f"globalThis.first = {STORE}; Object.defineProperty(globalThis, 'localStorage', {{ value: globalThis.first }});"
    )
    next_visit = """
const { remember } = await import("./shared/memory.js")
remember("voter", "a")
globalThis.gencmpKept = undefined
const { recall } = await import("./shared/memory.js?next")
console.log(recall("voter"), recall("other"))
"""
    assert node(script + next_visit, tmp_path).split() == ["a", "null"]


def test_no_other_script_asks_the_browser_to_keep_anything() -> None:
    """A look at any of these may throw, and would take a whole page with it."""
    stores = re.compile(r"\b(localStorage|sessionStorage|indexedDB|cookieStore|caches)\b|document\.cookie")
    assert [path.name for path in script_files() if stores.search(path.read_text("utf-8"))] == ["memory.js"]
