"""Forks in a real browser: the dialog keeps what is typed, the parent's curves stand on the fork's charts, the tree leads on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gencmp.data.digits import Digits
from gencmp.runs.catalog import StoredRun
from gencmp.runs.forks.fork import fork
from gencmp.runs.launcher import start_worker
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.training.loop import train

GHOSTS = "() => document.querySelector('.gc-vae .gc-chart-0')?.data?.filter(t => t.meta?.ghost).length"

pytestmark = pytest.mark.usefixtures("stopped_after")


@pytest.fixture
def family(served_home: Path, digits: Digits, vae: VaeConfig) -> tuple[Run, Run]:
    """A finished run and a fork of it that was stopped at once."""
    store = RunStore(served_home)
    run = store.create(vae, name="mother")
    store.claim(run.id)
    store.set_state(run.id, drain(train(vae, digits), store, run.id))
    child = fork(store, StoredRun(store, store.queries.get(run.id)), {"beta": 4.0, "epochs": 4}, 2)
    store.set_state(child.id, "stopped")
    return run, store.queries.get(child.id)


def test_one_click_rolls_a_live_run_back_and_shows_its_fork(
    visit: Callable[..., Any], served: str, served_home: Path, vae: VaeConfig, pids: list[int]
) -> None:
    store = RunStore(served_home)
    run = store.create(vae.replace(epochs=5000, limit=500), name="astray")
    pids.append(start_worker(store))
    page = visit(f"{served}/train?runs={run.id}")
    page.wait_for_function(
        "() => /epoch [2-9]|epoch \\d\\d/.test(document.querySelector('.gc-vae .gc-facts')?.textContent)",
        timeout=90_000,
    )
    page.get_by_role("button", name="Roll back").click()
    page.get_by_text("Rolled back: astray was stopped after epoch").wait_for(timeout=60_000)
    made = store.queries.newest(1)[0]
    assert made.origin["run"] == run.id and made.id in page.url and store.queries.get(run.id).state == "stopped"
    page.wait_for_function(f"() => ({GHOSTS})() > 0", timeout=60_000)


def test_a_fork_shows_its_parents_curves_and_the_tree_leads_to_it(
    visit: Callable[..., Any], served: str, served_home: Path, family: tuple[Run, Run]
) -> None:
    parent, child = family
    page = visit(f"{served}/runs")
    page.get_by_text("Family tree").click()
    page.locator(".gc-tree li li a", has_text=child.name).click()
    page.wait_for_url(f"**/train?runs={child.id}")
    page.wait_for_function(f"() => ({GHOSTS})() === 6")  # three curves, before and beyond
    page.get_by_text("Fork of mother at epoch 2: β, the KL weight 1 → 4").wait_for()

    page.get_by_role("button", name="Go on from an epoch").last.click()  # of the parent beside it
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("mother").first.wait_for()
    dialog.get_by_role("slider").press("ArrowLeft")
    dialog.get_by_text("Samples after epoch 2").wait_for()
    field = dialog.get_by_role("textbox", name="Learning rate")
    field.fill("0.005")
    field.press("Tab")
    dialog.get_by_role("button", name="Start").click()
    page.wait_for_function("before => !location.search.endsWith(before)", arg=child.id)
    made = RunStore(served_home).queries.newest(1)[0]
    assert (made.origin["run"], made.origin["epoch"], made.origin["changes"]) == (
        parent.id,
        2,
        {"learning_rate": 0.005},
    )
