"""SQLite with a write-ahead log and short transactions, for many processes at once."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gencmp.errors import StoreError

DatabaseError = (
    sqlite3.Error
)  # what a write may raise: the disk is full, or another process locks the file for too long


T = TypeVar("T")
PATIENCE = 30.0  # seconds to wait for another program's lock, where someone watches
CHECKED = 20_000_000  # bytes; checking a larger store would delay every command


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
        self._watcher: sqlite3.Connection | None = None  # of `revision`
        self._watching = threading.Lock()
        self.patience = PATIENCE  # seconds; a worker, which nobody watches, waits longer
        self._file: tuple[int, int] | None = None  # device and inode
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._set_up(schema, migrations, what)
        except UnicodeError as error:  # of names in the file
            raise StoreError(self._damaged(str(error))) from None
        except (OSError, sqlite3.Error) as error:
            words = (
                f"{path.parent} cannot hold the {what}: {_in_the_way(path) or error}."
                " Set GENCMP_HOME to a folder that you may write to, not on a network drive."
            )
            if _is_damaged(error):
                raise StoreError(self._damaged(str(error))) from None
            if _in_the_way(path) or not _is_read_only(error):
                raise StoreError(words) from None
            self._read_into_memory()
            self._set_up(schema, migrations, what)
            self.trouble = words
        else:
            self._file = _identity(path)

    def refuse_gone(self) -> None:
        """Raise StoreError if the file was deleted or replaced meanwhile: what is written to it would be seen by nobody."""
        if self._file and _identity(self.path) != self._file:
            raise StoreError(
                f"{self.path} was deleted, moved or replaced while this program was using it, so nothing can be recorded any more."
                " Start again; what was trained so far is where the folder is now."
            )

    @property
    def is_large(self) -> bool:
        """Whether it takes too long to check it whenever it is opened: 4 ms a megabyte."""
        return self.path.is_file() and self.path.stat().st_size > CHECKED

    def check(self) -> None:
        """Raise StoreError for a damaged file."""
        if self._address or not self.path.is_file():
            return
        found = str(self.execute("PRAGMA quick_check(1)").fetchone()[0])
        if found != "ok":
            raise StoreError(self._damaged(found))

    def _damaged(self, why: str) -> str:
        return (
            f"{self.path} is damaged ({why.splitlines()[-1]}). `python -m gencmp repair` saves what can be read into a new store,"
            f" and keeps the damaged file; copies of the last days are in {self.path.parent / 'backups'}."
        )

    def _set_up(self, schema: str, migrations: Sequence[str], what: str) -> None:
        if not self.is_large:
            self.check()
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
        """Run one statement outside any transaction, to read. Raises StoreError when the file is locked for too long, or
        damaged."""
        return self._patiently(lambda: self.connection().execute(sql, values))

    def revision(self) -> Hashable:
        """A value that changes with every commit, of this process or another one. Never waits for a lock: where it cannot be read at
        once, each call gives a new value."""
        with self._watching, suppress(sqlite3.Error):
            if self._watcher is None:  # never writes: a connection does not count its own commits
                where: Path | str = self._address or self.path
                self._watcher = sqlite3.connect(where, timeout=0, uri=bool(self._address), check_same_thread=False)
            return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
        return object()

    def _patiently(self, act: Callable[[], T]) -> T:
        """Each try waits for half a minute by itself."""
        until = time.monotonic() + self.patience
        while True:
            try:
                return act()
            except UnicodeError as error:  # of a name in the file that is in SQLite's own message
                raise StoreError(self._damaged(str(error))) from None
            except sqlite3.DatabaseError as error:
                if _is_damaged(error) and self._file:
                    raise StoreError(self._damaged(str(error))) from None
                if not _is_locked(error):
                    raise
                if time.monotonic() >= until:
                    raise StoreError(
                        f"{self.path} has been locked by another program for {self.patience:.0f} s. Close whatever else has it"
                        " open (a database viewer, a backup or a virus scanner), and try again."
                    ) from None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction; other writers wait for its end. Raises StoreError when nothing can be written."""
        if self.trouble:
            raise StoreError(self.trouble)
        db = self.connection()
        self._patiently(lambda: db.execute("BEGIN IMMEDIATE"))
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


def _is_locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _is_damaged(error: BaseException) -> bool:
    if str(error).startswith(("no such column", "no such table")):  # the names of both are text in the file
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _identity(path: Path) -> tuple[int, int] | None:
    """Of the file at this place now; None if there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def is_full(error: BaseException) -> bool:
    """Whether the error was caused by a full disk or an exhausted quota."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
