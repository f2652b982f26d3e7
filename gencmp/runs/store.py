"""The store of runs: one SQLite file (WAL, so on one host only, never on a network drive). All SQL of the project is here,
in queries.py (read-only queries), in evaluations/queue.py, in by_hand/moments.py and in voting/store.py.

Many pages and workers use it at the same time; each method is one short transaction. Imports no torch.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import Any

from gencmp.database import Database
from gencmp.errors import RunStateError
from gencmp.events import MEASURES, Changed, Checkup, Epoch, Started, Step
from gencmp.runs.by_hand.commands import slow_command, step_command
from gencmp.runs.by_hand.moments import Moments
from gencmp.runs.evaluations.queue import EvaluationQueue
from gencmp.runs.folder import RunFolder
from gencmp.runs.names import NAME_LENGTH as NAME_LENGTH
from gencmp.runs.names import cleaned, quoted, readings, refuse_reserved
from gencmp.runs.queries import COLUMNS, IS_LIVE, MIGRATIONS, SCHEMA, RunQueries
from gencmp.runs.run import LIVE, Run
from gencmp.runs.run import LOST_AFTER as LOST_AFTER
from gencmp.settings.configs import Config
from gencmp.settings.levers import pull
from gencmp.settings.presets import followed
from gencmp.settings.stored import config_from_dict

WAIT = f" If its worker was killed, wait: after {LOST_AFTER:.0f} s without a sign from it, the run reads lost and can be resumed."
CHANGE = "change "  # a command's beginning; the settings follow as JSON


class RunStore:
    """All runs under one folder: what changes them, for workers and for users; reading them is left to `queries`.

    clock: returns seconds since 1970; tests pass their own. See Database for folders that cannot be created or written to.
    """

    def __init__(self, home: Path, clock: Callable[[], float] = time.time):
        self.home = home
        self.clock = clock
        self.database = Database(home / "runs.sqlite3", SCHEMA, "runs", MIGRATIONS)
        self.queries = RunQueries(self.database, home, clock)
        self.evaluations = EvaluationQueue(self.database, clock)
        self.moments = Moments(self.database)

    # Queueing

    def create(
        self,
        config: Config,
        preset: str = "own",
        name: str = "",
        stem: str = "",
        origin: Mapping[str, Any] | None = None,
        bring: Callable[[RunFolder], None] = lambda folder: None,
        based_on: str = "",
        paused: bool = False,
        turn: float | None = None,
    ) -> Run:
        """Add a run at the end of the queue. The default name is "GAN Paper 3", or the stem, with a number if that is taken.

        origin: for a fork, the run whose weights it starts from; bring: copies these into the new folder before a worker sees it.
        based_on: the preset that own settings started from. paused: it pauses before its first step. turn: the time since when it
        waits, by default now.
        Raises RunStateError when the name is taken, see refuse_name.
        """
        now = self.clock()
        origin = dict(origin or {}) | ({"preset": based_on} if based_on and preset == "own" else {})
        with self.database.transaction() as db:
            run_id = _free_id(db)
            name = cleaned(name) or self._free_name(db, _generated_names(config, preset, stem, based_on))
            self.refuse_name(name, run_id)
            self._bring(run_id, bring)
            db.execute(
                "INSERT INTO runs (id, name, kind, preset, config, state, created, queued, origin) VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
                (
                    run_id,
                    name,
                    config.kind,
                    preset,
                    config.to_json(),
                    now,
                    now if turn is None else turn,
                    json.dumps(origin),
                ),
            )
            if paused:
                _send(db, run_id, "pause")
        return self.queries.get(run_id)

    def _bring(self, run_id: str, bring: Callable[[RunFolder], None]) -> None:
        """Call `bring`; if it fails, delete the folder."""
        try:
            bring(self.queries.folder(run_id))
        except BaseException:
            shutil.rmtree(self.queries.folder(run_id).path, ignore_errors=True)
            raise

    def claim(self, run_id: str = "", executor: str = "local") -> Run | None:
        """Take the next run that may start: its state becomes "starting", and the caller must train it.

        At most `at_once(kind)` runs of a kind are live. None when nothing may start.
        run_id: take this run, bypassing the queue; None if it is not waiting (any more). executor: the caller's.
        """
        self.database.refuse_gone()
        now = self.clock()
        with self.database.transaction() as db:
            if run_id:
                return self.queries.get(run_id) if self._take(db, run_id, now, executor) else None
            heads = [head for kind in MEASURES if self._has_room(kind) and (head := self.queries.head(kind))]
            if not heads:
                return None
            run_id = min(heads, key=lambda run: run.queued).id
            self._take(db, run_id, now, executor)
        return self.queries.get(run_id)

    def _has_room(self, kind: str) -> bool:
        sql = f"SELECT count(*) FROM runs WHERE kind = :kind AND {IS_LIVE}"
        return int(self.database.execute(sql, self.queries.values(kind)).fetchone()[0]) < self.queries.at_once(kind)

    def _take(self, db: sqlite3.Connection, run_id: str, now: float, executor: str) -> bool:
        taken = (
            "UPDATE runs SET state = 'starting', heartbeat = ?, reason = '', ended = NULL, place = json_patch(place, ?)"
            " WHERE id = ? AND state = 'queued'"
        )
        place = json.dumps({"executor": executor, "node": None})
        return db.execute(taken, (now, place, run_id)).rowcount == 1

    def set_setting(self, name: str, value: str) -> None:
        with self.database.transaction() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    # For workers

    def begin(self, run_id: str, started: Started) -> None:
        """Mark the run as running; delete steps and epochs after the resumed one."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM steps WHERE run = ? AND step > ?", (run_id, started.step))
            db.execute("DELETE FROM epochs WHERE run = ? AND epoch > ?", (run_id, started.epoch))
            db.execute("DELETE FROM checkups WHERE run = ? AND epoch > ?", (run_id, started.epoch))
            db.execute("DELETE FROM moments WHERE run = ?", (run_id,))
            db.execute(
                "UPDATE runs SET state = 'running', words = '', started = ifnull(started, ?), heartbeat = ?, epoch = ?, step = ?, steps = ?,"
                " images = ?, device = ?, threads = ?, precision = ?, versions = ?, entropy_floor = ?,"
                " seconds = (SELECT total(seconds) FROM epochs WHERE run = runs.id), machine = ?, data = json_patch(data, ?),"
                " classes = ? WHERE id = ?",
                (
                    self.clock(), self.clock(), started.epoch, started.step, started.steps, started.images, started.device, started.threads,
                    started.precision, json.dumps(dict(started.versions)), started.entropy_floor,
                    json.dumps(dict(started.machine)), json.dumps(dict(started.data)), json.dumps(list(started.classes)), run_id,
                ),
            )  # fmt: skip

    def add(
        self, run_id: str, steps: Iterable[Step] = (), preview: tuple[int, bytes] | None = None, speed: float = 0.0
    ) -> None:
        """Add steps, the newest preview and a heartbeat in one commit."""
        rows = [(run_id, s.step, s.epoch, *(s.measures.get(name) for name in COLUMNS)) for s in steps]
        with self.database.transaction() as db:
            db.executemany(f"INSERT OR REPLACE INTO steps VALUES ({', '.join('?' * (3 + len(COLUMNS)))})", rows)
            if preview:
                db.execute("INSERT OR REPLACE INTO previews VALUES (?, ?, ?)", (run_id, *preview))
            if rows:
                db.execute(
                    "UPDATE runs SET step = ?, images_per_second = CASE WHEN ? > 0 AND epoch = 0 THEN ? ELSE images_per_second END WHERE id = ?",
                    (rows[-1][1], speed, speed, run_id),
                )
            db.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (self.clock(), run_id))

    def add_epoch(self, run_id: str, epoch: Epoch) -> None:
        with self.database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run_id, epoch.epoch, epoch.step, epoch.seconds, epoch.images_per_second,
                    json.dumps(dict(epoch.measures)), json.dumps(dict(epoch.last)), json.dumps(dict(epoch.test)),
                ),
            )  # fmt: skip
            db.execute(
                "UPDATE runs SET epoch = ?, step = ?, images_per_second = ?, test = ?, heartbeat = ?, seconds = seconds + ? WHERE id = ?",
                (
                    epoch.epoch, epoch.step, epoch.images_per_second, json.dumps(dict(epoch.test)), self.clock(), epoch.seconds, run_id,
                ),
            )  # fmt: skip

    def set_place(self, run_id: str, **facts: Any) -> None:
        """Record where the run trains: entries of run.Place."""
        with self.database.transaction() as db:
            db.execute("UPDATE runs SET place = json_patch(place, ?) WHERE id = ?", (json.dumps(facts), run_id))

    def put_back(self, run_id: str, words: str = "") -> str:
        """Give a live run whose training is lost back to the queue, at its old place: it goes on from its last state, and at its
        pace. What has been asked of it meanwhile still counts. Returns its state: "queued", or "stopped" if that was asked.

        words: why, for whoever watches."""
        with self.database.transaction() as db:
            run, asked = self.queries.get(run_id), self._commands(db, run_id)
            if "stop" in asked:
                self._set_state(db, run_id, "stopped")
                db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
                return "stopped"
            moment = self.moments.newest(run_id)
            pace = (
                f"slow {moment['rate']:g}"
                if moment and moment["rate"]
                else "pause"
                if self._is_paused(db, run_id)
                else ""
            )
            if pace:  # before what was asked since
                db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
                for verb in (pace, *asked):
                    _send(db, run_id, verb)
            # whoever held it before finds that it is theirs no more, see recorder.refuse_taken
            db.execute(
                "UPDATE runs SET state = 'queued', reason = '', ended = NULL, words = ?, queued = queued + 0.00001 WHERE id = ?",
                (words, run.id),
            )
        return "queued"

    def _is_paused(self, db: sqlite3.Connection, run_id: str) -> bool:
        return bool(db.execute("SELECT 1 FROM runs WHERE id = ? AND state = 'paused'", (run_id,)).fetchone())

    def _commands(self, db: sqlite3.Connection, run_id: str) -> list[str]:
        return [row["verb"] for row in db.execute("SELECT verb FROM commands WHERE run = ? ORDER BY id", (run_id,))]

    def add_change(self, run_id: str, found: Changed) -> None:
        """Record changed settings. One that is made again after a resume replaces the same one recorded before."""
        facts = json.dumps(dict(found.before)), json.dumps(dict(found.after))
        with self.database.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?)", (run_id, found.step, found.epoch, *facts)
            )

    def add_checkup(self, run_id: str, found: Checkup) -> None:
        with self.database.transaction() as db:
            facts = json.dumps({name: value for name, value in asdict(found).items() if name != "step"})
            db.execute("INSERT OR REPLACE INTO checkups VALUES (?, ?, ?)", (run_id, found.epoch, facts))

    def beat(self, run_id: str, words: str | None = None) -> None:
        """Record a heartbeat. words: what the worker is doing."""
        with self.database.transaction() as db:
            db.execute(
                "UPDATE runs SET heartbeat = ?, words = ifnull(?, words) WHERE id = ?", (self.clock(), words, run_id)
            )

    def set_state(self, run_id: str, state: str, reason: str = "") -> None:
        with self.database.transaction() as db:
            self._set_state(db, run_id, state, reason)

    def set_pace(self, run_id: str, state: str, rate: float) -> None:
        """What a live run does, "running" or "paused". rate: of slow motion, in steps per second; at full speed it is 0, and no
        Moment is kept."""
        self.set_state(run_id, state)
        if state == "paused" or rate:
            self.moments.set_rate(run_id, rate)
        else:
            self.moments.forget(run_id)

    def _set_state(self, db: sqlite3.Connection, run_id: str, state: str, reason: str = "") -> None:
        ended = None if state in LIVE or state == "queued" else self.clock()
        db.execute(
            "UPDATE runs SET state = ?, reason = ?, words = '', ended = ?, heartbeat = ? WHERE id = ?",
            (state, reason, ended, self.clock(), run_id),
        )
        if ended:
            db.execute("DELETE FROM moments WHERE run = ?", (run_id,))

    def take_commands(self, run_id: str) -> list[str]:
        """The commands sent to the run since the last call, in order."""
        if not self.database.execute("SELECT 1 FROM commands WHERE run = ?", (run_id,)).fetchone():
            return []  # the usual case, without a write lock
        with self.database.transaction() as db:
            verbs = self._commands(db, run_id)
            db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
        return verbs

    # For users. The run's state is read under the write lock, because a worker may be claiming it right now.

    def command(self, run_id: str, verb: str) -> None:
        """ "pause", "go on" or "stop". A run that no worker holds stops at once; raises RunStateError for one that has ended."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            if run.is_live:
                _send(db, run_id, verb)
            elif verb == "stop" and run.state in ("queued", "lost"):
                self._set_state(db, run_id, "stopped")
            else:
                raise RunStateError(f"{run.name} is {run.state_word}: it cannot {verb}.")

    def change(self, run_id: str, changes: Mapping[str, Any]) -> None:
        """Ask a run that trains to go on with other settings from its next step. Raises ConfigError for values out of range and
        for settings that cannot be changed meanwhile, RunStateError unless the run is live."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            pull(config_now(run, self.queries.changes(run_id)), changes)
            if not run.is_live:
                raise RunStateError(
                    f"{run.name} is {run.state_word}: its settings can be changed only while it trains."
                    f" To go on from its weights with other settings: python -m gencmp resume {run.id} --help"
                )
            _send(db, run_id, CHANGE + json.dumps(dict(changes)))

    def step(self, run_id: str, phases: int = 1, steps: int | None = None) -> None:
        """Let a paused run go on by so many phases, or else by so many steps; the rest of a step that has begun counts as one.

        Laying out a minibatch is a phase, too, see events.Moment. Numbers from 1 to 1000. Raises RunStateError."""
        with self.database.transaction() as db:
            _send(db, run_id, step_command(self.queries.get(run_id), phases, steps))

    def slow(self, run_id: str, rate: float) -> None:
        """Let a live run go on in slow motion. rate: steps per second, 1 to 20. Raises RunStateError."""
        with self.database.transaction() as db:
            _send(db, run_id, slow_command(self.queries.get(run_id), rate))

    def requeue(self, run_id: str) -> Run:
        """Resume: queue the run again, to continue from its last epoch. Raises RunStateError unless it is stopped, failed or
        lost, and if it has diverged, because it would again."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            if run.state not in ("stopped", "failed", "lost"):
                more = f" For more epochs: `python -m gencmp resume {quoted(run.name)} --epochs {2 * run.epochs}`."
                raise RunStateError(
                    f"{run.name} is {run.state_word}: only a stopped, failed or lost run can be resumed."
                    + (more if run.state == "finished" else WAIT if run.is_live else "")
                )
            _refuse_diverged(run)
            self._requeue(db, run_id)
        return self.queries.get(run_id)

    def accept_data(self, run_id: str, fingerprint: str) -> None:
        """Let the run continue with the changed content of its folder; the last epoch before the change is recorded."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            epochs = [*filter(None, [run.data.get("changed_after_epoch", "")]), str(run.epoch)]
            data = {**run.data, "fingerprint": fingerprint, "changed_after_epoch": ", ".join(dict.fromkeys(epochs))}
            db.execute("UPDATE runs SET data = ? WHERE id = ?", (json.dumps(data), run_id))

    def extend(self, run_id: str, epochs: int) -> Run:
        """Resume a run with a new total of epochs, with the same result as if it had been created with that total.

        Raises RunStateError while it is waiting or live, if it has already done as many or has diverged; ConfigError for
        too many."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            if run.is_open:
                raise RunStateError(f"{run.name} is {run.state_word}: stop it before you add epochs.")
            _refuse_diverged(run)
            if epochs <= run.epoch:
                raise RunStateError(
                    f"{run.name} has already done {run.epoch} epochs: found a total of {epochs}, wanted more."
                )
            config = config_of(run).replace(epochs=epochs)
            extended = json.dumps([*run.extended, (run.epoch, run.epochs, epochs)])
            db.execute(
                "UPDATE runs SET config = ?, preset = 'own', extended = ?, steps = steps / ? * ? WHERE id = ?",
                (config.to_json(), extended, run.epochs, epochs, run_id),
            )
            self._requeue(db, run_id)
        return self.queries.get(run_id)

    def _requeue(self, db: sqlite3.Connection, run_id: str) -> None:
        db.execute("DELETE FROM commands WHERE run = ?", (run_id,))
        db.execute(
            "UPDATE runs SET state = 'queued', reason = '', ended = NULL, queued = ? WHERE id = ?",
            (self.clock(), run_id),
        )

    def rename(self, run_id: str, name: str) -> Run:
        """Raises RunStateError when the name is empty or taken, see refuse_name."""
        name = cleaned(name)
        with self.database.transaction() as db:
            self.refuse_name(name, run_id)
            db.execute("UPDATE runs SET name = ? WHERE id = ?", (name, run_id))
        return self.queries.get(run_id)

    def delete(self, run_id: str) -> None:
        """Delete a run and its files. Raises RunStateError while it is live."""
        with self.database.transaction() as db:
            run = self.queries.get(run_id)
            if run.is_live:
                raise RunStateError(f"{run.name} is {run.state_word}: stop it before you delete it.")
            db.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        shutil.rmtree(self.queries.folder(run_id).path, ignore_errors=True)

    def refuse_name(self, name: str, run_id: str = "") -> None:
        """Raise RunStateError if this name, or one that looks like it, means something else: a shipped model, a run other
        than run_id, or a file."""
        refuse_reserved(name)
        seen = readings(name)
        for other in self.database.execute("SELECT id, name FROM runs WHERE id != ?", (run_id,)):
            if seen & {other["id"], *readings(other["name"])}:
                raise RunStateError(f"Another run is already named {other['name']!r}. Choose another name.")

    def _free_name(self, db: sqlite3.Connection, names: Iterator[str]) -> str:
        taken = {reading for row in db.execute("SELECT name FROM runs") for reading in readings(row["name"])}
        return next(name for name in names if not readings(name) & taken)


def _send(db: sqlite3.Connection, run_id: str, command: str) -> None:
    """Leave a command for the run's worker."""
    db.execute("INSERT INTO commands (run, verb) VALUES (?, ?)", (run_id, command))


