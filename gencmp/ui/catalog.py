"""This server's runs, shipped models and votes, for pages and routes alike. Imports no Streamlit."""

from __future__ import annotations

from functools import cache

from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.safety.look_after import look_after
from gencmp.runs.store import RunStore
from gencmp.voting.store import VoteStore


@cache
def open_catalog() -> Catalog:
    """The runs and shipped models of this server."""
    store = RunStore(home())
    look_after(store)
    return Catalog(store)


@cache
def open_votes() -> VoteStore:
    """The rounds of this server."""
    return VoteStore(home() / "votes.sqlite3")
