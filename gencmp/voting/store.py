"""The store of blind votes: rounds, questions and answers in an SQLite file (WAL mode, so on a single host only).

A voter is a random token stored in a browser; no name, address or time of an answer is recorded.
Every method is one short transaction, so a whole class can vote at once. Imports no torch.
"""

from __future__ import annotations

import math
import re
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import TypeVar

import numpy as np

from gencmp.database import Database
from gencmp.errors import RoundClosed, RoundNotFound, VoteError
from gencmp.left_out import LeftOut
from gencmp.schema import Misfit, check
from gencmp.voting.questions import ANSWERS, PAIR, SET, SINGLE, SOURCES, Question

STATES = OPEN, CLOSED, REVEALING, REVEALED = "open", "closed", "revealing", "revealed"
LETTERS = "CDFHJKMNPRTWXY34679"  # no two look or sound alike; without vowels, no code spells a word
CODE_LENGTH = 4
TOKEN = 32  # hexadecimal digits of a browser's token
MOST_VOTERS = 1000  # of a round; a browser that forgets its token is a new voter
NEXT = "(SELECT coalesce(max(number), 0) + 1 FROM voters WHERE round = ?)"  # the next voter's number
COUNTED = "(SELECT count(*) FROM voters WHERE round = ?)"
DAMAGED = (Misfit, IndexError)  # sqlite3.Row raises the latter for a column that is not there
T = TypeVar("T")
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
MIGRATIONS = (
    # how far the reveal has come, and the round that follows this one
    "ALTER TABLE rounds ADD COLUMN step INTEGER NOT NULL DEFAULT 0; ALTER TABLE rounds ADD COLUMN next TEXT NOT NULL DEFAULT '';"
    " UPDATE rounds SET state = 'revealed' WHERE demo = 1",  # a demo round needs no host any more
    "ALTER TABLE rounds ADD COLUMN links INTEGER NOT NULL DEFAULT 0",  # how many host links have been revoked
)


@dataclass(frozen=True)
class Models:
    """The two models of a round: their ids in the catalog, and display names."""

    gan: str
    vae: str
    gan_name: str = ""
    vae_name: str = ""


@dataclass(frozen=True)
class Round:
    """state: "open" (takes answers), "closed", "revealing" (one picture at a time, see reveal.py), "revealed" (the tally is
    everyone's). created: seconds since 1970.
    """

    code: str
    owner: str  # the token of the browser that opened it; secret, like the voters' tokens
    state: str
    created: float
    seed: int
    models: Models
    demo: bool  # its voters are simulated
    step: int = 0  # how far the reveal has come
    next: str = ""  # the code of the round that the same class plays after this one
    links: int = 0  # how many of its host links have been revoked

    @property
    def host_key(self) -> str:
        """A key that makes any browser a host. It is derived from the seed, which is never sent to a browser."""
        number = f":{self.links}" if self.links else ""
        return sha256(f"host:{self.seed}{number}".encode()).hexdigest()[:TOKEN]


@dataclass(frozen=True)
class Vote:
    """One answer with its question. voter: number from 1, in the order of joining. source: "" for a pair."""

    voter: int
    number: int
    kind: str
    source: str
    answer: str

    @property
    def is_wrong(self) -> bool:
        """Whether a single digit was misjudged. A preference is never wrong."""
        return self.kind == SINGLE and (self.source == "real") != (self.answer == "real")


@dataclass(frozen=True)
class Turnout:
    """voters: how many joined; done: how many answered everything; answers: how many of `wanted` were given."""

    voters: int
    done: int
    answers: int
    wanted: int


