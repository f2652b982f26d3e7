"""The queue of evaluations in the store of runs. One runs at a time, in the same kind of worker that trains.

Imports no torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from gencmp.database import Database
from gencmp.errors import RunNotFound, RunStateError, RunTakenOver
from gencmp.runs.evaluations.job import LIVE, EvaluationJob
from gencmp.runs.run import LOST_AFTER
from gencmp.schema import Misfit

DAMAGED = "The evaluation's row in the store is damaged. Evaluate the models again."
REMEMBERED = 200  # ended evaluations

EVALUATIONS = """
    CREATE TABLE evaluations (
        id INTEGER PRIMARY KEY AUTOINCREMENT, models TEXT NOT NULL, count INTEGER NOT NULL, seed INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued', reason TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '',
        share REAL NOT NULL DEFAULT 0, wants_stop INTEGER NOT NULL DEFAULT 0,
        queued REAL NOT NULL, started REAL, ended REAL, heartbeat REAL
    )
"""
IS_LIVE = f"state IN {LIVE} AND ifnull(heartbeat, 0) BETWEEN :alive AND :alive + {2 * LOST_AFTER}"  # see queries.py


class EvaluationQueue:
    """The part of the store of runs that holds evaluations. Each method is one short transaction."""

    def __init__(self, database: Database, clock: Callable[[], float]):
        self._database = database
        self._clock = clock

    # For pages

    def get(self, job_id: int) -> EvaluationJob:
        """Raises RunNotFound."""
        row = self._database.execute("SELECT * FROM evaluations WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise RunNotFound(f"There is no evaluation {job_id}. Start it again to evaluate its models.")
        return self._job(row)

    def of(self, models: Sequence[str]) -> EvaluationJob | None:
        """An open evaluation of any of these models; else the newest ended one that includes all of them."""
        rows = self._database.execute("SELECT * FROM evaluations ORDER BY id DESC")
        known = [(job, {name for name, _ in job.models}) for job in self._jobs(rows)]
        still_open = [job for job, names in known if job.is_open and names & set(models)]
        ended = [job for job, names in known if not job.is_open and names >= set(models)]
        return next(iter(still_open + ended), None)

    def is_waiting(self) -> bool:
        """Whether an evaluation waits and none is running."""
        sql = f"SELECT 1 FROM evaluations WHERE state = 'queued' AND NOT EXISTS (SELECT 1 FROM evaluations WHERE {IS_LIVE})"
        return self._database.execute(sql, self._alive()).fetchone() is not None

    # For users

    def add(self, models: Sequence[tuple[str, int]], count: int, seed: int = 0) -> EvaluationJob:
        """Add an evaluation at the end of the queue; models are (id, epoch). If an identical one is open, return that instead;
        identical ended ones are deleted."""
        asked = (json.dumps([list(each) for each in sorted(models)]), count, seed)
        with self._database.transaction() as db:
            there = db.execute("SELECT * FROM evaluations WHERE models = ? AND count = ? AND seed = ?", asked)
            for job in self._jobs(there.fetchall()):
                if job.is_open:
                    return job
                db.execute("DELETE FROM evaluations WHERE id = ?", (job.id,))
            sql = "INSERT INTO evaluations (models, count, seed, queued) VALUES (?, ?, ?, ?)"
            job_id = db.execute(sql, (*asked, self._clock())).lastrowid
            db.execute("DELETE FROM evaluations WHERE ended IS NOT NULL AND id < ?", ((job_id or 0) - REMEMBERED,))
        assert job_id is not None
        return self.get(job_id)

    def stop(self, job_id: int) -> None:
        """Stop it at its next progress report, or at once if no worker holds it. Raises RunStateError when it has ended."""
        with self._database.transaction() as db:
            job = self.get(job_id)
            if job.is_live:
                db.execute("UPDATE evaluations SET wants_stop = 1 WHERE id = ?", (job_id,))
            elif job.state in ("queued", "lost"):
                self._end(db, job, "stopped", "")
            else:
                raise RunStateError(f"This evaluation is {job.state}: it cannot be stopped.")

    # For workers

    def claim(self) -> EvaluationJob | None:
        """Take the next evaluation, which the caller must do; None if none waits or another one is running."""
        if not self.is_waiting():
            return None  # the usual case, without a write lock
        with self._database.transaction() as db:
            if not self.is_waiting():
                return None
            waiting = db.execute("SELECT * FROM evaluations WHERE state = 'queued' ORDER BY queued, id").fetchall()
            if not (jobs := self._jobs(waiting)):
                db.execute("UPDATE evaluations SET state = 'failed', reason = ? WHERE state = 'queued'", (DAMAGED,))
                return None
            job_id = jobs[0].id
            now = self._clock()
            db.execute(
                "UPDATE evaluations SET state = 'starting', started = ?, heartbeat = ? WHERE id = ?", (now, now, job_id)
            )
        return self.get(job_id)

    def tell(self, job: EvaluationJob, share: float | None = None, words: str | None = None) -> bool:
        """Record a heartbeat and progress; returns False if it should stop. Raises RunTakenOver if it was lost and started
        again, or deleted."""
        sql = (
            "UPDATE evaluations SET heartbeat = ?, share = ifnull(?, share), words = ifnull(?, words),"
            " state = CASE WHEN ? IS NULL THEN state ELSE 'running' END"
            f" WHERE id = ? AND queued = ? AND state IN {LIVE}"
        )
        with self._database.transaction() as db:
            updated = db.execute(sql, (self._clock(), share, words, share, job.id, job.queued))
            if not updated.rowcount:
                raise RunTakenOver(
                    f"Another worker has taken over evaluation {job.id}, or it was deleted; this one leaves it."
                )
            return not self.get(job.id).wants_stop

    def end(self, job: EvaluationJob, state: str, reason: str = "") -> None:
        with self._database.transaction() as db:
            self._end(db, job, state, reason)

    def _end(self, db: Any, job: EvaluationJob, state: str, reason: str) -> None:
        share = 1.0 if state == "finished" else job.share
        db.execute(
            "UPDATE evaluations SET state = ?, reason = ?, words = '', share = max(share, ?), wants_stop = 0, ended = ?"
            " WHERE id = ? AND queued = ?",
            (state, reason, share, self._clock(), job.id, job.queued),
        )

    def _jobs(self, rows: Iterable[Any]) -> list[EvaluationJob]:
        """Those whose rows can be read: another one would only say that its models are not measured, which is seen anyway."""
        found = []
        for row in rows:
            with suppress(RunNotFound):
                found.append(self._job(row))
        return found

    def _job(self, row: Any) -> EvaluationJob:
        """Raises RunNotFound for a damaged row."""
        try:
            job = EvaluationJob.from_row(row)
        except Misfit as error:
            raise RunNotFound(f"{DAMAGED} ({error})") from None
        if job.is_live and abs(self._clock() - (job.heartbeat or 0)) > LOST_AFTER:
            return replace(
                job, state="lost", reason="Its worker stopped unexpectedly. Completed measurements are saved."
            )
        return job

    def _alive(self) -> dict[str, float]:
        return {"alive": self._clock() - LOST_AFTER}