def _generated_names(config: Config, preset: str, stem: str, based_on: str) -> Iterator[str]:
    """ "GAN Paper 1", "GAN Paper 2", ...; with a stem: "mine again", "mine again (2)", ..."""
    if stem:
        return chain([stem], (f"{stem} ({n})" for n in count(2)))
    found = followed(config.kind, preset, config.to_dict(), based_on)
    title = found.label.replace(",", "") if found else "own settings"  # a comma separates columns in addresses
    return (f"{config.kind.upper()} {title} {n}" for n in count(1))


def _refuse_diverged(run: Run) -> None:
    if run.has_diverged:
        raise RunStateError(f"{run.name} would diverge again. {run.reason}")


def _free_id(db: sqlite3.Connection) -> str:
    """An id that is neither an id nor a name of another run, so that each look-up finds one run only."""
    while True:
        run_id = secrets.token_hex(4)
        if not db.execute("SELECT 1 FROM runs WHERE id = ? OR name = ?", (run_id, run_id)).fetchone():
            return run_id


def config_now(run: Run, changes: Sequence[Changed]) -> Config:
    """The settings that the run trains with at present; changes: all so far."""
    config = config_of(run)
    for each in changes:
        config = pull(config, each.after)
    return config


def config_of(run: Run) -> Config:
    """The run's settings, validated. Raises ConfigError."""
    return config_from_dict(dict(run.config))