class VoteStore:
    """All rounds in one file. clock: gives seconds since 1970.

    See Database for the errors of a file that cannot be created or written.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time):
        self.database = Database(path, SCHEMA, "votes", MIGRATIONS)
        self.clock = clock
        self.left_out = LeftOut()  # damaged rows that were met

    # Rounds

    def open(self, owner: str, models: Models, questions: Sequence[Question], seed: int, demo: bool = False) -> Round:
        """Create a round that accepts answers immediately. owner: the token of the browser that is its first host."""
        names = (models.gan, models.gan_name, models.vae, models.vae_name)
        with self.database.transaction() as db:
            code = free_code(db, "rounds")
            facts = (code, owner, OPEN, self.clock(), str(seed), *names, int(demo), 0, "", 0)
            db.execute(f"INSERT INTO rounds VALUES ({', '.join('?' * len(facts))})", facts)
            rows = ((code, q.number, q.kind, q.source, q.pictures.astype(np.uint8).tobytes()) for q in questions)
            db.executemany("INSERT INTO questions VALUES (?, ?, ?, ?, ?)", rows)
        return self.get(code)

    def get(self, code: str) -> Round:
        """Case, spaces and hyphens in the code are ignored. Raises RoundNotFound."""
        row = self.database.execute("SELECT * FROM rounds WHERE code = ?", (tidy(code),)).fetchone()
        if row is None:
            raise RoundNotFound(
                f"Round {code.strip()[:12]!r} not found. Check the code on your teacher's screen;"
                " an old round may have been deleted."
            )
        try:
            return _round(row)
        except DAMAGED as error:
            raise RoundNotFound(f"Round {tidy(code)} is damaged ({error}). Open a new one.") from None

    def all(self) -> list[Round]:
        """All rounds that can be read, newest first."""
        rows = self.database.execute("SELECT * FROM rounds ORDER BY created DESC, rowid DESC")
        return [*self._readable(rows, _round, "A round")]

    def hosted(self, token: str) -> list[Round]:
        """The rounds that a browser hosts, newest first."""
        added = {row["round"] for row in self.database.execute("SELECT round FROM hosts WHERE token = ?", (token,))}
        return [each for each in self.all() if each.owner == token or each.code in added]

    def is_host(self, the_round: Round, token: str) -> bool:
        """Whether a browser may close, reveal and delete a round."""
        found = "SELECT 1 FROM hosts WHERE round = ? AND token = ?"
        return the_round.owner == token or bool(self.database.execute(found, (the_round.code, token)).fetchone())

    def add_host(self, code: str, token: str) -> None:
        """Make a browser an additional host. It no longer counts as a voter unless it has answered. Raises RoundNotFound."""
        self.get(code)
        with self.database.transaction() as db:
            db.execute("INSERT OR IGNORE INTO hosts VALUES (?, ?)", (code, token))
            answered = "SELECT 1 FROM votes WHERE votes.round = voters.round AND votes.voter = voters.token"
            db.execute(f"DELETE FROM voters WHERE round = ? AND token = ? AND NOT EXISTS ({answered})", (code, token))

    def use_link(self, code: str, token: str, key: str) -> bool:
        """Make a browser a host if it has the key of the round's host link. Raises RoundNotFound."""
        if not compare_digest(key.encode(), self.get(code).host_key.encode()):
            return False
        VoteStore.add_host(self, code, token)
        return True

    def revoke_links(self, code: str, keep: str = "") -> None:
        """Make a new host link. Browsers that used an earlier one no longer host the round, except `keep` and the one that
        opened it."""
        with self.database.transaction() as db:
            db.execute("UPDATE rounds SET links = links + 1 WHERE code = ?", (code,))
            db.execute("DELETE FROM hosts WHERE round = ? AND token != ?", (code, keep))

    def delete(self, code: str) -> None:
        """Delete a round with all its answers; does nothing if it does not exist."""
        with self.database.transaction() as db:
            for table in ("votes", "voters", "questions", "hosts"):
                db.execute(f"DELETE FROM {table} WHERE round = ?", (code,))
            db.execute("DELETE FROM rounds WHERE code = ?", (code,))

    def questions(self, code: str) -> list[Question]:
        """In the round's order; without those that cannot be read."""
        rows = self.database.execute("SELECT * FROM questions WHERE round = ? ORDER BY number", (code,))
        return [*self._readable(rows, _question, f"A question of round {code}")]

    def close(self, code: str) -> None:
        """Stop accepting answers."""
        self._change_state(code, OPEN, CLOSED)

    def reveal(self, code: str) -> None:
        """Begin the reveal at its first picture. Raises VoteError while the round is open: late voters would know the result."""
        if self.get(code).state == OPEN:
            raise VoteError(f"Round {code} is still open. Close it first, so that nobody answers knowing the result.")
        self._change_state(code, CLOSED, REVEALING)

    def turn_to(self, code: str, step: int) -> None:
        """Show one step of the reveal to everyone, also after its end; does nothing before the reveal. Raises RoundNotFound."""
        self.get(code)
        turn = "UPDATE rounds SET state = ?, step = ? WHERE code = ? AND state IN (?, ?)"
        with self.database.transaction() as db:
            db.execute(turn, (REVEALING, max(0, step), code, REVEALING, REVEALED))

    def finish(self, code: str) -> None:
        """End the reveal: show the tally to everyone."""
        self._change_state(code, REVEALING, REVEALED)

    def follow(self, code: str, next_code: str) -> None:
        """Tell the voters of a round which round comes after it."""
        with self.database.transaction() as db:
            db.execute("UPDATE rounds SET next = ? WHERE code = ?", (next_code, code))

    def _change_state(self, code: str, before: str, after: str) -> None:
        self.get(code)
        with self.database.transaction() as db:
            db.execute("UPDATE rounds SET state = ? WHERE code = ? AND state = ?", (after, code, before))

    # Voting

    def join(self, code: str, voter: str) -> None:
        """Count a voter once; does nothing if the round is not open, or has MOST_VOTERS."""
        with self.database.transaction() as db:
            db.execute(
                f"INSERT OR IGNORE INTO voters SELECT ?, ?, {NEXT}"
                " WHERE EXISTS (SELECT 1 FROM rounds WHERE code = ? AND state = ?)"
                f" AND {COUNTED} < {MOST_VOTERS}",
                (code, voter, code, code, OPEN, code),
            )

    def answers(self, code: str, voter: str) -> dict[int, str]:
        """A voter's answers: question number -> answer."""
        rows = self.database.execute("SELECT question, answer FROM votes WHERE round = ? AND voter = ?", (code, voter))
        return dict(self._readable(rows, _answer, f"An answer in round {code}"))

    def vote(self, code: str, voter: str, number: int, answer: str) -> bool:
        """Store one answer. False if this voter has already answered this question: the first answer counts.

        Raises RoundNotFound, RoundClosed, and VoteError for an unknown question or answer.
        """
        return self.vote_all(code, [(voter, number, answer)]) == 1

    def vote_all(self, code: str, votes: Iterable[tuple[str, int, str]]) -> int:
        """Store many (voter, question number, answer) in one transaction; returns how many were new."""
        with self.database.transaction() as db:
            row = db.execute("SELECT state FROM rounds WHERE code = ?", (code,)).fetchone()
            if row is None:
                raise RoundNotFound(f"Round {code!r} not found.")
            if row["state"] != OPEN:
                raise RoundClosed(f"Round {code} is closed. It accepts no more answers.")
            kinds = dict(map(tuple, db.execute("SELECT number, kind FROM questions WHERE round = ?", (code,))))
            return sum(_take(db, code, kinds, *vote) for vote in votes)

    # Counting

    def turnout(self, code: str) -> Turnout:
        """How many voters have joined, and how many answers they have given."""
        questions, voters, answers = (
            self.database.execute(f"SELECT count(*) FROM {table} WHERE round = ?", (code,)).fetchone()[0]
            for table in ("questions", "voters", "votes")
        )
        complete = "SELECT count(*) FROM (SELECT 1 FROM votes WHERE round = ? GROUP BY voter HAVING count(*) = ?)"
        done = self.database.execute(complete, (code, questions)).fetchone()[0]
        return Turnout(voters, done, answers, voters * questions)

    def votes(self, code: str) -> list[Vote]:
        """All answers, ordered by voter and question."""
        rows = self.database.execute(
            "SELECT voters.number AS voter, questions.number AS number, kind, source, answer FROM votes"
            " JOIN voters ON voters.round = votes.round AND voters.token = votes.voter"
            " JOIN questions ON questions.round = votes.round AND questions.number = votes.question"
            " WHERE votes.round = ? ORDER BY 1, 2",
            (code,),
        )
        return [*self._readable(rows, _vote, f"An answer in round {code}")]

    def _readable(self, rows: Iterable[sqlite3.Row], reader: Callable[[sqlite3.Row], T], what: str) -> Iterator[T]:
        """what: one of them in words, for the sentence about one that is left out."""
        for row in rows:
            try:
                yield reader(row)
            except DAMAGED as error:
                self.left_out.note(what, f"{what} is left out: its row in the store of votes is damaged ({error}).")


