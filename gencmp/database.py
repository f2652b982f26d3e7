"""SQLite as this project uses it: a file with write-ahead log, many processes, short transactions."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gencmp.errors import StoreError

TROUBLE = sqlite3.Error  # what a write may raise: the disk is full, another process holds the file for too long


class Database:
    """The connections to one file, which is made when it is missing. The parent of the stores.

    schema:     of the first version.
    migrations: statements for each later version, applied in order and once; PRAGMA user_version counts them.
    Raises StoreError when it cannot be made or written to, or was made by a later version.
    """

    def __init__(self, path: Path, schema: str, what: str, migrations: Sequence[str] = ()):
        self.path = path
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db().executescript(schema)
            self._migrate(migrations, what)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(
                f"{path.parent} cannot hold the {what}: {error}."
                " Set GENCMP_HOME to a folder that you may write to, not on a network drive."
            ) from None

    def _migrate(self, migrations: Sequence[str], what: str) -> None:
        if self._version() == len(migrations):
            return  # no write lock for the usual answer
        with self._write() as db:
            done = self._version()
            if done > len(migrations):
                raise StoreError(
                    f"{self.path} holds {what} of a later version of gencmp. Update gencmp, or set GENCMP_HOME to another folder."
                )
            for statement in ";".join(migrations[done:]).split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(migrations)}")

    def _version(self) -> int:
        return self._db().execute("PRAGMA user_version").fetchone()[0]

    def _db(self) -> sqlite3.Connection:
        """One connection a thread: opening one costs more than most questions asked of it."""
        if not hasattr(self._local, "db"):
            db = sqlite3.connect(self.path, timeout=30, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.create_function("folded", 1, str.casefold, deterministic=True)  # SQLite's lower() knows A to Z alone
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                db.execute(f"PRAGMA {pragma}")
            self._local.db = db
        return self._local.db

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; whoever else writes waits for its end."""
        db = self._db()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def is_full(error: BaseException) -> bool:
    """Whether a disk without room, or a quota, is what went wrong with a file or with the store."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
