"""SQLite with a write-ahead log and short transactions, for many processes at once."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from gencmp.errors import StoreError

DatabaseError = (
    sqlite3.Error
)  # what a write may raise: the disk is full, or another process locks the file for too long


class Database:
    """The connections to one database file, which is created if it is missing. Passed to the stores.

    schema:     of the first version.
    migrations: statements for each later version, applied once and in order, after a backup; PRAGMA user_version counts them.
    what:       what the database holds, for error messages.
    trouble:    why nothing can be written, as a message; empty when writing is possible. When the folder is read-only, the
                file's content is loaded into memory, and every write raises a StoreError with this message.
    Raises StoreError when the file is damaged or from a later version, or when a file is in the folder's place.
    """

    def __init__(self, path: Path, schema: str, what: str, migrations: Sequence[str] = ()):
        self.path = path
        self.trouble = ""
        self._address = ""  # of the copy in memory, if there is one
        self._local = threading.local()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._set_up(schema, migrations, what)
        except (OSError, sqlite3.Error) as error:
            words = (
                f"{path.parent} cannot hold the {what}: {_in_the_way(path) or error}."
                " Set GENCMP_HOME to a folder that you may write to, not on a network drive."
            )
            if _in_the_way(path) or not _is_read_only(error):
                raise StoreError(words) from None
            self._read_into_memory()
            self._set_up(schema, migrations, what)
            self.trouble = words

    def _set_up(self, schema: str, migrations: Sequence[str], what: str) -> None:
        if self._version() == len(migrations) and self._tables():
            return  # usually the file is up to date, and no write lock is needed
        with self.transaction() as db:
            done = self._version()
            if done > len(migrations):
                raise StoreError(
                    f"{self.path} holds {what} of a later version of gencmp. Update gencmp, or set GENCMP_HOME to another folder."
                )
            if done < len(migrations) and not self._address and self._holds_rows():
                self._back_up(done)
            for statement in ";".join([schema] * (done == 0) + list(migrations[done:])).split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {len(migrations)}")

    def _back_up(self, version: int) -> None:
        """Copy the file next to itself, for the version of gencmp that wrote it. Uses a separate connection, because SQLite
        cannot copy from one that is in a transaction."""
        target = self.path.with_name(f"{self.path.name}.version-{version}")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)

    def _tables(self) -> list[str]:
        return [name for (name,) in self.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]

    def _holds_rows(self) -> bool:
        return any(self.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in self._tables())

    def _read_into_memory(self) -> None:
        """Make all threads share a copy in memory of what can be read from the file."""
        self._address = f"file:gencmp-{id(self)}?mode=memory&cache=shared"
        self._local = threading.local()
        self._memory = sqlite3.connect(
            self._address, uri=True, check_same_thread=False
        )  # the copy exists while this is open
        for how in ("mode=ro", "mode=ro&immutable=1"):  # the first also reads the log, and may need to write next to it
            with suppress(OSError, sqlite3.Error):
                with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?{how}", uri=True)) as file:
                    file.backup(self._memory)
                return

    def _version(self) -> int:
        return int(self.execute("PRAGMA user_version").fetchone()[0])

    def connection(self) -> sqlite3.Connection:
        """One connection per thread, as opening one takes longer than most queries."""
        if not hasattr(self._local, "db"):
            where: Path | str = self._address or self.path
            db = sqlite3.connect(where, timeout=30, isolation_level=None, uri=bool(self._address))
            db.row_factory = sqlite3.Row
            db.text_factory = partial(str, encoding="utf-8", errors="replace")  # damaged text must not hide other rows
            db.create_function("folded", 1, str.casefold, deterministic=True)  # SQLite's lower() handles only A to Z
            for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
                db.execute(f"PRAGMA {pragma}")
            self._local.db = db
        kept: sqlite3.Connection = self._local.db
        return kept

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement outside any transaction, to read."""
        return self.connection().execute(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction; other writers wait for its end. Raises StoreError when nothing can be written."""
        if self.trouble:
            raise StoreError(self.trouble)
        db = self.connection()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _in_the_way(path: Path) -> str:
    """A file in the place of the database's folder, or a folder in the place of the file, as a message; else ""."""
    above = next(filter(os.path.exists, path.parents), None)
    if above is not None and not os.path.isdir(above):
        return f"{above} is a file, wanted a folder"
    return f"{path} is a folder, wanted a file" if os.path.isdir(path) else ""


def _is_read_only(error: OSError | sqlite3.Error) -> bool:
    """Whether there is no permission to write to the folder or the file, or to create the folder."""
    if isinstance(error, OSError):
        return error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


def is_full(error: BaseException) -> bool:
    """Whether the error was caused by a full disk or an exhausted quota."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
