"""What the tests share: a few real digits, models small enough to train in a blink, and stores whose clock a test sets."""

from __future__ import annotations

import os
import signal
import sys
import time
from copy import deepcopy
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before torch: threads that spin while they wait starve others

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import torch
from browsing import absent, chromium, dashboard
from clustering import begin, cluster, ended, far_store, whole_cluster
from commands import cli, mine
from starlette.applications import Starlette
from starlette.testclient import TestClient
from torch import nn

from gencmp.data.digits import SIDE, Digits, Split
from gencmp.data.idx.files import IDX
from gencmp.data.load import load
from gencmp.errors import RunStateError
from gencmp.events import Epoch
from gencmp.runs.catalog import Catalog
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.loop import train
from gencmp.training.processor import flush_denormals
from gencmp.ui.rights.visitor import HERE

flush_denormals()  # as every process that trains

FIXTURES = begin, cluster, ended, far_store, whole_cluster  # of a Ray cluster, for the tests marked `ray`
OF_COMMANDS = cli, mine

CORES = int(os.environ.get("OMP_NUM_THREADS", "1"))  # that a test believes to have, and as many threads


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's own runs. All compute with one thread unless told otherwise: models this small gain
    nothing from two, and on a busy machine lose much."""
    monkeypatch.setenv("GENCMP_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("gencmp.training.cores.fast_cores", lambda: CORES)
    # a page that is tested without a browser has no connection that would tell where its visitor sits: here
    monkeypatch.setattr("gencmp.ui.rights.session.visitor", lambda: HERE)
    # a page opened in a test starts no backup in another thread, which would still read when the test counts or cleans up
    monkeypatch.setattr("gencmp.ui.catalog.look_after", lambda store: None)
    # a page tested in this process takes the name __main__ for itself, and processes that a later test spawns would run it
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    torch.set_num_threads(CORES)


# Data


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that train on a Ray cluster, and those that drive a real browser.

    Most of these need both cores for themselves, as they watch live trainings. One that fails is tried once more: where
    something else keeps the machine busy, a deadline may be missed."""
    for item in items:
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.ray)
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
            if not item.get_closest_marker("still"):
                item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def mnist() -> Digits:
    return load(VaeConfig())


@pytest.fixture(scope="session")
def digits(mnist: Digits) -> Digits:
    """300 digits to train on, 100 to test with."""
    train, test = mnist.train, mnist.test
    return Digits("few", Split(train.images[:300], train.labels[:300]), Split(test.images[:100], test.labels[:100]))


@pytest.fixture(scope="session")
def digits_folder(digits: Digits, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same digits as four IDX files."""
    folder = tmp_path_factory.mktemp("few")
    for part, split in (("train", digits.train), ("test", digits.test)):
        images, labels = (folder / name for name in IDX[part])
        images.write_bytes(idx(split.images.view(-1, SIDE, SIDE)))
        labels.write_bytes(idx(split.labels))
    return folder


def idx(values: torch.Tensor) -> bytes:
    """An IDX file of bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes((0, 0, 8, values.ndim)) + sizes + values.to(torch.uint8).numpy().tobytes()


# Settings


# On the processor, so that a test means the same on a machine with a GPU; what only a GPU does has tests of its own


@pytest.fixture
def gan() -> GanConfig:
    return GanConfig(
        epochs=3, batch_size=50, noise_size=8, generator_widths=(16,), discriminator_widths=(16,), device="cpu"
    )


@pytest.fixture
def vae() -> VaeConfig:
    return VaeConfig(epochs=3, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), device="cpu")


@pytest.fixture(params=["gan", "vae"])
def config(request: pytest.FixtureRequest) -> GanConfig | VaeConfig:
    """Both kinds, one after the other."""
    found: GanConfig | VaeConfig = request.getfixturevalue(request.param)
    return found


# Stores


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> RunStore:
    return RunStore(tmp_path / "home", clock)


