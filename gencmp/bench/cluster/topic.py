"""The topic `cluster` of the benchmarks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gencmp.bench.cluster import faults, overhead
from gencmp.bench.cluster.carries import Prices, table
from gencmp.bench.cluster.nodes import PLACES, Nodes, refusal, started
from gencmp.bench.tools.processes import load_before, say_load
from gencmp.errors import GencmpError
from gencmp.files import ROOT
from gencmp.progress import Progress
from gencmp.runs.executors.far import BATCH
from gencmp.runs.store import RunStore
from gencmp.training.cores import cores

HEAD, NODES = "127.0.9.2", ("127.0.9.3", "127.0.9.4")  # apart from those of the tests
QUEUED = 60  # short runs
FLOOD, SECONDS = 60, 20.0  # runs that send events, and how long
FEW = 6  # of them, with states: whose price is the difference
A_SECOND = 20  # events of a run
STATE = 13_700_000  # bytes of a state of the paper's GAN
PLACES_OF_A_NODE = 16  # in the simulation


def measure(progress: Progress) -> dict[str, Any]:
    """Raises GencmpError, at once where there is no Ray."""
    if why := refusal():
        raise GencmpError(why)
    load = load_before()
    progress(0.0, "Starting a head and two nodes")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, started(HEAD, NODES) as nodes:
        home = Path(folder)
        far = RunStore(home / "far")
        try:
            progress(0.1, "The same run here and there")
            compared = overhead.compared(RunStore(home / "here"), far, nodes)
            progress(0.3, f"{QUEUED} runs in a queue")
            queued = overhead.queue(far, nodes, QUEUED, PLACES * len(NODES))
            progress(0.5, f"{FLOOD} runs that send {A_SECOND} events a second")
            quiet, flood, states = (_flood(home, nodes, *each) for each in ((FEW, 0), (FLOOD, 0), (FEW, STATE)))
            progress(0.7, "A node falls silent")
            silent = faults.silent(far, nodes, NODES)
            progress(0.85, "The head is lost")
            headless = faults.headless(far, nodes, NODES)
        finally:
            faults.end_dispatcher(far)
        prices = prices_of(quiet, flood, states, _disk(home))
    carried = table(prices, A_SECOND, PLACES_OF_A_NODE)
    progress(1.0, "Done")
    return {
        "words": (
            f"A run takes {compared['added_second']:.1f} s longer on the cluster than here, and one dispatcher carries"
            f" {carried['most_runs']:,} runs of {A_SECOND} events a second."
        ),
        "load_before": load, "cores": cores(), "compared": compared, "queue": queued, "flood": flood,
        "flood_of_few": quiet, "flood_with_states": states, "silent": silent, "headless": headless, "carried": carried,
    }  # fmt: skip


def _flood(home: Path, nodes: Nodes, runs: int, state: int) -> dict[str, Any]:
    """In a process of its own, as a dispatcher is."""
    folder = home / f"flood {runs} {state}"
    command = [sys.executable, "-m", "gencmp.bench.cluster.flood", str(folder), str(runs), str(SECONDS), str(state)]
    with overhead.using(nodes):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    if done.returncode:
        raise GencmpError(f"The flood failed: {done.stderr[-400:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def prices_of(quiet: Mapping[str, Any], flood: Mapping[str, Any], states: Mapping[str, Any], writes: float) -> Prices:
    """From a flood of few runs, of many, and of few with states."""
    message = flood["share_of_a_core"] / flood["runs"] * BATCH
    sent = states["runs"] * states["seconds"] / 10.0  # states in the window
    state = max(0.0, (states["share_of_a_core"] - quiet["share_of_a_core"]) * states["seconds"] / sent)
    of_a_run = max(0.0, (flood["memory"] - quiet["memory"]) / (flood["runs"] - quiet["runs"]))
    return Prices(
        message, state, flood["message_bytes"], states["state_bytes"], quiet["memory"] - quiet["runs"] * of_a_run, of_a_run, writes
    )  # fmt: skip


def _disk(folder: Path, size: int = STATE, count: int = 8) -> float:
    """Bytes a second that reach the disk, file after file, as states do."""
    content, began = os.urandom(size), time.perf_counter()
    for number in range(count):
        with open(folder / f"disk {number}", "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return size * count / (time.perf_counter() - began)


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    compared, queued, flood, silent = (measured[name] for name in ("compared", "queue", "flood", "silent"))
    headless, carried = measured["headless"], measured["carried"]
    first = carried["at_1000"]
    return [
        f"A run of {compared['local']['training']:.1f} s of training took {compared['local']['seconds']:.1f} s here, from Start to its end;"
        f" on the cluster {compared['first']['seconds']:.1f} s in a new process and {compared['second']['seconds']:.1f} s in one that had"
        f" trained before ({compared['second']['events_a_second']:.0f} events a second; here {compared['local']['events_a_second']:.0f}).",
        f"{queued['runs']} short runs on {queued['places']} places: {queued['seconds']:.0f} s, at most {queued['most_at_once']} at once;"
        f" the places trained {queued['busy']:.0%} of the time.",
        f"{flood['runs']} runs of {A_SECOND} events a second through one dispatcher: {flood['events_a_second']:.0f} events a second,"
        f" {flood['share_of_a_core']:.2f} of a core, {flood['memory'] / 1e6:.0f} MB; an event was stored {flood['late_median']:.2f} s after it"
        f" was made (median), {flood['late_p95']:.2f} s (95th percentile), {flood['late_most']:.2f} s at worst.",
        f"A node that was stopped: said after {silent['told']:.0f} s, training elsewhere after {silent['moved']:.0f} s;"
        f" {silent['trainings_afterwards']} process trained the run when the node had woken up.",
        f"The head was killed: after {headless['told']:.0f} s “{headless['words']}”; {headless['again']:.0f} s after a new one had"
        " started, the run trained again.",
        f"By simulation with these prices, one dispatcher carries {carried['most_runs']:,} runs on {carried['nodes']:,} nodes of"
        f" {carried['places_of_a_node']} places, {carried['events_a_second']:,} events a second. With 1,000 runs,"
        f" {first[0][0]} breaks first ({first[0][1]:.1f} times what there is), then {first[1][0]} ({first[1][1]:.1f} times).",
        *say_load(measured["load_before"]),
        f"Head, nodes and all that trains shared {measured['cores']} cores.",
    ]  # fmt: skip
