"""This server's runs and shipped models, for pages and routes alike. Imports no Streamlit."""

from __future__ import annotations

from functools import cache

from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore


@cache
def open_catalog() -> Catalog:
    """The runs and shipped models of this server."""
    return Catalog(RunStore(home()))
