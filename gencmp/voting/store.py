"""The store of blind votes: rounds, questions and answers, in an SQLite file of their own (WAL, so on one host only).

A voter is a random token that a browser keeps; no name, no address and no time of an answer is stored.
Every method is one short transaction, so a full class may vote at once. Imports no torch.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from gencmp.database import Database
from gencmp.errors import RoundClosed, RoundNotFound, VoteError
from gencmp.voting.questions import ANSWERS, PAIR, SET, SINGLE, Question

OPEN, CLOSED, REVEALED = "open", "closed", "revealed"
LETTERS = "CDFHJKMNPRTWXY34679"  # no two that look or sound alike, and no vowels, so that no words come of them
CODE_LENGTH = 4
TOKEN = 32  # hexadecimal digits of a browser's token
NEXT = "(SELECT coalesce(max(number), 0) + 1 FROM voters WHERE round = ?)"  # voter's number
SHAPES = {SINGLE: (1, 28, 28), PAIR: (2, SET, 28, 28)}

SCHEMA = """
CREATE TABLE IF NOT EXISTS rounds (
    code TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL, created REAL NOT NULL, seed TEXT NOT NULL,
    gan TEXT NOT NULL, gan_name TEXT NOT NULL, vae TEXT NOT NULL, vae_name TEXT NOT NULL, demo INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS rounds_by_owner ON rounds (owner, created);
CREATE TABLE IF NOT EXISTS hosts (
    round TEXT NOT NULL REFERENCES rounds (code), token TEXT NOT NULL, PRIMARY KEY (round, token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS questions (
    round TEXT NOT NULL REFERENCES rounds (code), number INTEGER NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    pictures BLOB NOT NULL, PRIMARY KEY (round, number)
);
CREATE TABLE IF NOT EXISTS voters (
    round TEXT NOT NULL REFERENCES rounds (code), token TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (round, token)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS votes (
    round TEXT NOT NULL, question INTEGER NOT NULL, voter TEXT NOT NULL, answer TEXT NOT NULL,
    PRIMARY KEY (round, question, voter), FOREIGN KEY (round, question) REFERENCES questions (round, number),
    FOREIGN KEY (round, voter) REFERENCES voters (round, token)
) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Models:
    """Whose digits are shown: ids as the catalog knows them, and names to read."""

    gan: str
    vae: str
    gan_name: str = ""
    vae_name: str = ""


@dataclass(frozen=True)
class Round:
    """state: "open" (takes answers), "closed", "revealed" (the tally is everyone's). created: seconds since 1970."""

    code: str
    owner: str  # the token of the browser that opened it: a secret, as the voters' are
    state: str
    created: float
    seed: int
    models: Models
    demo: bool  # its voters are simulated

    @property
    def host_key(self) -> str:
        """Lets any browser in as a host. It follows from the seed, which no browser is told."""
        return sha256(f"host:{self.seed}".encode()).hexdigest()[:TOKEN]


@dataclass(frozen=True)
class Vote:
    """One answer, with what it answers. voter: numbered from 1 as they joined. source: "" of a pair."""

    voter: int
    number: int
    kind: str
    source: str
    answer: str

    @property
    def is_wrong(self) -> bool:
        """Of a single digit: misjudged. A preference is never wrong."""
        return self.kind == SINGLE and (self.source == "real") != (self.answer == "real")


@dataclass(frozen=True)
class Turnout:
    """voters: who opened the round; done: who answered everything; answers: of all of them, of `wanted`."""

    voters: int
    done: int
    answers: int
    wanted: int


class VoteStore(Database):
    """All rounds in one file. `clock` gives seconds since 1970; a test passes its own.

    See Database for a file that cannot be made or written to.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time):
        super().__init__(path, SCHEMA, "votes")
        self.clock = clock

    # Rounds

    def open(self, owner: str, models: Models, questions: Sequence[Question], seed: int, demo: bool = False) -> Round:
        """A new round that takes answers at once. owner: the token of the browser that is its first host."""
        names = (models.gan, models.gan_name, models.vae, models.vae_name)
        with self._write() as db:
            code = _free_code(db)
            facts = (code, owner, OPEN, self.clock(), str(seed), *names, int(demo))
            db.execute("INSERT INTO rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", facts)
            rows = ((code, q.number, q.kind, q.source, q.pictures.astype(np.uint8).tobytes()) for q in questions)
            db.executemany("INSERT INTO questions VALUES (?, ?, ?, ?, ?)", rows)
        return self.get(code)

    def get(self, code: str) -> Round:
        """Raises RoundNotFound. Small letters, spaces and hyphens do not matter."""
        row = self._db().execute("SELECT * FROM rounds WHERE code = ?", (tidy(code),)).fetchone()
        if row is None:
            raise RoundNotFound(
                f"There is no round {code.strip()[:12]!r}. Look again at the code that your teacher shows;"
                " an old round may have been deleted."
            )
        return _round(row)

    def all(self) -> list[Round]:
        """Whoever hosts them, newest first."""
        return [_round(row) for row in self._db().execute("SELECT * FROM rounds ORDER BY created DESC, rowid DESC")]

    def hosted(self, token: str) -> list[Round]:
        """The rounds of which a browser is a host, newest first."""
        added = {row["round"] for row in self._db().execute("SELECT round FROM hosts WHERE token = ?", (token,))}
        return [each for each in self.all() if each.owner == token or each.code in added]

    def is_host(self, the_round: Round, token: str) -> bool:
        """Whether a browser may close, reveal and delete a round."""
        found = "SELECT 1 FROM hosts WHERE round = ? AND token = ?"
        return the_round.owner == token or bool(self._db().execute(found, (the_round.code, token)).fetchone())

    def add_host(self, code: str, token: str) -> None:
        """One more browser hosts, and is no voter unless it has answered; who hosted before does still. Raises
        RoundNotFound."""
        self.get(code)
        with self._write() as db:
            db.execute("INSERT OR IGNORE INTO hosts VALUES (?, ?)", (code, token))
            answered = "SELECT 1 FROM votes WHERE votes.round = voters.round AND votes.voter = voters.token"
            db.execute(f"DELETE FROM voters WHERE round = ? AND token = ? AND NOT EXISTS ({answered})", (code, token))

    def delete(self, code: str) -> None:
        """Forget a round and all its answers; of one that there is not, nothing."""
        with self._write() as db:
            for table in ("votes", "voters", "questions", "hosts"):
                db.execute(f"DELETE FROM {table} WHERE round = ?", (code,))
            db.execute("DELETE FROM rounds WHERE code = ?", (code,))

    def questions(self, code: str) -> list[Question]:
        """In the round's order."""
        rows = self._db().execute("SELECT * FROM questions WHERE round = ? ORDER BY number", (code,))
        return [Question(row["number"], row["kind"], row["source"], _pictures(row)) for row in rows]

    def close(self, code: str) -> None:
        """Take no more answers."""
        self._turn(code, OPEN, CLOSED)

    def reveal(self, code: str) -> None:
        """Show everyone the tally. Raises VoteError while the round is open: late answers would know the result."""
        if self.get(code).state == OPEN:
            raise VoteError(f"Round {code} is still open. Close it first, so that nobody answers knowing the result.")
        self._turn(code, CLOSED, REVEALED)

    def _turn(self, code: str, before: str, after: str) -> None:
        self.get(code)
        with self._write() as db:
            db.execute("UPDATE rounds SET state = ? WHERE code = ? AND state = ?", (after, code, before))

    # Voting

    def join(self, code: str, voter: str) -> None:
        """Count a voter, once. Nothing happens when the round takes no more answers."""
        with self._write() as db:
            db.execute(
                f"INSERT OR IGNORE INTO voters SELECT ?, ?, {NEXT}"
                " WHERE EXISTS (SELECT 1 FROM rounds WHERE code = ? AND state = ?)",
                (code, voter, code, code, OPEN),
            )

    def answers(self, code: str, voter: str) -> dict[int, str]:
        """What a voter has answered: question's number to answer."""
        rows = self._db().execute("SELECT question, answer FROM votes WHERE round = ? AND voter = ?", (code, voter))
        return dict(map(tuple, rows))

    def vote(self, code: str, voter: str, number: int, answer: str) -> bool:
        """Take one answer. False when this voter has answered this question before: the first answer stays.

        Raises RoundNotFound, RoundClosed, and VoteError for a question or an answer that there is not.
        """
        return self.vote_all(code, [(voter, number, answer)]) == 1

    def vote_all(self, code: str, votes: Iterable[tuple[str, int, str]]) -> int:
        """Many (voter, question's number, answer) in one transaction; how many were new."""
        with self._write() as db:
            row = db.execute("SELECT state FROM rounds WHERE code = ?", (code,)).fetchone()
            if row is None:
                raise RoundNotFound(f"There is no round {code!r}.")
            if row["state"] != OPEN:
                raise RoundClosed(f"Round {code} is closed and takes no more answers.")
            kinds = dict(map(tuple, db.execute("SELECT number, kind FROM questions WHERE round = ?", (code,))))
            return sum(_take(db, code, kinds, *vote) for vote in votes)

    # Counting

    def turnout(self, code: str) -> Turnout:
        """How many have come, and how far they are."""
        questions, voters, answers = (
            self._db().execute(f"SELECT count(*) FROM {table} WHERE round = ?", (code,)).fetchone()[0]
            for table in ("questions", "voters", "votes")
        )
        complete = "SELECT count(*) FROM (SELECT 1 FROM votes WHERE round = ? GROUP BY voter HAVING count(*) = ?)"
        done = self._db().execute(complete, (code, questions)).fetchone()[0]
        return Turnout(voters, done, answers, voters * questions)

    def votes(self, code: str) -> list[Vote]:
        """All answers, voter by voter."""
        rows = self._db().execute(
            "SELECT voters.number AS voter, questions.number AS number, kind, source, answer FROM votes"
            " JOIN voters ON voters.round = votes.round AND voters.token = votes.voter"
            " JOIN questions ON questions.round = votes.round AND questions.number = votes.question"
            " WHERE votes.round = ? ORDER BY 1, 2",
            (code,),
        )
        return [Vote(**dict(row)) for row in rows]


def tidy(code: str) -> str:
    """A code as it was meant: " c7-fk" is "C7FK"."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:12]


def is_token(value: object) -> bool:
    """Whether this may be a browser's token."""
    return isinstance(value, str) and len(value) == TOKEN and set(value) <= set("0123456789abcdef")


def _take(db: sqlite3.Connection, code: str, kinds: dict[int, str], voter: str, number: int, answer: str) -> int:
    if answer not in ANSWERS.get(kinds.get(number, ""), ()):
        raise VoteError(f"Question {number} of round {code} cannot be answered with {str(answer)[:20]!r}.")
    db.execute(f"INSERT OR IGNORE INTO voters VALUES (?, ?, {NEXT})", (code, voter, code))
    return db.execute("INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?)", (code, number, voter, answer)).rowcount


def _free_code(db: sqlite3.Connection) -> str:
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        if db.execute("SELECT 1 FROM rounds WHERE code = ?", (code,)).fetchone() is None:
            return code


def _round(row: sqlite3.Row) -> Round:
    models = Models(row["gan"], row["vae"], row["gan_name"], row["vae_name"])
    return Round(row["code"], row["owner"], row["state"], row["created"], int(row["seed"]), models, bool(row["demo"]))


def _pictures(row: sqlite3.Row) -> np.ndarray:
    return np.frombuffer(row["pictures"], np.uint8).reshape(SHAPES[row["kind"]])
