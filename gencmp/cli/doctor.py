"""python -m gencmp doctor, repair: what works on this machine, how to fix what does not, and the repair of a damaged store."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gencmp.cli.command import command, say
from gencmp.data.shipped import read_shipped
from gencmp.errors import GencmpError
from gencmp.files import SHIPPED, home
from gencmp.runs.executors.choice import RAY, executor
from gencmp.runs.executors.reach import address_of, reachable, refuse_absent, refuse_open, refuse_unreachable
from gencmp.runs.folder import RunFolder
from gencmp.runs.safety.backup import repair as repair_store
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig
from gencmp.training.cores import cores, fast_cores
from gencmp.version import VERSION, installed

PACKAGES = (
    "streamlit", "torch", "torchvision", "plotly", "matplotlib", "numpy", "pandas", "safetensors", "pillow", "tqdm",
    "segno", "click",
)  # fmt: skip
ROOM = 1e9  # bytes; a run of the paper's GAN takes less than a tenth of this


@dataclass(frozen=True)
class Finding:
    """One checked item. minor: a failure costs a convenience only."""

    what: str
    ok: bool
    found: str
    todo: str = ""
    minor: bool = False


@command("doctor", "check what works on this machine, and how to fix what does not")
def doctor() -> dict[str, Any]:
    findings = examine(home())
    for finding in findings:
        advice = "" if finding.ok or not finding.todo else f". {finding.todo}"
        say(f"{'ok  ' if finding.ok else 'warn'}  {finding.what:<12} {finding.found}{advice}")
    return {"ok": all(f.ok or f.minor for f in findings), "findings": [vars(f) for f in findings]}


@command(
    "repair", "save what can be read of a damaged store of runs into a new one",
    "The damaged file is kept beside it. Stop the dashboard and all training first.",
)  # fmt: skip
def repair() -> dict[str, Any]:
    found = repair_store(home())
    lost = f"{found.lost:,} rows could not be read" if found.lost else "nothing was lost"
    print(
        f"{home() / 'runs.sqlite3'} is a new store with {found.runs:,} runs; {lost}. The old file is {found.damaged.name}.",
        file=sys.stderr,
    )
    return {"runs": found.runs, "saved": found.saved, "lost": found.lost, "damaged": str(found.damaged)}


def examine(home: Path) -> list[Finding]:
    """Check everything; never raises."""
    checks = (_python, _packages, _device, _data, _store, _models, _disk, _browser, _cluster)
    return [finding for check in checks for finding in check(home)]


def _python(home: Path) -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding("gencmp", True, VERSION)
    yield Finding("python", sys.version_info >= (3, 11), found, "Install Python 3.11 or newer.")


def _packages(home: Path) -> Iterator[Finding]:
    for package in PACKAGES:
        found = installed(package)
        yield Finding(package, found is not None, found or "missing", "Run: pip install -r requirements.txt")


def _device(home: Path) -> Iterator[Finding]:
    try:
        from gencmp.training.build import matmul_dtype, pick_device
        from gencmp.training.thread_check import processor_words, thread_check_words
    except Exception as error:  # a broken installation can raise anything
        todo = "Run: pip install --force-reinstall -r requirements.txt"
        yield Finding("device", False, f"torch cannot be loaded: {error}", todo)
        return
    device = pick_device("auto")
    yield Finding("device", True, f"{device.type}, matrix products in {matmul_dtype(GanConfig(), device)}")
    yield Finding("cores", True, f"{cores()} for training and the page, {fast_cores()} of them fast")
    yield Finding("processor", True, f"{processor_words()}; {thread_check_words()}")


def _data(home: Path) -> Iterator[Finding]:
    try:
        train, test = (len(read_shipped(part)[1]) for part in ("train", "test"))
        yield Finding("MNIST", True, f"{train:,} training and {test:,} test digits")
    except GencmpError as error:
        yield Finding("MNIST", False, str(error), "Download the project again.")


def _store(home: Path) -> Iterator[Finding]:
    try:
        store = RunStore(home)
        yield Finding(
            "runs", not store.database.trouble, store.database.trouble or f"{store.queries.count():,} in {home}"
        )
    except Exception as error:  # a damaged file, or one of a later version: the message says what to do
        yield Finding("runs", False, str(error))


def _models(home: Path) -> Iterator[Finding]:
    shipped = sorted(card.parent.name for card in SHIPPED.glob("*/card.json"))
    todo = "Download the project again: checkpoints/ is empty."
    yield Finding("models", bool(shipped), ", ".join(shipped) or "none shipped", todo)


def _disk(home: Path) -> Iterator[Finding]:
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free, used = shutil.disk_usage(there).free, RunFolder(home).size()
    found = f"{free / 1e9:.1f} GB free, runs take {used / 1e9:.2f} GB"
    yield Finding("disk", free > ROOM, found, "Delete old runs on the Runs page.")


def _browser(home: Path) -> Iterator[Finding]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    todo = "Only the browser tests need it: apt-get install chromium."
    yield Finding("chromium", found is not None, found or "not found", todo, minor=True)


NETWORK = (
    "Ray listens on every network of its computers, and what it sends, the token too, can be read on the way: keep nodes in a"
    " network of their own, behind a firewall or a VPN"
)


def _cluster(home: Path) -> Iterator[Finding]:
    """Only where runs train on a cluster."""
    try:
        if executor() != RAY:
            return
        refuse_absent()
        yield Finding("ray", True, str(installed("ray")))
        refuse_open()
        yield Finding("token", True, "this computer has one")
        address = address_of()
        refuse_unreachable(address)
        yield Finding("network", True, NETWORK)
        yield from _nodes(reachable())
    except GencmpError as error:
        yield Finding("cluster", False, str(error))


def _nodes(address: str) -> Iterator[Finding]:
    from gencmp.runs.executors.ray_cluster import connected

    with connected() as cluster:
        places = sum(node.places for node in cluster.nodes())
        todo = "Add a node: ray start --address=HEAD:6379; docs/cluster.md has every step."
        yield Finding("cluster", places > 0, f"{address}, {places} places", todo)
        for name, trouble in cluster.examined():
            yield Finding("node", not trouble, trouble or f"{name}: gencmp, Python and torch as here")
