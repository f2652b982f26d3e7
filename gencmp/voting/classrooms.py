"""The store of classes that go through lessons together: where the presenter is, and what each browser predicts.

A browser is a random token, as in a vote; no name and no time of a prediction is recorded. Every method is one short
transaction in an SQLite file (WAL mode, so on a single host only). Imports no torch.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gencmp.database import Database
from gencmp.errors import RoundClosed, RoundNotFound, VoteError
from gencmp.schema import check
from gencmp.voting.store import DAMAGED, MOST_VOTERS, free_code, tidy

KEPT = 7 * 24 * 3600.0  # seconds; older classes are deleted when the next one is opened
LONGEST = 40  # letters of a lesson's, a stage's and a prediction's key

SCHEMA = """
CREATE TABLE IF NOT EXISTS classrooms (
    code TEXT PRIMARY KEY, owner TEXT NOT NULL, created REAL NOT NULL, lesson TEXT NOT NULL, stage TEXT NOT NULL,
    seed INTEGER NOT NULL, runs INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS members (
    classroom TEXT NOT NULL REFERENCES classrooms (code), token TEXT NOT NULL, PRIMARY KEY (classroom, token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS predictions (
    classroom TEXT NOT NULL, lesson TEXT NOT NULL, token TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (classroom, lesson, token), FOREIGN KEY (classroom, token) REFERENCES members (classroom, token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outcomes (
    classroom TEXT NOT NULL REFERENCES classrooms (code), lesson TEXT NOT NULL, came TEXT NOT NULL,
    PRIMARY KEY (classroom, lesson)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Position:
    """Where the presenter is. lesson: its key; "" between two lessons. seed: of the runs that are shown. runs: how many of them there are."""

    lesson: str
    stage: str = "claim"
    seed: int = 0
    runs: int = 0


@dataclass(frozen=True)
class Classroom:
    """created: seconds since 1970. owner: the token of the browser that leads; secret, like all tokens."""

    code: str
    owner: str
    created: float
    position: Position


@dataclass(frozen=True)
class Count:
    """members: browsers that have joined, without the one that leads. predicted: how many of these, in one lesson."""

    members: int
    predicted: int


class ClassroomStore:
    """All classes in one file. clock: gives seconds since 1970.

    See Database for the errors of a file that cannot be created or written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time):
        self.database = Database(path, SCHEMA, "classes")
        self.clock = clock

    # Leading

    def open(self, owner: str, position: Position) -> Classroom:
        """Begin a class. owner: the token of the browser that leads it."""
        with self.database.transaction() as db:
            for (old,) in db.execute(
                "SELECT code FROM classrooms WHERE created < ?", (self.clock() - KEPT,)
            ).fetchall():
                _delete(db, old)
            code = free_code(db, "classrooms")
            facts = (code, owner, self.clock(), *_fields(position))
            db.execute("INSERT INTO classrooms VALUES (?, ?, ?, ?, ?, ?, ?)", facts)
        return self.get(code)

    def get(self, code: str) -> Classroom:
        """Case, spaces and hyphens in the code are ignored. Raises RoundNotFound."""
        row = self.database.execute("SELECT * FROM classrooms WHERE code = ?", (tidy(code),)).fetchone()
        if row is None:
            raise RoundNotFound(
                f"Class {code.strip()[:12]!r} not found. It may have ended; if not, check the code on your teacher's screen."
            )
        try:
            return _classroom(row)
        except DAMAGED as error:
            raise RoundNotFound(f"Class {tidy(code)} is damaged ({error}). Open a new one.") from None

    def led_by(self, token: str) -> list[Classroom]:
        """The classes that a browser leads and that can be read, newest first."""
        rows = self.database.execute(
            "SELECT * FROM classrooms WHERE owner = ? ORDER BY created DESC, rowid DESC", (token,)
        )
        found = []
        for row in rows:
            with suppress(*DAMAGED):
                found.append(_classroom(row))
        return found

    def take_over(self, code: str, token: str) -> None:
        """Have another browser lead, which then counts as no member. Raises RoundNotFound."""
        with self.database.transaction() as db:
            _need(db, code)
            db.execute("UPDATE classrooms SET owner = ? WHERE code = ?", (token, code))
            for table in ("predictions", "members"):
                db.execute(f"DELETE FROM {table} WHERE classroom = ? AND token = ?", (code, token))

    def turn_to(self, code: str, position: Position) -> None:
        """Tell all who follow where the presenter is. Raises RoundNotFound."""
        with self.database.transaction() as db:
            _need(db, code)
            db.execute(
                "UPDATE classrooms SET lesson = ?, stage = ?, seed = ?, runs = ? WHERE code = ?",
                (*_fields(position), code),
            )

    def reveal(self, code: str, lesson: str, came: str) -> None:
        """Accept no more predictions for a lesson, and show the class how it split. came: the prediction that came true; "" if
        none can be told. Raises RoundNotFound."""
        with self.database.transaction() as db:
            _need(db, code)
            db.execute("INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)", (code, lesson[:LONGEST], came[:LONGEST]))

    def end(self, code: str) -> None:
        """Delete a class with all its predictions; does nothing if it does not exist."""
        with self.database.transaction() as db:
            _delete(db, code)

    # Taking part

    def join(self, code: str, token: str) -> None:
        """Count a browser once, unless it leads; does nothing if there is no such class, or it has MOST_VOTERS."""
        with self.database.transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO members SELECT code, ? FROM classrooms WHERE code = ? AND owner != ?"
                f" AND (SELECT count(*) FROM members WHERE classroom = ?) < {MOST_VOTERS}",
                (token, code, token, code),
            )

    def predict(self, code: str, lesson: str, token: str, answer: str) -> None:
        """Store or change what a browser that has joined predicts.

        Raises RoundNotFound, RoundClosed once the lesson's outcome is shown, and VoteError for a browser that has not joined.
        """
        with self.database.transaction() as db:
            _need(db, code)
            if db.execute("SELECT 1 FROM outcomes WHERE classroom = ? AND lesson = ?", (code, lesson)).fetchone():
                raise RoundClosed("The outcome of this lesson has been shown. It takes no more predictions.")
            if not db.execute("SELECT 1 FROM members WHERE classroom = ? AND token = ?", (code, token)).fetchone():
                raise VoteError(
                    f"Class {code} has {MOST_VOTERS:,} phones, as many as it takes, or is led from this one."
                )
            if max(len(lesson), len(answer)) > LONGEST:
                raise VoteError(f"There is no prediction {answer[:20]!r}.")
            db.execute("INSERT OR REPLACE INTO predictions VALUES (?, ?, ?, ?)", (code, lesson, token, answer))

    def prediction(self, code: str, lesson: str, token: str) -> str:
        """What a browser predicts; "" if nothing yet."""
        found = "SELECT answer FROM predictions WHERE classroom = ? AND lesson = ? AND token = ?"
        row = self.database.execute(found, (code, lesson, token)).fetchone()
        return str(row["answer"]) if row else ""

    # Counting

    def count(self, code: str, lesson: str) -> Count:
        members = self.database.execute("SELECT count(*) FROM members WHERE classroom = ?", (code,)).fetchone()[0]
        predicted = "SELECT count(*) FROM predictions WHERE classroom = ? AND lesson = ?"
        return Count(members, self.database.execute(predicted, (code, lesson)).fetchone()[0])

    def outcome(self, code: str, lesson: str) -> str | None:
        """The prediction that came true, "" if none can be told; None until it is shown."""
        found = "SELECT came FROM outcomes WHERE classroom = ? AND lesson = ?"
        row = self.database.execute(found, (code, lesson)).fetchone()
        return None if row is None else str(row["came"])

    def split(self, code: str, lesson: str) -> dict[str, int]:
        """How many predict what. Not for the class until the outcome is shown: it would sway those who have yet to predict."""
        found = "SELECT answer, count(*) FROM predictions WHERE classroom = ? AND lesson = ? GROUP BY answer"
        counts = self.database.execute(found, (code, lesson))
        return {answer: count for answer, count in counts if isinstance(answer, str)}


def _need(db: sqlite3.Connection, code: str) -> None:
    if db.execute("SELECT 1 FROM classrooms WHERE code = ?", (code,)).fetchone() is None:
        raise RoundNotFound(f"Class {code[:12]!r} not found: it has ended.")


def _delete(db: sqlite3.Connection, code: str) -> None:
    for table in ("outcomes", "predictions", "members"):
        db.execute(f"DELETE FROM {table} WHERE classroom = ?", (code,))
    db.execute("DELETE FROM classrooms WHERE code = ?", (code,))


def _fields(position: Position) -> tuple[str, str, int, int]:
    return position.lesson[:LONGEST], position.stage[:LONGEST], position.seed, position.runs


def _classroom(row: sqlite3.Row) -> Classroom:
    """Raises one of DAMAGED."""
    position = Position(row["lesson"], row["stage"], row["seed"], row["runs"])
    found = Classroom(row["code"], row["owner"], row["created"], position)
    check(Classroom, found)
    return found