def tidy(code: str) -> str:
    """Normalise a typed code: " c7-fk" -> "C7FK"."""
    return "".join(letter for letter in code.upper() if letter.isalnum())[:12]


def is_token(value: object) -> bool:
    """Whether the value has the form of a browser's token."""
    return isinstance(value, str) and len(value) == TOKEN and set(value) <= set("0123456789abcdef")


def _take(db: sqlite3.Connection, code: str, kinds: dict[int, str], voter: str, number: int, answer: str) -> int:
    if answer not in ANSWERS.get(kinds.get(number, ""), ()):
        raise VoteError(f"Question {number} of round {code} cannot be answered with {str(answer)[:20]!r}.")
    joined = db.execute("SELECT 1 FROM voters WHERE round = ? AND token = ?", (code, voter)).fetchone()
    if not joined and db.execute(f"SELECT {COUNTED}", (code,)).fetchone()[0] >= MOST_VOTERS:
        raise VoteError(f"Round {code} has {MOST_VOTERS:,} voters, as many as it takes.")
    db.execute(f"INSERT OR IGNORE INTO voters VALUES (?, ?, {NEXT})", (code, voter, code))
    return db.execute("INSERT OR IGNORE INTO votes VALUES (?, ?, ?, ?)", (code, number, voter, answer)).rowcount


