"""Two servers on one store, one of them killed at any moment: no run notices, and the other one, or the next, shows it all."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from gencmp.bench.tools.processes import Server, served, wait_until
from gencmp.bench.tools.tab import Tab
from gencmp.errors import GencmpError
from gencmp.runs.store import RunStore

SETTINGS = "models=vae&preset=quick&epochs=2&limit=2000"


async def press_start(server: Server, killed_after: float) -> None:
    """A visitor presses Start, and a moment later the server is killed."""
    tab = Tab(server.port)
    await tab.visit("train", SETTINGS)
    pressing = asyncio.create_task(tab.press("start"))
    await asyncio.sleep(killed_after)
    psutil.Process(server.pid).kill()
    with suppress(GencmpError, OSError):
        await pressing
    await tab.leave()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_server_takes_no_run_with_it(tmp_path: Path, seed: int) -> None:
    store = RunStore(tmp_path)
    with served(tmp_path) as other, served(tmp_path) as killed:
        asyncio.run(press_start(killed, random.Random(seed).uniform(0.05, 1.5)))
        names = [run.name for run in store.queries.all()]
        tab = Tab(other.port)
        asyncio.run(visit(tab, "runs"))
        assert tab.failures == []
        # a run was queued whole or not at all; queued without a worker, the next page that is opened gives it one
        asyncio.run(visit(tab, "train"))
        wait_until(lambda: not store.queries.is_open(), "The run did not end", 60)
    assert len(names) <= 1
    assert [(run.state, run.epoch) for run in store.queries.all()] == [("finished", 2)] * len(names)
    assert store.database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".tmp-") or path.name == "reserve"]


async def visit(tab: Tab, page: str) -> None:
    await tab.visit(page)
    await tab.leave()
