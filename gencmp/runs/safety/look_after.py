"""What a process does with the store when it starts: it removes what a killed one left, checks a large store, which is not
checked when it is opened, and makes the day's backup."""

from __future__ import annotations

import logging
import threading

from gencmp.database import DatabaseError
from gencmp.errors import GencmpError
from gencmp.runs.safety.backup import back_up
from gencmp.runs.safety.leftovers import clear_leftovers
from gencmp.runs.store import RunStore

log = logging.getLogger("gencmp.runs.safety")


def look_after(store: RunStore) -> threading.Thread:
    """In a thread of its own, as nobody should wait for it; what goes wrong is only logged."""
    thread = threading.Thread(target=_look_after, args=(store,), daemon=True)
    thread.start()
    return thread


def _look_after(store: RunStore) -> None:
    try:
        clear_leftovers(store)
        if store.database.is_large and store.queries.left_out.read("the store", lambda: _checked(store)) is None:
            return  # a damaged store must not take the place of a whole backup
        back_up(store)
    except (GencmpError, OSError, DatabaseError) as error:
        log.warning("The store of %s could not be backed up: %s", store.home, error)


def _checked(store: RunStore) -> bool:
    store.database.check()
    return True