@pytest.fixture
def store_of_pages() -> Iterator[RunStore]:
    """The pages' own: with the real clock, or every live run would look lost."""
    from gencmp.ui.catalog import open_catalog

    open_catalog.cache_clear()
    yield open_catalog().store
    open_catalog.cache_clear()


@pytest.fixture
def trained(store: RunStore, digits: Digits) -> Callable[..., Run]:
    """A function that trains a config to its end and gives back the finished run."""

    def make(config: Any, name: str = "") -> Any:
        run = store.create(config, name=name)
        store.claim(run.id)
        store.set_state(run.id, drain(train(config, digits), store, run.id))
        return store.queries.get(run.id)

    return make


@pytest.fixture
def pictured() -> Callable[..., None]:
    """A function that has a run come to an epoch, with these arrays and (for whoever only looks for them) weights."""

    def come(store: Any, run: Any, epoch: Any, arrays: Any) -> None:
        store.queries.folder(run.id).write_arrays(epoch, arrays)
        store.queries.folder(run.id).weights(epoch).touch()
        store.add_epoch(run.id, Epoch(epoch, epoch, 1.0, 1.0, {}, {}, {}))

    return come


@pytest.fixture
def client(store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Asks the dashboard's own routes, over a store without shipped models."""
    from gencmp.ui import server
    from gencmp.ui.routes import answers, runs

    found = Catalog(store, tmp_path / "none shipped")
    for module in (answers, runs, server):
        monkeypatch.setattr(module, "open_catalog", lambda: found)
    return TestClient(Starlette(routes=server.routes()))


@pytest.fixture
def wait_until() -> Callable[..., Any]:
    """A function that looks again and again until something is so."""

    def wait(condition: Any, seconds: float = 60.0) -> Any:
        until = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < until, f"not so within {seconds:g} s"
            time.sleep(0.02)
        return found

    return wait


# Oracles


@pytest.fixture
def double() -> Iterator[None]:
    """New tensors are float64, so that two ways to the same number agree to 1e-9."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def plain() -> Callable[..., nn.Sequential]:
    """A function that copies a Dense into PyTorch's own modules."""

    def copy(dense: Any, activation: Any) -> Any:
        hidden = [module for layer in dense.layers for module in (deepcopy(layer), activation)]
        return nn.Sequential(*hidden[:-1])

    return copy


# A real browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def pids() -> Iterator[list[int]]:
    """Workers that must not outlive the test."""
    started: list[int] = []
    yield started
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Not longer than a file's tests: Playwright's event loop, while it lives, refuses any other."""
    try:
        from playwright.sync_api import sync_playwright  # a test's tool, absent where only the dashboard is installed
    except ImportError:
        absent("Playwright is not installed, so the pages are not tried in a real browser here.")
    path = chromium()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def served_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def served(browser: Any, served_home: Path) -> Iterator[str]:
    """The address of a dashboard whose store starts empty; one for all tests of a file."""
    with dashboard(served_home) as url:
        yield url


@pytest.fixture
def stopped_after(served_home: Path, wait_until: Callable[..., Any]) -> Iterator[None]:
    """No run of the dashboard outlives the test: the next one would open with it, and compete with it."""
    yield
    store = RunStore(served_home)
    for run in (*store.queries.queue(), *store.queries.live()):
        with suppress(RunStateError):  # it has ended meanwhile
            store.command(run.id, "stop")
    wait_until(lambda: not store.queries.live())


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens a page in a browser of its own; in the end no console error or warning may have been seen.

    first: a script that runs in it before any of the page's own.
    """
    contexts, faults = [], []

    def open_page(url: str, first: str = "", **facts: Any) -> Any:
        contexts.append(browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | facts)))
        contexts[-1].add_init_script(first)
        page = contexts[-1].new_page()
        page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("requestfailed", lambda r: faults.append(r.url) if "ERR_ABORTED" not in (r.failure or "") else None)
        page.goto(url)
        if url.startswith("http"):
            page.get_by_role("heading", level=1).first.wait_for()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
