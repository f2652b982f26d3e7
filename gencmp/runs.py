"""The store of runs: one SQLite file (WAL, so on one host only, never on a network drive). With votes.py the only SQL in the project.

Many pages and workers open it at once; each method is one short transaction. Imports no torch.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gencmp.config import Config, config_from_dict
from gencmp.database import Database
from gencmp.errors import RunNotFound, RunStateError
from gencmp.events import GRADIENT_NORMS, MEASURES, Epoch, Glanced, Started, Step
from gencmp.files import RunFolder
from gencmp.run import LIVE, EpochRow, Run

LOST_AFTER = 12.0  # seconds without a heartbeat; a worker beats every second
NAME_LENGTH = 60
COLUMNS = tuple(dict.fromkeys(name for kind in MEASURES for name in (*MEASURES[kind], *GRADIENT_NORMS[kind])))

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
CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state, queued);
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


class RunStore(Database):
    """All runs under one folder. `clock` gives seconds since 1970; a test passes its own.

    Raises StoreError when the folder cannot be made or written to.
    """

    def __init__(self, home: Path, clock: Callable[[], float] = time.time):
        super().__init__(home / "runs.sqlite3", SCHEMA, "runs")
        self.home = home
        self.clock = clock

    # Reading

    def get(self, run_id: str) -> Run:
        """Raises RunNotFound."""
        row = self._db().execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise RunNotFound(
                f"There is no run {run_id!r}. It may have been deleted; `python -m gencmp runs` lists those there are."
            )
        return self._run(row)

    def find(self, name: str) -> Run | None:
        """By id, or else by name."""
        row = (
            self._db()
            .execute("SELECT * FROM runs WHERE id = ? OR name = ? ORDER BY id = ? DESC", (name, name, name))
            .fetchone()
        )
        return row and self._run(row)

    def all(self) -> list[Run]:
        """Newest first."""
        return [self._run(row) for row in self._db().execute("SELECT * FROM runs ORDER BY created DESC, rowid DESC")]

    def queue(self) -> list[Run]:
        """Waiting runs, next one first."""
        return [
            self._run(row)
            for row in self._db().execute("SELECT * FROM runs WHERE state = 'queued' ORDER BY queued, rowid")
        ]

    def steps(self, run_id: str, after: int = 0, points: int = 0) -> dict[str, list[float]]:
        """Columns "step", "epoch" and the run's measures, of the steps past `after`.

        points: about how many rows at most, each the mean of its neighbours; 0 gives every row.
        """
        names = self._measures(run_id)
        count, low, high = (
            self._db()
            .execute("SELECT count(*), min(step), max(step) FROM steps WHERE run = ? AND step > ?", (run_id, after))
            .fetchone()
        )
        if points and count > points:
            width = -(-(high - low + 1) // points)
            means = ", ".join(f"avg({name})" for name in names)
            sql = f"SELECT max(step), max(epoch), {means} FROM steps WHERE run = ? AND step > ? GROUP BY (step - 1) / {width} ORDER BY 1"
        else:
            sql = f"SELECT step, epoch, {', '.join(names)} FROM steps WHERE run = ? AND step > ? ORDER BY step"
        columns = list(zip(*self._db().execute(sql, (run_id, after)), strict=True)) or [()] * (len(names) + 2)
        return {name: list(column) for name, column in zip(("step", "epoch", *names), columns, strict=True)}

    def epochs(self, run_id: str, after: int = 0) -> list[EpochRow]:
        """The epochs past `after`, in order."""
        rows = self._db().execute("SELECT * FROM epochs WHERE run = ? AND epoch > ? ORDER BY epoch", (run_id, after))
        return [
            EpochRow(
                row["epoch"], row["step"], row["seconds"], row["images_per_second"],
                json.loads(row["measures"]), json.loads(row["last"]), json.loads(row["test"]),
            )
            for row in rows
        ]  # fmt: skip

    def glimpse(self, run_id: str) -> tuple[int, bytes] | None:
        """(step, npz file) of the newest pictures between epochs."""
        row = self._db().execute("SELECT step, arrays FROM glimpses WHERE run = ?", (run_id,)).fetchone()
        return row and (row["step"], row["arrays"])

    def glimpse_step(self, run_id: str) -> int | None:
        row = self._db().execute("SELECT step FROM glimpses WHERE run = ?", (run_id,)).fetchone()
        return row and row["step"]

    def glance(self, run_id: str) -> dict[str, Any] | None:
        """The newest Glanced: epoch, frechet, floor, digits, missing."""
        sql = "SELECT facts FROM glances WHERE run = ? ORDER BY epoch DESC LIMIT 1"
        row = self._db().execute(sql, (run_id,)).fetchone()
        return row and json.loads(row["facts"])

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder(self.home / run_id)

    def _run(self, row: sqlite3.Row) -> Run:
        values = dict(row)
        for name in ("config", "versions", "test"):
            values[name] = json.loads(values[name])
        if values["state"] in LIVE and self._is_lost(values["heartbeat"]):
            values |= {
                "state": "lost",
                "reason": values["reason"] or "Its worker has stopped without a word. Resume it from its last epoch.",
            }
        return Run.from_dict(values)

    def _is_lost(self, heartbeat: float | None) -> bool:
        return self.clock() - (heartbeat or 0) > LOST_AFTER

    def _measures(self, run_id: str) -> tuple[str, ...]:
        kind = self.get(run_id).kind
        return (*MEASURES[kind], *GRADIENT_NORMS[kind])

    # Queueing

    def create(self, config: Config, preset: str = "own", name: str = "") -> Run:
        """A new run at the end of the queue. Without a name it gets one: "gan paper 3"."""
        run_id, now = secrets.token_hex(4), self.clock()
        with self._write() as db:
            name = _clean(name) or self._free_name(db, f"{config.kind} {preset}")
            self._refuse_taken(db, name, run_id)
            db.execute(
                "INSERT INTO runs (id, name, kind, preset, config, state, created, queued) VALUES (?, ?, ?, ?, ?, 'queued', ?, ?)",
                (run_id, name, config.kind, preset, config.to_json(), now, now),
            )
        return self.get(run_id)

    def claim(self, run_id: str = "") -> Run | None:
        """The next run that may start: its state becomes "starting", and it is the caller's to work on.

        At most `at_once(kind)` runs of a kind are live. None when nothing may start.
        run_id: this very run, past the queue; None when it does not wait (any more).
        """
        now = self.clock()
        with self._write() as db:
            if run_id:
                return self.get(run_id) if self._take(db, run_id, now) else None
            for row in db.execute("SELECT id, kind FROM runs WHERE state = 'queued' ORDER BY queued, rowid").fetchall():
                live = db.execute(
                    "SELECT count(*) FROM runs WHERE kind = ? AND state IN ('starting', 'running', 'paused') AND heartbeat > ?",
                    (row["kind"], now - LOST_AFTER),
                ).fetchone()[0]
                if live < self.at_once(row["kind"]):
                    self._take(db, row["id"], now)
                    return self.get(row["id"])
        return None

    def _take(self, db: sqlite3.Connection, run_id: str, now: float) -> bool:
        taken = "UPDATE runs SET state = 'starting', heartbeat = ?, reason = '', ended = NULL WHERE id = ? AND state = 'queued'"
        return db.execute(taken, (now, run_id)).rowcount == 1

    def at_once(self, kind: str) -> int:
        """How many runs of a kind may be live at once; 1 unless set."""
        return int(self.setting(f"at_once_{kind}", "1"))

    def setting(self, name: str, default: str) -> str:
        row = self._db().execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row["value"] if row else default

    def set_setting(self, name: str, value: str) -> None:
        with self._write() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    # What a worker writes

    def begin(self, run_id: str, started: Started) -> None:
        """The run is running; steps and epochs past the resumed one are forgotten."""
        with self._write() as db:
            db.execute("DELETE FROM steps WHERE run = ? AND step > ?", (run_id, started.step))
            db.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run_id, started.epoch))
            db.execute("DELETE FROM glances WHERE run = ? AND epoch > ?", (run_id, started.epoch))
            db.execute(
                "UPDATE runs SET state = 'running', words = '', started = ifnull(started, ?), heartbeat = ?, epoch = ?, step = ?, steps = ?,"
                " images = ?, device = ?, threads = ?, precision = ?, versions = ?, entropy_floor = ? WHERE id = ?",
                (
                    self.clock(), self.clock(), started.epoch, started.step, started.steps, started.images, started.device, started.threads,
                    started.precision, json.dumps(dict(started.versions)), started.entropy_floor, run_id,
                ),
            )  # fmt: skip

    def add(
        self, run_id: str, steps: Iterable[Step] = (), glimpse: tuple[int, bytes] | None = None, speed: float = 0.0
    ) -> None:
        """Some steps, the newest pictures, a heartbeat: one commit."""
        rows = [(run_id, s.step, s.epoch, *(s.measures.get(name) for name in COLUMNS)) for s in steps]
        with self._write() as db:
            db.executemany(f"INSERT OR REPLACE INTO steps VALUES ({', '.join('?' * (3 + len(COLUMNS)))})", rows)
            if glimpse:
                db.execute("INSERT OR REPLACE INTO glimpses VALUES (?, ?, ?)", (run_id, *glimpse))
            if rows:
                db.execute(
                    "UPDATE runs SET step = ?, images_per_second = CASE WHEN ? > 0 AND epoch = 0 THEN ? ELSE images_per_second END WHERE id = ?",
                    (rows[-1][1], speed, speed, run_id),
                )
            db.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (self.clock(), run_id))

    def add_epoch(self, run_id: str, epoch: Epoch) -> None:
        with self._write() as db:
            db.execute(
                "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id, epoch.epoch, epoch.step, epoch.seconds, epoch.images_per_second,
                    json.dumps(dict(epoch.measures)), json.dumps(dict(epoch.last)), json.dumps(dict(epoch.test)),
                ),
            )  # fmt: skip
            db.execute(
                "UPDATE runs SET epoch = ?, step = ?, images_per_second = ?, test = ?, heartbeat = ?,"
                " seconds = (SELECT sum(seconds) FROM epochs WHERE run = ?) WHERE id = ?",
                (
                    epoch.epoch,
                    epoch.step,
                    epoch.images_per_second,
                    json.dumps(dict(epoch.test)),
                    self.clock(),
                    run_id,
                    run_id,
                ),
            )

    def add_glance(self, run_id: str, glanced: Glanced) -> None:
        with self._write() as db:
            facts = json.dumps({name: value for name, value in asdict(glanced).items() if name != "step"})
            db.execute("INSERT OR REPLACE INTO glances VALUES (?, ?, ?)", (run_id, glanced.epoch, facts))

    def beat(self, run_id: str, words: str | None = None) -> None:
        """The worker is alive; `words` say what it is doing."""
        with self._write() as db:
            db.execute(
                "UPDATE runs SET heartbeat = ?, words = ifnull(?, words) WHERE id = ?", (self.clock(), words, run_id)
            )

    def set_state(self, run_id: str, state: str, reason: str = "") -> None:
        with self._write() as db:
            self._set_state(db, run_id, state, reason)

    def _set_state(self, db: sqlite3.Connection, run_id: str, state: str, reason: str = "") -> None:
        ended = None if state in LIVE or state == "queued" else self.clock()
        db.execute(
            "UPDATE runs SET state = ?, reason = ?, words = '', ended = ?, heartbeat = ? WHERE id = ?",
            (state, reason, ended, self.clock(), run_id),
        )

    def take_commands(self, run_id: str) -> list[str]:
        """The verbs sent to the run since the last call, in order."""
        if not self._db().execute("SELECT 1 FROM commands WHERE run = ?", (run_id,)).fetchone():
            return []  # no write lock for the usual answer
        with self._write() as db:
            verbs = [
                row["verb"] for row in db.execute("SELECT verb FROM commands WHERE run = ? ORDER BY id", (run_id,))
            ]
            db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
        return verbs

    # What a person asks for. The run's state is read under the write lock: a worker may be claiming it right now.

    def command(self, run_id: str, verb: str) -> None:
        """ "pause", "go on" or "stop". A run that no worker holds stops at once; raises RunStateError for one that has ended."""
        with self._write() as db:
            run = self.get(run_id)
            if run.is_live:
                db.execute("INSERT INTO commands (run, verb) VALUES (?, ?)", (run_id, verb))
            elif verb == "stop" and run.state in ("queued", "lost"):
                self._set_state(db, run_id, "stopped")
            else:
                raise RunStateError(f"{run.name} is {run.state}: it cannot {verb}.")

    def requeue(self, run_id: str) -> Run:
        """Resume: to the end of the queue, to go on from the last epoch. Raises RunStateError unless it has stopped, failed or been lost."""
        with self._write() as db:
            run = self.get(run_id)
            if run.state not in ("stopped", "failed", "lost"):
                raise RunStateError(
                    f"{run.name} is {run.state}: only a run that was stopped, has failed or was lost can be resumed."
                )
            db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
            db.execute(
                "UPDATE runs SET state = 'queued', reason = '', ended = NULL, queued = ? WHERE id = ?",
                (self.clock(), run_id),
            )
        return self.get(run_id)

    def rename(self, run_id: str, name: str) -> Run:
        """Raises RunStateError when the name is empty or taken."""
        name = _clean(name)
        if not name:
            raise RunStateError("A run's name needs at least one letter or digit.")
        with self._write() as db:
            self._refuse_taken(db, name, run_id)
            db.execute("UPDATE runs SET name = ? WHERE id = ?", (name, run_id))
        return self.get(run_id)

    def delete(self, run_id: str) -> None:
        """The run and its files. Raises RunStateError while it is live."""
        with self._write() as db:
            run = self.get(run_id)
            if run.is_live:
                raise RunStateError(f"{run.name} is {run.state}: stop it before you delete it.")
            db.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        shutil.rmtree(self.folder(run_id).path, ignore_errors=True)

    def _refuse_taken(self, db: sqlite3.Connection, name: str, run_id: str) -> None:
        if db.execute("SELECT 1 FROM runs WHERE (name = ? OR id = ?) AND id != ?", (name, name, run_id)).fetchone():
            raise RunStateError(f"Another run is named {name!r} already. Choose another name.")

    def _free_name(self, db: sqlite3.Connection, stem: str) -> str:
        taken = {row["name"] for row in db.execute("SELECT name FROM runs")}
        return next(name for n in range(1, len(taken) + 2) if (name := f"{stem} {n}") not in taken)


def config_of(run: Run) -> Config:
    """The run's settings, checked again. Raises ConfigError."""
    return config_from_dict(dict(run.config))


def _clean(name: str) -> str:
    """One line of printable characters, not too long: names are shown, never used as a path."""
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in name)).strip()[:NAME_LENGTH]
