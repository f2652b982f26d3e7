"""A backup of the store each day, and of what can be read of a damaged store a new one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gencmp.errors import GencmpError, StoreError
from gencmp.runs.disk import free_bytes
from gencmp.runs.queries import MIGRATIONS, SCHEMA
from gencmp.runs.reading.rows import change_of, checkup_of, epoch_row, run_of
from gencmp.runs.store import RunStore
from gencmp.schema import Misfit

KEPT = 3  # backups
ROOM = 4  # times the store's size must be free, so that a backup never fills a disk
PAGES = 2000  # copied at a time; other programs read and write in between


def back_up(store: RunStore, now: float | None = None) -> Path | None:
    """Copy the store into `backups/`, once a day, and delete all but the newest three; None if there was nothing to do."""
    database = store.database
    folder, day = store.home / "backups", time.strftime("%Y-%m-%d", time.localtime(now))
    target = folder / f"runs-{day}.sqlite3"
    if database.trouble or target.exists() or not store.queries.count():
        return None
    if free_bytes(store.home) < ROOM * database.path.stat().st_size:
        return None
    folder.mkdir(exist_ok=True)
    unfinished = folder / f".tmp-{target.name}"
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(database.path)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy, pages=PAGES, sleep=0.01)
    unfinished.replace(target)
    for old in sorted(folder.glob("runs-*.sqlite3"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


# Repair


@dataclass(frozen=True)
class Repaired:
    """saved, lost: rows of all tables. runs: how many were saved. damaged: where the old file is now."""

    runs: int
    saved: int
    lost: int
    damaged: Path


READERS = {"runs": run_of, "epochs": epoch_row, "checkups": checkup_of, "changes": change_of}
TABLES = ("runs", "steps", "epochs", "previews", "checkups", "changes", "evaluations", "settings")


def repair(home: Path) -> Repaired:
    """Save what can be read of a store into a new one, which takes its place; the damaged file stays beside it.

    Raises StoreError when there is no store, nothing of it can be read, or it cannot be written to.
    """
    path = home / "runs.sqlite3"
    if not path.is_file():
        raise StoreError(f"{path} does not exist, so there is nothing to repair.")
    unfinished = home / ".tmp-repaired.sqlite3"
    unfinished.unlink(missing_ok=True)
    try:
        runs, saved, lost = _saved(path, unfinished)
        if not runs and lost:
            raise StoreError(f"Nothing of {path} can be read.{_backups(home)}")
        damaged = _aside(path)
        unfinished.replace(path)
        return Repaired(runs, saved, lost, damaged)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be repaired: {error}.{_backups(home)}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _saved(path: Path, target: Path) -> tuple[int, int, int]:
    """(runs, rows saved, rows lost)."""
    with closing(sqlite3.connect(target, isolation_level=None)) as new, closing(_old(path)) as old:
        new.executescript(";".join([SCHEMA, *MIGRATIONS]))
        new.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        new.execute("PRAGMA foreign_keys = ON")
        counts = {table: _copy(old, new, table) for table in TABLES}
    return counts["runs"][0], sum(saved for saved, _ in counts.values()), sum(lost for _, lost in counts.values())


def _old(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    db.text_factory = lambda content: content.decode("utf-8", "replace")
    return db


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> tuple[int, int]:
    """(saved, lost) rows of one table, as far as its pages can be read."""
    columns = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    saved = lost = 0
    new.execute("BEGIN")
    for row in _readable(old, table):
        if row is not None and _fits(row, table, columns) and _insert(new, table, row, columns):
            saved += 1
        else:
            lost += 1
    new.execute("COMMIT")
    return saved, lost


def _readable(old: sqlite3.Connection, table: str) -> Iterable[sqlite3.Row | None]:
    """The rows from the start up to a damaged page, then those from the end; None for each end that a damage has cut off."""
    key = "rowid" if table in ("runs", "previews", "evaluations", "settings") else "run, 2"
    seen: set[Any] = set()
    for order in ("ASC", "DESC"):
        try:
            by = ", ".join(f"{part} {order}" for part in key.split(", "))
            for row in old.execute(f"SELECT * FROM {table} ORDER BY {by}"):
                place = tuple(row)[:2]
                if place in seen and order == "DESC":
                    return
                seen.add(place)
                yield row
            return
        except sqlite3.Error:
            yield None


def _fits(row: sqlite3.Row, table: str, columns: list[str]) -> bool:
    try:
        if table in READERS:
            READERS[table](row)
    except (GencmpError, Misfit, IndexError):
        return False
    return set(columns) <= set(row.keys())


def _insert(new: sqlite3.Connection, table: str, row: sqlite3.Row, columns: list[str]) -> bool:
    with suppress(sqlite3.Error):  # a row of a run that is lost, or one that is there twice
        marks = ", ".join("?" * len(columns))
        new.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", [row[name] for name in columns])
        return True
    return False


def _aside(path: Path) -> Path:
    """Move the damaged store, with its log, to a name that is free."""
    stamp = time.strftime("%Y-%m-%d-%H%M%S")
    target = path.with_name(f"runs.damaged-{stamp}.sqlite3")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(target.with_name(target.name + ending))
    return target


def _backups(home: Path) -> str:
    there = sorted((home / "backups").glob("runs-*.sqlite3"))
    return f" The newest backup is {there[-1]}: copy it to {home / 'runs.sqlite3'}." if there else ""
