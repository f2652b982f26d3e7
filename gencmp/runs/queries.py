"""Read-only queries of the store of runs. The cost of a query depends on the size of its result, not of the store.

Imports no torch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from gencmp.database import Database
from gencmp.errors import RunNotFound
from gencmp.events import GRADIENT_NORMS, MEASURES, Changed, Checkup
from gencmp.left_out import LeftOut
from gencmp.runs.by_hand.moments import MOMENTS
from gencmp.runs.evaluations.queue import EVALUATIONS
from gencmp.runs.executors.fair import Turn
from gencmp.runs.folder import RunFolder
from gencmp.runs.reading.rows import change_of, checkup_facts, checkup_of, epoch_row, rows_of, run_of
from gencmp.runs.run import LIVE, LOST_AFTER, STATE_WORDS, Choice, EpochRow, Run

COLUMNS = tuple(dict.fromkeys(name for kind in MEASURES for name in (*MEASURES[kind], *GRADIENT_NORMS[kind])))
TOGETHER = 2.0  # seconds between runs of one press of Start
NUMBERS = {int, float, type(None)}  # the types of a step's columns
STUDENT = "student "  # with a run's id, the setting that names the browser of the student who started it
LOST = "Its worker stopped unexpectedly. Resume it from its last epoch."
T = TypeVar("T")
NEIGHBOURS = 8  # step rows averaged for each point of a sparkline

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, preset TEXT NOT NULL, config TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL, queued REAL NOT NULL, started REAL, ended REAL, heartbeat REAL,
    epoch INTEGER NOT NULL DEFAULT 0, step INTEGER NOT NULL DEFAULT 0, steps INTEGER NOT NULL DEFAULT 0,
    images INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL DEFAULT 0, images_per_second REAL NOT NULL DEFAULT 0,
    device TEXT NOT NULL DEFAULT '', threads INTEGER NOT NULL DEFAULT 0, precision TEXT NOT NULL DEFAULT '',
    versions TEXT NOT NULL DEFAULT '{{}}', entropy_floor REAL NOT NULL DEFAULT 0, test TEXT NOT NULL DEFAULT '{{}}'
);
CREATE INDEX IF NOT EXISTS runs_by_turn ON runs (state, kind, queued);
CREATE INDEX IF NOT EXISTS runs_by_age ON runs (created);
CREATE TABLE IF NOT EXISTS steps (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
    {", ".join(f"{name} REAL" for name in COLUMNS)}, PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epochs (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    seconds REAL NOT NULL, images_per_second REAL NOT NULL, measures TEXT NOT NULL, last TEXT NOT NULL, test TEXT NOT NULL,
    PRIMARY KEY (run, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS glimpses (
    run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, arrays BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS glances (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, epoch INTEGER NOT NULL, facts TEXT NOT NULL,
    PRIMARY KEY (run, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, verb TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

# Changes since version 0.1, in order; each is applied once to a store, see Database
MIGRATIONS = (
    """
    ALTER TABLE runs ADD COLUMN machine TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE runs ADD COLUMN data TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE runs ADD COLUMN classes TEXT NOT NULL DEFAULT '[]'
    """,
    """
    ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE runs ADD COLUMN extended TEXT NOT NULL DEFAULT '[]'
    """,
    """
    ALTER TABLE glimpses RENAME TO previews;
    ALTER TABLE glances RENAME TO checkups
    """,
    EVALUATIONS,
    """
    CREATE TABLE changes (
        run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, step INTEGER NOT NULL, epoch INTEGER NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, PRIMARY KEY (run, step)
    ) WITHOUT ROWID
    """,
    MOMENTS,
    "ALTER TABLE runs ADD COLUMN place TEXT NOT NULL DEFAULT '{}'",
)

# a heartbeat from the future is a dead worker's, from before the clock was set back: a live one sends another within a second
IS_LIVE = f"state IN {LIVE} AND ifnull(heartbeat, 0) BETWEEN :alive AND :alive + {2 * LOST_AFTER}"
SEEN = f"(CASE WHEN state IN {LIVE} AND NOT ({IS_LIVE}) THEN 'lost' ELSE state END)"
# a run is found by the word for its state, and by the state's name in the store
NAMED = " ".join(f"WHEN '{state}' THEN '{word} {state}'" for state, word in STATE_WORDS.items() if word != state)
FITS = (
    f"(:kind = '' OR kind = :kind) AND (:wanted = '' OR "
    f"instr(folded(name || ' ' || CASE {SEEN} {NAMED} ELSE {SEEN} END || ' ' || preset), :wanted))"
)
NEWEST_FIRST = "ORDER BY created DESC, rowid DESC"


class RunQueries:
    """All runs of a store, read-only. clock: returns seconds since 1970."""

    def __init__(self, database: Database, home: Path, clock: Callable[[], float]):
        self._database = database
        self._home = home
        self._clock = clock
        self.left_out = LeftOut()
        self._looked = False  # whether every run has been read once

    # One run

    def get(self, run_id: str) -> Run:
        """Raises RunNotFound, for a damaged row DamagedRun."""
        row = self._database.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunNotFound(
                f"There is no run {run_id!r}. It may have been deleted; `python -m gencmp runs` lists all runs."
            )
        return self._run(row)

    def find(self, name: str) -> Run | None:
        """By id, or else by name. See Catalog.find, which knows the shipped models too. Raises DamagedRun."""
        row = self._database.execute(
            "SELECT * FROM runs WHERE id = ? OR name = ? ORDER BY id = ? DESC", (name, name, name)
        ).fetchone()
        return row and self._run(row)

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder(self._home / run_id)

    # Many runs

    def all(self) -> list[Run]:
        """All runs, newest first; takes 30 ms per thousand."""
        return self.newest(-1)

    def newest(self, limit: int, kind: str = "", wanted: str = "") -> list[Run]:
        """The newest runs first, at most `limit` (-1: all). kind, wanted: only this kind; only with this text in name, state or preset."""
        values = {"limit": limit, **self.values(kind, wanted)}
        rows = self._database.execute(f"SELECT * FROM runs WHERE {FITS} {NEWEST_FIRST} LIMIT :limit", values)
        return self._runs(rows)

    def count(self, kind: str = "", wanted: str = "") -> int:
        """How many runs `newest` would return without a limit."""
        if not kind and not wanted:
            return int(
                self._database.execute("SELECT count(*) FROM runs").fetchone()[0]
            )  # answered by an index without reading rows
        sql = f"SELECT count(*) FROM runs WHERE {FITS}"
        return int(self._database.execute(sql, self.values(kind, wanted)).fetchone()[0])

    def trained(self) -> list[Choice]:
        """Runs with at least one finished epoch, newest first."""
        sql = f"SELECT id, name, kind, {SEEN}, epoch FROM runs WHERE epoch > 0 {NEWEST_FIRST}"
        if not self._looked:  # a list of a few columns would offer runs that cannot be read
            self.all()
            self._looked = True
        rows = self._database.execute(sql, self.values())
        return [Choice(*row) for row in rows if row["id"] not in self.left_out.places]

    def forks(self) -> list[Run]:
        """The runs that started from another one, newest first."""
        rows = self._database.execute(f"SELECT * FROM runs WHERE origin LIKE '%\"run\":%' {NEWEST_FIRST}")
        return [run for run in self._runs(rows) if "run" in run.origin]

    def some(self, ids: Collection[str]) -> list[Run]:
        """The runs of these ids that there are."""
        rows = self._database.execute(
            "SELECT * FROM runs WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(sorted(ids)),)
        )
        return self._runs(rows)

    def live(self) -> list[Run]:
        """Runs held by a worker: starting, running or paused, with a recent heartbeat; newest first."""
        rows = self._database.execute(f"SELECT * FROM runs WHERE {IS_LIVE} {NEWEST_FIRST}", self.values())
        return self._runs(rows)

    def queue(self, limit: int = -1) -> list[Run]:
        """Waiting runs, next one first."""
        sql = "SELECT * FROM runs WHERE state = 'queued' ORDER BY queued, rowid LIMIT ?"
        return self._runs(self._database.execute(sql, (limit,)))

    def finished(self, limit: int) -> list[Run]:
        """The newest finished runs, newest first."""
        sql = f"SELECT * FROM runs WHERE state = 'finished' {NEWEST_FIRST} LIMIT ?"
        return self._runs(self._database.execute(sql, (limit,)))

    def together(self, run: Run) -> list[Run]:
        """The runs that were started together with this one, itself among them, oldest first; at most four."""
        sql = "SELECT * FROM runs WHERE created BETWEEN ? AND ? ORDER BY created, rowid LIMIT 4"
        found = self._runs(self._database.execute(sql, (run.created - TOGETHER, run.created + TOGETHER)))
        return found if run.id in [each.id for each in found] else [run]

    def head(self, kind: str) -> Run | None:
        """The next waiting run of a kind; one that cannot be read is skipped."""
        sql = "SELECT * FROM runs WHERE state = 'queued' AND kind = ? ORDER BY queued, rowid"
        rows = self._database.execute(sql, (kind,))
        return next((run for run in map(self._readable, rows) if run), None)

    def open_by_kind(self) -> dict[str, tuple[int, int]]:
        """kind -> (number of live runs, number of waiting runs)."""
        sql = f"""SELECT kind, state = 'queued', count(*) FROM runs
            WHERE state = 'queued' OR ({IS_LIVE}) GROUP BY kind, state = 'queued'"""
        found = {(kind, waits): count for kind, waits, count in self._database.execute(sql, self.values())}
        return {kind: (found.get((kind, 0), 0), found.get((kind, 1), 0)) for kind in MEASURES}

    def is_open(self) -> bool:
        """Whether any run is waiting or live."""
        sql = f"SELECT 1 FROM runs WHERE state = 'queued' OR ({IS_LIVE}) LIMIT 1"
        return self._database.execute(sql, self.values()).fetchone() is not None

    def place(self, run: Run) -> int:
        """A waiting run's position in the queue of its kind, from 1; 0 if it is not waiting."""
        sql = """SELECT count(*) FROM runs WHERE state = 'queued' AND kind = ?
            AND (queued, rowid) <= (SELECT queued, rowid FROM runs WHERE id = ? AND state = 'queued')"""
        return int(self._database.execute(sql, (run.kind, run.id)).fetchone()[0])

    def values(self, kind: str = "", wanted: str = "") -> dict[str, Any]:
        return {"alive": self._clock() - LOST_AFTER, "kind": kind, "wanted": wanted.casefold()}

    # Data of a run

    def steps(self, run_id: str, after: int = 0, points: int = 0) -> dict[str, list[float]]:
        """Columns "step", "epoch" and the run's measures, of the steps after `after`.

        points: average neighbouring steps so that there are about this many rows at most; 0 returns every row.
        """
        names = self._measures(run_id)
        count, low, high = self._database.execute(
            "SELECT count(*), min(step), max(step) FROM steps WHERE run = ? AND step > ?", (run_id, after)
        ).fetchone()
        if points and count > points:
            width = -(-(high - low + 1) // points)
            means = ", ".join(f"avg({name})" for name in names)
            sql = f"SELECT max(step), max(epoch), {means} FROM steps WHERE run = ? AND step > ? GROUP BY (step - 1) / {width} ORDER BY 1"
        else:
            sql = f"SELECT step, epoch, {', '.join(names)} FROM steps WHERE run = ? AND step > ? ORDER BY step"
        rows = [row for row in self._database.execute(sql, (run_id, after)) if set(map(type, row)) <= NUMBERS]
        columns = list(zip(*rows, strict=True)) or [()] * (len(names) + 2)
        return {name: list(column) for name, column in zip(("step", "epoch", *names), columns, strict=True)}

    def spark(self, run: Run, column: str, points: int) -> list[float]:
        """A measure at `points` evenly spaced places of the run, each the mean of a few steps. A fork's begin where it does."""
        first = self._database.execute("SELECT min(step) FROM steps WHERE run = ?", (run.id,)).fetchone()[0]
        before = (first or 1) - 1
        sql = f"""WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n < :points - 1)
            SELECT (SELECT avg({column}) FROM (SELECT {column} FROM steps
                WHERE run = :run AND step > :before + (:last - :before) * n / :points ORDER BY step LIMIT {NEIGHBOURS})) FROM place"""
        values = {"run": run.id, "before": before, "last": run.step, "points": max(1, min(points, run.step - before))}
        return [value for (value,) in self._database.execute(sql, values) if isinstance(value, float)]

    def epochs(self, run_id: str, after: int = 0, points: int = 0) -> list[EpochRow]:
        """The epochs after `after`, in order.

        points: return about this many at most, evenly spaced, including the first and the last; 0 returns all.
        """
        sql, values = "SELECT * FROM epochs WHERE run = ? AND epoch > ? ORDER BY epoch", [run_id, after]
        if points and (chosen := self._spread(run_id, after, points)):
            marks = ", ".join("?" * len(chosen))
            sql, values = f"SELECT * FROM epochs WHERE run = ? AND epoch IN ({marks}) ORDER BY epoch", [run_id, *chosen]
        return self._rows(run_id, "An epoch", epoch_row, self._database.execute(sql, values))

    def _spread(self, run_id: str, after: int, points: int) -> list[int]:
        """The first epoch after `after`, and others evenly spaced back from the last; empty if all are to be returned."""
        last = self._database.execute("SELECT max(epoch) FROM epochs WHERE run = ?", (run_id,)).fetchone()[0] or 0
        every = -(-(last - after) // points)
        return sorted({after + 1, *range(last, after, -every)}) if every > 1 else []

    def preview(self, run_id: str) -> tuple[int, bytes] | None:
        """(step, npz file) of the newest preview."""
        row = self._database.execute("SELECT step, arrays FROM previews WHERE run = ?", (run_id,)).fetchone()
        return row and (row["step"], row["arrays"])

    def preview_step(self, run_id: str) -> int | None:
        row = self._database.execute("SELECT step FROM previews WHERE run = ?", (run_id,)).fetchone()
        return int(row["step"]) if row else None

    def checkup(self, run_id: str) -> dict[str, Any] | None:
        """The newest Checkup: epoch, frechet, floor, digits, missing."""
        rows = self._database.execute("SELECT facts FROM checkups WHERE run = ? ORDER BY epoch DESC", (run_id,))
        found = self._rows(run_id, "A checkup", checkup_facts, rows, 1)
        return found[0] if found else None

    def checkups(self, run_id: str, after: int = 0) -> list[Checkup]:
        """Those of the epochs after `after`, in order."""
        rows = self._database.execute(
            "SELECT facts FROM checkups WHERE run = ? AND epoch > ? ORDER BY epoch", (run_id, after)
        )
        return self._rows(run_id, "A checkup", checkup_of, rows)

    def changes(self, run_id: str) -> list[Changed]:
        """The settings that were changed while the run trained, first one first."""
        rows = self._database.execute("SELECT * FROM changes WHERE run = ? ORDER BY step", (run_id,))
        return self._rows(run_id, "A change of settings", change_of, rows)

    # Turns, see executors/fair.py

    def turns(self) -> list[Turn]:
        """Of all waiting runs."""
        return self._turns("runs.state = 'queued'")

    def turns_held(self, executor: str) -> list[Turn]:
        """Of the runs that an executor holds, whether it lives or not."""
        held = f"runs.state IN {LIVE} AND json_extract(place, '$.executor') = ?"
        return self._turns(held, executor)

    def _turns(self, which: str, *values: str) -> list[Turn]:
        sql = f"""SELECT runs.id, ifnull(settings.value, ''), kind, queued FROM runs
            LEFT JOIN settings ON settings.name = ? || runs.id WHERE {which} ORDER BY queued, runs.rowid"""
        rows = self._database.execute(sql, (STUDENT, *values))
        return [Turn(*row) for row in rows if row["id"] not in self.left_out.places]

    # Settings

    def at_once(self, kind: str) -> int:
        """How many runs of a kind may be live at the same time; 1 by default."""
        found = self.setting(f"at_once_{kind}", "1")
        return int(found) if found.isdecimal() and len(found) < 4 else 1

    def setting(self, name: str, default: str) -> str:
        row = self._database.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return str(row["value"]) if row else default

    def _run(self, row: sqlite3.Row) -> Run:
        run = run_of(row)
        if run.state in LIVE and self._is_lost(run.heartbeat):
            return replace(run, state="lost", reason=run.reason or LOST)
        return run

    def _readable(self, row: sqlite3.Row) -> Run | None:
        """None for a damaged row, which is noted as left out."""
        return self.left_out.read(str(row["id"]), lambda: self._run(row))

    def _runs(self, rows: Iterable[sqlite3.Row]) -> list[Run]:
        return [run for run in map(self._readable, rows) if run]

    def _rows(
        self, run_id: str, what: str, reader: Callable[[Any], T], rows: Iterable[sqlite3.Row], most: int | None = None
    ) -> list[T]:
        """What can be read of a run's rows, at most so many. what: one of them, in words."""
        return list(islice(rows_of(rows, f"{what} of run {run_id}", reader, self.left_out), most))

    def _is_lost(self, heartbeat: float | None) -> bool:
        return abs(self._clock() - (heartbeat or 0)) > LOST_AFTER

    def _measures(self, run_id: str) -> tuple[str, ...]:
        kind = self.get(run_id).kind
        return (*MEASURES[kind], *GRADIENT_NORMS[kind])
