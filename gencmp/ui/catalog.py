"""This server's runs, shipped models, votes and classes, for pages and routes alike. Imports no Streamlit.

Their stores ask who is asking (rights/guard.py)."""

from __future__ import annotations

from functools import cache

from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.safety.look_after import look_after
from gencmp.runs.store import RunStore
from gencmp.ui.rights.guard import guard_classrooms, guard_runs, guard_votes
from gencmp.voting.classrooms import ClassroomStore
from gencmp.voting.store import VoteStore


@cache
def open_catalog() -> Catalog:
    """The runs and shipped models of this server."""
    store = RunStore(home())
    look_after(store)
    return Catalog(guard_runs(store))


@cache
def open_votes() -> VoteStore:
    """The rounds of this server."""
    return guard_votes(VoteStore(home() / "votes.sqlite3"))


@cache
def open_classrooms() -> ClassroomStore:
    """The classes that go through lessons together on this server."""
    return guard_classrooms(ClassroomStore(home() / "classrooms.sqlite3"))
