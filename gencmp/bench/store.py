"""Whether a store of a thousand runs opens as fast as an empty one, and a long run is as cheap to watch as a short one.

Both sides are measured alternately, so that other load on the machine affects them equally.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from gencmp.bench.tools.processes import Server, served
from gencmp.bench.tools.wire import Line, draw, session
from gencmp.events import GRADIENT_NORMS, MEASURES, STEP_EVENTS, Epoch, Started, Step
from gencmp.files import ROOT
from gencmp.progress import Progress
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.training.schedule import kept_epochs, pictured_epochs

RUNS, STEPS, EPOCHS = 1000, 1000, 10  # steps and epochs of each run
LONG = 10_000  # epochs: as many as a run may have
BLOCKS = 5
PAGES = ("home", "train", "explore", "compare", "verdict", "runs", "vote", "paper")
COMMANDS = {"`python -m gencmp runs`": ("gencmp", "runs"), "a worker without work": ("gencmp.runs.worker",)}
NUMBER = 163.12345678901234  # as long as measures are
TEST = {"gan": ("d_real", "d_fake"), "vae": ("negative_elbo", "reconstruction", "kl")}


def measure(progress: Progress) -> dict[str, Any]:
    """Milliseconds of each page and command, full against empty, medians of blocks; bytes and milliseconds of an update.

    Raises GencmpError when a server does not start.
    """
    with _stores(progress) as (full, empty), served(full.home) as one, served(empty.home) as other:
        progress(0.5, "Pages")
        pages = asyncio.run(_pages(one, other, progress))
        progress(0.85, "Commands")
        commands = [_commanded(what, command, full, empty) for what, command in COMMANDS.items()]
        progress(0.95, "Updates")
        updates = asyncio.run(_updates(full, one))
    progress(1.0, "Done")
    rows = [*pages, *commands]
    worst = max(rows, key=lambda row: row["ratio"])
    return {
        "words": f"With {RUNS:,} runs and {RUNS * STEPS:,} steps in the store, {worst['what']} is the slowest against an"
        f" empty store: {worst['ratio']:.2f} times.",
        "runs": RUNS, "steps": RUNS * STEPS, "blocks": BLOCKS, "rows": rows, "worst_ratio": worst["ratio"],
        "ratio": round(median(row["ratio"] for row in rows), 2), "long_epochs": LONG, "updates": updates,
    }  # fmt: skip


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [
        f"{row['what']}: {row['full_ms']:.0f} ms full, {row['empty_ms']:.0f} ms empty, {row['ratio']:.2f} times"
        f" ({row['ratio_low']:.2f} to {row['ratio_high']:.2f})"
        for row in measured["rows"]
    ]
    return lines + [
        f"{row['what']}: {row['short_ms']:.1f} ms and {row['short_bytes']:,} bytes of a run with {EPOCHS} epochs,"
        f" {row['long_ms']:.1f} ms and {row['long_bytes']:,} bytes of one with {measured['long_epochs']:,}"
        for row in measured["updates"]
    ]


# The stores


@contextmanager
def _stores(progress: Progress) -> Iterator[tuple[RunStore, RunStore]]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        full, empty = (RunStore(Path(folder) / name) for name in ("full", "empty"))
        for number in range(RUNS):
            if number % 20 == 0:
                progress(0.4 * number / RUNS, f"Filling a store: run {number} of {RUNS}")
            fill(full, (GanConfig, VaeConfig)[number % 2](epochs=EPOCHS, seed=number), STEPS)
        progress(0.4, f"A run of {LONG} epochs")
        fill(full, VaeConfig(epochs=LONG), STEP_EVENTS, "long")
        yield full, empty


def fill(store: RunStore, config: Config, steps: int, name: str = "") -> Run:
    """A finished run with so many steps and all its epochs, through the store's own methods.

    Its folder has the files of a real one, by name: nothing that is measured opens them.
    """
    run, measures = store.create(config, name=name), dict.fromkeys(MEASURES[config.kind], NUMBER)
    norms, test = dict.fromkeys(GRADIENT_NORMS[config.kind], NUMBER), dict.fromkeys(TEST[config.kind], NUMBER)
    store.begin(run.id, Started(config.kind, {}, 0, 0, steps, 60_000, "cpu", 2, "float32", {"torch": "2"}, 44.0))
    store.add(run.id, (Step(n, 1 + (n - 1) * config.epochs // steps, measures | norms) for n in range(1, steps + 1)))
    for epoch in range(1, config.epochs + 1):
        at = steps * epoch // config.epochs
        store.add_epoch(run.id, Epoch(epoch, at, 2.0, 9000.0, measures, measures, test))
    store.set_state(run.id, "finished")
    _touch(store, run, config)
    return store.queries.get(run.id)


def _touch(store: RunStore, run: Run, config: Config) -> None:
    folder = store.queries.folder(run.id)
    folder.arrays(1).parent.mkdir(parents=True)
    for epoch in pictured_epochs(config.epochs, config.keep_per_decade):
        folder.arrays(epoch).touch()
    for epoch in kept_epochs(config.epochs, config.keep_per_decade):
        folder.weights(epoch).touch()


# Pages


async def _pages(full: Server, empty: Server, progress: Progress) -> list[dict[str, Any]]:
    rows = []
    for number, page in enumerate(PAGES):
        progress(0.5 + 0.35 * number / len(PAGES), f"The {page} page")
        address = "" if page == "home" else page
        sides: dict[str, list[float]] = {"full": [], "empty": []}
        for block in range(BLOCKS + 1):  # the first warms up
            for name, server in (("full", full), ("empty", empty)):
                took = await _timed(_drawn(server, address))
                if block:
                    sides[name].append(took)
        rows.append(_row(f"the {page.capitalize()} page", sides["full"], sides["empty"]))
    return rows


async def _drawn(server: Server, page: str) -> None:
    async with session(server.port) as opened:
        await draw(opened, page, "")


async def _timed(work: Awaitable[Any]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - started)


def _row(what: str, full: Sequence[float], empty: Sequence[float]) -> dict[str, Any]:
    ratios = sorted(a / b for a, b in zip(full, empty, strict=True))
    return {
        "what": what, "full_ms": round(median(full), 1), "empty_ms": round(median(empty), 1),
        "ratio": round(median(ratios), 2), "ratio_low": round(ratios[0], 2), "ratio_high": round(ratios[-1], 2),
    }  # fmt: skip


# Commands


def _commanded(what: str, command: Sequence[str], full: RunStore, empty: RunStore) -> dict[str, Any]:
    took = [(_once(full, command), _once(empty, command)) for _ in range(BLOCKS)]
    return _row(what, *zip(*took, strict=True))


def _once(store: RunStore, command: Sequence[str]) -> float:
    home = os.environ | {"GENCMP_HOME": str(store.home)}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=home, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - started)


# Updates


async def _updates(store: RunStore, server: Server) -> list[dict[str, Any]]:
    """The browser's requests for a run, for a short and for the long one."""
    runs = {"short": store.queries.newest(2)[1], "long": store.queries.newest(1)[0]}
    paths: dict[str, Callable[[Run], str]] = {
        "a live run's next update": lambda run: f"/gencmp/news/{run.id}?step={run.step - 1}&epoch={run.epoch - 1}",
        "a run's first response": lambda run: f"/gencmp/news/{run.id}?step=0&epoch=0",
    }
    line = Line(server.port)
    rows = [await _asked(line, what, {name: path(run) for name, run in runs.items()}) for what, path in paths.items()]
    line.close()
    return rows


async def _asked(line: Line, what: str, paths: Mapping[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"what": what}
    took: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(4 * BLOCKS):
        for name, path in paths.items():
            started = time.perf_counter()
            body, _ = await line.get(path)
            took[name].append(1000 * (time.perf_counter() - started))
            row[f"{name}_bytes"] = len(body)
    return row | {f"{name}_ms": round(median(times), 2) for name, times in took.items()}
