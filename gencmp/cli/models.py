"""The models that a command names."""

from __future__ import annotations

import sys

from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore


def catalog_for(*names: str) -> Catalog:
    """All models of this home. A name that a run shares with a shipped model, or with a file, is taken for the latter;
    that is said on standard error, with the id that the run answers to."""
    catalog = Catalog(RunStore(home()))
    for words in filter(None, map(catalog.namesake, names)):
        print(f"gencmp: {words}", file=sys.stderr)
    return catalog