def free_code(db: sqlite3.Connection, table: str) -> str:
    """A code that no row of this table of ours has."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        if db.execute(f"SELECT 1 FROM {table} WHERE code = ?", (code,)).fetchone() is None:
            return code


# Rows; each reader raises Misfit


def _round(row: sqlite3.Row) -> Round:
    check(str, row["seed"], "seed")
    if not re.fullmatch(r"-?[0-9]{1,30}", row["seed"]):
        raise Misfit(f"seed is {row['seed']!r:.40}, wanted a whole number")
    models = Models(row["gan"], row["vae"], row["gan_name"], row["vae_name"])
    start = (row["code"], row["owner"], row["state"], row["created"], int(row["seed"]), models, bool(row["demo"]))
    found = Round(*start, row["step"], row["next"], row["links"])
    check(Round, found)
    if found.state not in STATES:
        raise Misfit(f"state is {found.state!r:.40}, wanted one of {', '.join(STATES)}")
    return found


def _question(row: sqlite3.Row) -> Question:
    kind, pictures = row["kind"], row["pictures"]
    if kind not in SHAPES or row["source"] not in ("", *SOURCES) or (kind == SINGLE) != bool(row["source"]):
        raise Misfit(f"it is a {kind!r:.20} of {row['source']!r:.20}")
    check(int, row["number"], "number")
    check(bytes, pictures, "pictures")
    if len(pictures) != math.prod(SHAPES[kind]):
        raise Misfit(f"pictures have {len(pictures):,} bytes, wanted {math.prod(SHAPES[kind]):,}")
    return Question(row["number"], kind, row["source"], np.frombuffer(pictures, np.uint8).reshape(SHAPES[kind]))


def _answer(row: sqlite3.Row) -> tuple[int, str]:
    check(int, row["question"], "question")
    if not any(row["answer"] in known for known in ANSWERS.values()):
        raise Misfit(f"answer is {row['answer']!r:.40}")
    return row["question"], row["answer"]


def _vote(row: sqlite3.Row) -> Vote:
    found = Vote(**dict(row))
    check(Vote, found)
    if found.answer not in ANSWERS.get(found.kind, ()) or found.source not in ("", *SOURCES):
        raise Misfit(f"it answers {found.answer!r:.20} to a {found.kind!r:.20} of {found.source!r:.20}")
    return found
