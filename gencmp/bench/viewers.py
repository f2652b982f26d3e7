"""Many viewers: how soon a class that comes in at once has content, and, while a training is watched, how late and how old updates
are, and the server's traffic and memory."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gencmp.bench.tools.arrivals import arrivals, recorded
from gencmp.bench.tools.chromium import opened
from gencmp.bench.tools.crowd import EVERY, Crowd, Diary, Received
from gencmp.bench.tools.processes import Server, load_before, must_go_on, say_load, served, trained
from gencmp.bench.tools.spread import middle, percentile
from gencmp.bench.tools.usage import usage
from gencmp.errors import GencmpError
from gencmp.progress import Progress
from gencmp.runs.recorder import FLUSH_EVERY
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config
from gencmp.settings.presets import preset
from gencmp.training.cores import cores

VIEWERS = (10, 60)
SECONDS = 20.0  # of a window
PHONES, WITHIN = 60, 10.0  # that open Home, evenly over as many seconds
SETTLE = 2.0  # seconds between the last viewer's arrival and the window


def configs() -> list[Config]:
    """What the Start button trains by default: both models with the paper's settings."""
    return [preset(kind, "paper").config for kind in ("gan", "vae")]


def measure(progress: Progress) -> dict[str, Any]:
    """Lateness and age of updates, bytes, and the server's memory, with each number of viewers. Raises GencmpError."""
    load = load_before()
    progress(0.0, f"{PHONES} phones open Home")
    joined = _joined()
    progress(0.2, "Starting a server and the training")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = RunStore(Path(folder))
        with served(store.home) as server, trained(store, configs()) as runs:
            windows = asyncio.run(_windows(server, store, runs, progress))
    full = windows[-1]
    progress(1.0, "Done")
    return {
        "words": (
            f"On this machine {full['viewers']} open Train pages get their updates {1000 * full['late_p95']:.0f} ms late at most"
            f" (95th percentile), while the training goes on."
        ),
        "trained": [run.kind for run in runs],
        "asks_a_second": round(1 / EVERY, 2),
        "kept_back_seconds": FLUSH_EVERY,
        "joined": joined,
        "load_before": load,
        "cores": cores(),
        "windows": windows,
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [*_say_joined(measured["joined"]), *(line for window in measured["windows"] for line in _say(window))]
    lines.append(
        f"A step is stored up to {measured['kept_back_seconds']:g} s after it was made; the ages above count from there."
    )
    return [
        *lines,
        *say_load(measured["load_before"]),
        "Not counted: drawing in the viewers' browsers, and a page's files, which are fetched once.",
    ]


# A class that comes in


def _joined() -> dict[str, Any]:
    """How long phones that come in within a few seconds wait for Home, in seconds. "why" it was not measured, where there is no
    browser whose requests they could repeat."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, served(Path(folder)) as server:
        try:
            with opened() as browser:
                wanted = recorded(browser, server.address)
        except GencmpError as error:
            return {"why": str(error)}
        own, began = time.process_time(), time.perf_counter()
        found = asyncio.run(arrivals(server, wanted, PHONES, WITHIN))
        own, took = time.process_time() - own, time.perf_counter() - began
    seconds = [each.seconds for each in found]
    return {
        "why": "",
        "phones": PHONES,
        "within": WITHIN,
        "median": middle(seconds),
        "p95": percentile(seconds),
        "last": round(max(seconds), 3),
        "requests": len(wanted.files) + len(wanted.news) + 1,
        "bytes": round(middle([each.bytes for each in found])),
        "load_share": round(own / took, 3),
    }


def _say_joined(joined: dict[str, Any]) -> list[str]:
    if joined["why"]:
        return [f"How soon a class that comes in has content was not measured: {joined['why']}"]
    return [
        f"{joined['phones']} phones open Home within {joined['within']:g} s: its pictures are there after {joined['median']:.2f} s"
        f" (median), {joined['p95']:.2f} s (95th percentile), {joined['last']:.2f} s at most; the aim is 5 s for all",
        f"  each fetches {joined['bytes'] / 1e6:.2f} MB in {joined['requests']} requests; the phones of this benchmark take"
        f" {joined['load_share']:.0%} of a core",
    ]


# A training that is watched


async def _windows(server: Server, store: RunStore, runs: Sequence[Run], progress: Progress) -> list[dict[str, Any]]:
    async with Diary(store, runs) as diary, Crowd(server, runs) as crowd:
        rows = []
        for number, viewers in enumerate(VIEWERS):
            progress(0.2 + 0.8 * (number + 0.3) / len(VIEWERS), f"{viewers} viewers open the Train page")
            await crowd.resize(viewers)
            await asyncio.sleep(SETTLE)
            progress(0.2 + 0.8 * (number + 0.6) / len(VIEWERS), f"{viewers} viewers watch")
            rows.append(await _window(server, crowd, diary))
        return rows


async def _window(server: Server, crowd: Crowd, diary: Diary) -> dict[str, Any]:
    crowd.received, steps = Received(), {run.kind: diary.store.queries.get(run.id).step for run in crowd.runs}
    started, own, before = time.perf_counter(), time.process_time(), usage(server.pid)
    await asyncio.sleep(SECONDS)
    took, own, after = time.perf_counter() - started, time.process_time() - own, usage(server.pid)
    received, crowd.received = crowd.received, Received()
    crowd.check()
    must_go_on(diary.store, crowd.runs)
    return {"viewers": len(crowd.viewers)} | _row(received, diary.ages(received.updates), took) | {
        "steps": {run.kind: diary.store.queries.get(run.id).step - steps[run.kind] for run in crowd.runs},
        "page_bytes": crowd.page_bytes,
        "server_memory": after.memory,
        "server_share": round((after.seconds - before.seconds) / took, 3),  # of one core
        "load_share": round(own / took, 3),
    }  # fmt: skip


def _row(received: Received, ages: Sequence[float], took: float) -> dict[str, Any]:
    """Times in seconds, sizes in bytes."""
    return {
        "late_median": middle(received.late),
        "late_p95": percentile(received.late),
        "age_median": middle(ages),
        "age_p95": percentile(ages),
        "asked": len(received.late),
        "asked_a_second": round(len(received.late) / took, 1),
        "news_bytes_median": round(middle(received.news_bytes)),
        "news_bytes_p95": round(percentile(received.news_bytes)),
        "pictures": received.pictures,
        "picture_bytes": received.picture_bytes,
        "session_messages": received.messages,
        "seconds": round(took, 2),
    }


def _say(row: dict[str, Any]) -> list[str]:
    return [
        f"{row['viewers']} viewers: updates come {1000 * row['late_median']:.0f} ms late (median),"
        f" {1000 * row['late_p95']:.0f} ms (95th percentile); the aim is under 150 ms with sixty",
        f"  updates are {row['age_median']:.2f} s old (median), {row['age_p95']:.2f} s (95th percentile); the aim is under 1 s",
        f"  meanwhile trained: {', '.join(f'{kind.upper()} {steps:,} steps' for kind, steps in row['steps'].items())}",
        f"  {row['asked_a_second']:.0f} requests a second, {row['news_bytes_median']:,} bytes per response"
        f" ({row['news_bytes_p95']:,} at the 95th percentile), {row['pictures']} pictures of {row['picture_bytes'] / 1e6:.1f} MB in all",
        f"  the server holds {row['server_memory'] / 1e6:.0f} MB (the aim is under 350 MB with ten)"
        f" and takes {row['server_share']:.0%} of a core;"
        f" the viewers of this benchmark take {row['load_share']:.0%}",
    ]
