"""How long a lesson takes from press to reveal: its runs queued and trained by workers as on the page, in a store of their own."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gencmp.errors import RunStateError
from gencmp.lessons.history import figures_of, history_of
from gencmp.lessons.lesson import Lesson
from gencmp.progress import Progress, no_progress
from gencmp.runs.catalog import StoredRun
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore

PAUSE = 0.1  # seconds between two looks at the store
PATIENCE = 60.0  # seconds for workers to stop when a lesson is given up


def seconds_of(
    lesson: Lesson, progress: Progress = no_progress, start: Callable[[RunStore], Any] = start_worker
) -> float:
    """Train a lesson's runs from seed 0, and read what they show. start: starts a worker for the store's queue.

    Raises RunStateError when a run does not finish.
    """
    with tempfile.TemporaryDirectory(prefix="gencmp-lesson-", ignore_cleanup_errors=True) as home:
        store = RunStore(Path(home))
        began = time.monotonic()
        try:
            runs = [store.create(variant.config.replace(seed=0), name=variant.key) for variant in lesson.variants]
            for _ in runs:
                start(store)
            _wait(store, runs, lambda share, words: progress(share, f"{lesson.key}, {words}"))
            records = [StoredRun(store, store.queries.get(run.id)) for run in runs]
            lesson.find({each.run.name: figures_of(history_of(each), lesson.figures) for each in records})
            return time.monotonic() - began
        finally:
            _stop(store)


def _wait(store: RunStore, runs: Sequence[Run], progress: Progress) -> None:
    """Until all have finished."""
    while True:
        now = [store.queries.get(run.id) for run in runs]
        for run in now:
            if not run.is_open and run.state != "finished":
                raise RunStateError(f"{run.name} is {run.state_word}: {run.reason or 'without a reason'}. Try again.")
        if all(run.state == "finished" for run in now):
            return
        done = [store.queries.epochs(run.id)[-1:] for run in now]
        shares = [rows[0].epoch / run.config["epochs"] if rows else 0.0 for run, rows in zip(now, done, strict=True)]
        running = next((run.name for run in now if run.is_live), "starting")
        progress(sum(shares) / len(shares), running)
        time.sleep(PAUSE)


def _stop(store: RunStore) -> None:
    """End what still waits or trains, so that no worker outlives its store."""
    for run in store.queries.all():
        if run.is_open:
            store.command(run.id, "stop")
    end = time.monotonic() + PATIENCE
    while any(run.is_live for run in store.queries.all()) and time.monotonic() < end:
        time.sleep(PAUSE)
