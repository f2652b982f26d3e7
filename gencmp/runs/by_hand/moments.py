"""The newest moment of each run that is watched by hand, in the store of runs. Imports no torch."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from gencmp.database import Database
from gencmp.events import Moment
from gencmp.schema import Misfit, check, parse_json

# AUTOINCREMENT never gives a number again, so that a browser may keep the pictures of each
MOMENTS = """
    CREATE TABLE moments (
        id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
        facts TEXT NOT NULL, rate REAL NOT NULL, arrays BLOB NOT NULL
    )
"""
PLACE = ("epoch", "step", "acts", "next", "turn", "turns", "phase", "phases")
LATENTS = ("mean", "std", "z")


class Moments:
    """The part of the store of runs that holds moments. Each method is one short transaction."""

    def __init__(self, database: Database):
        self._database = database

    def keep(self, run_id: str, moment: Moment, rate: float) -> None:
        """Replace the run's moment. rate: of slow motion, in steps per second, or 0."""
        with self._database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO moments (run, facts, rate, arrays) VALUES (?, ?, ?, ?)",
                (run_id, json.dumps(_facts(moment)), rate, _packed(moment)),
            )

    def set_rate(self, run_id: str, rate: float) -> None:
        with self._database.transaction() as db:
            db.execute("UPDATE moments SET rate = ? WHERE run = ?", (rate, run_id))

    def forget(self, run_id: str) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM moments WHERE run = ?", (run_id,))

    def newest(self, run_id: str) -> dict[str, Any] | None:
        """The facts of a run's Moment, as a page shows them, with its "id" and "rate"; None if there is none, or it is damaged:
        the next one replaces it."""
        row = self._database.execute("SELECT id, facts, rate FROM moments WHERE run = ?", (run_id,)).fetchone()
        try:
            return {"id": row["id"], **_read(row["facts"]), "rate": row["rate"]} if row else None
        except Misfit:
            return None

    def pictures(self, run_id: str) -> tuple[int, bytes] | None:
        """(id, npz file of its pictures) of a run's Moment."""
        row = self._database.execute("SELECT id, arrays FROM moments WHERE run = ?", (run_id,)).fetchone()
        return row and (row["id"], row["arrays"])


def _read(text: Any) -> dict[str, Any]:
    check(str | bytes, text)
    facts: dict[str, Any] = parse_json(text)
    check(Moment, facts)
    return facts


def _facts(moment: Moment) -> dict[str, Any]:
    told = {name: getattr(moment, name) for name in PLACE}
    told |= {name: dict(getattr(moment, name)) for name in ("measures", "moved", "opinions")}
    return told | {name: moment.arrays[name].tolist() for name in LATENTS if name in moment.arrays}


def _packed(moment: Moment) -> bytes:
    pictures = {name: array for name, array in moment.arrays.items() if name not in LATENTS}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **pictures)  # type: ignore[arg-type]
    return buffer.getvalue()
