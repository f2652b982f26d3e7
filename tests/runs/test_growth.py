"""A store of many runs, and a run of many epochs, cost no more than small ones. Counted, never timed: SQLite's own steps,
statements and bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Clock
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from there import there

from gencmp import files
from gencmp.bench import store as bench
from gencmp.bench.store import fill
from gencmp.database import Database
from gencmp.events import MEASURES, Epoch, Started, Step
from gencmp.files import ROOT
from gencmp.runs.catalog import Catalog
from gencmp.runs.folder import RunFolder
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.routes import runs
from gencmp.ui.runs.table import SHOWN

FEW, MANY = 60, 300  # runs: the Runs page shows 50


# Counting


@contextmanager
def work_of(store: Any) -> Iterator[Any]:
    """A list whose length is the work that SQLite does meanwhile, in instructions of its machine."""
    done: list[None] = []
    store.database.connection().set_progress_handler(lambda: done.append(None), 1)
    yield done
    store.database.connection().set_progress_handler(None, 0)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that any store is asked, on any thread."""
    told: list[str] = []
    connection = Database.connection

    def traced(database: Any) -> Any:
        db = connection(database)
        db.set_trace_callback(told.append)
        return db

    monkeypatch.setattr(Database, "connection", traced)
    return told


def home_of(tmp_path_factory: pytest.TempPathFactory, runs: int) -> Any:
    """A store's folder: so many finished runs, and two of each kind that wait."""
    store = RunStore(tmp_path_factory.mktemp("home"))
    for number in range(runs):
        fill(store, (GanConfig, VaeConfig)[number % 2](epochs=2, seed=number), 10)
    for config in (GanConfig(), VaeConfig()) * 2:
        store.create(config)
    return store.home


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [home_of(tmp_path_factory, runs) for runs in (FEW, MANY)]


# Many runs

QUESTIONS = {
    "the newest": lambda store: store.queries.newest(SHOWN),
    "live runs": lambda store: store.queries.live(),
    "the next few": lambda store: store.queries.queue(5),
    "how many are open": lambda store: store.queries.open_by_kind(),
    "whose turn it is": lambda store: store.queries.head("gan"),
    "a waiting run's place": lambda store: store.queries.place(store.queries.head("vae")),
    "by name": lambda store: store.queries.find("GAN Paper 7"),
    "a sparkline": lambda store: store.queries.spark(store.queries.newest(5)[-1], MEASURES["vae"][0], 30),
    "its epochs": lambda store: store.queries.epochs(store.queries.newest(5)[-1].id),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_takes_no_more_work_of_a_store_with_many_runs(homes: list[Path], question: Any) -> None:
    work = []
    for home in homes:
        store = RunStore(home)
        with work_of(store) as done:
            assert QUESTIONS[question](store) is not None
        work.append(len(done))
    assert 0 < work[1] <= work[0] + 20


def test_a_claim_takes_no_more_work_when_many_wait(tmp_path: Path, gan: GanConfig, vae: VaeConfig) -> None:
    work = []
    for waiting in (2, 100):
        store = RunStore(tmp_path / str(waiting))
        store.set_state(store.create(gan).id, "running")  # so that no other GAN may start
        for config in (*[gan] * waiting, vae):
            store.create(config)
        with work_of(store) as done:
            assert there(store.claim()).kind == "vae"
        work.append(len(done))
    assert work[1] <= work[0] + 20


@pytest.mark.parametrize("name", ["home", "train", "explore", "verdict", "runs", "paper"])
def test_a_page_asks_the_same_of_a_store_with_many_runs(
    homes: list[Path], monkeypatch: pytest.MonkeyPatch, asked: list[str], name: str
) -> None:
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    looked = []
    look = RunFolder._epochs
    monkeypatch.setattr(RunFolder, "_epochs", lambda *a: looked.append(a) or look(*a))
    statements, looks = [], []
    for home in homes:
        monkeypatch.setenv("GENCMP_HOME", str(home))
        catalog.open_catalog.cache_clear()
        catalog.open_catalog()  # whether its store is checked depends on what this process has opened before
        asked.clear(), looked.clear()
        at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30).run()
        assert not at.exception
        statements.append(len(asked)), looks.append(len(looked))
    catalog.open_catalog.cache_clear()
    assert statements[1] <= statements[0] and looks[1] <= looks[0]


def test_choices_are_one_question_and_no_look_at_the_folders(
    homes: list[Path], asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunFolder, "_epochs", lambda *_: pytest.fail("looked into a folder"))
    catalog = Catalog(RunStore(homes[1]), homes[1] / "none shipped")
    catalog.choices()  # the first time, every run is read once, so that none is offered that cannot be
    asked.clear()
    choices = catalog.choices()
    assert len(choices) == MANY and len(asked) == 1
    assert (choices[0].kind, choices[0].state, choices[0].epoch) == ("vae", "finished", 2)


def test_a_run_is_a_choice_once_its_first_weights_are_there(store: RunStore, vae: VaeConfig) -> None:
    catalog = Catalog(store, store.home / "none shipped")
    run = store.create(vae)
    store.claim(run.id)
    assert catalog.choices() == []
    store.add_epoch(run.id, epoch(1))
    assert catalog.choices() == []
    files.write_whole(store.queries.folder(run.id).weights(1), b"weights")
    assert [choice.id for choice in catalog.choices()] == [run.id]


# Finding


def test_runs_are_found_by_name_state_and_preset_in_any_case(
    store: RunStore, vae: VaeConfig, gan: GanConfig, clock: Clock
) -> None:
    named = store.create(vae, "quick", "Übung Größe")
    lost = store.create(gan, "paper", "other")
    store.set_state(lost.id, "running")
    clock.now += 100
    for wanted, found in (
        ("ÜBUNG", named),
        ("größe", named),
        ("QUICK", named),
        ("queued", named),
        ("waiting", named),
        ("lost", lost),
        ("paper", lost),
    ):
        assert [run.id for run in store.queries.newest(5, wanted=wanted)] == [found.id]
        assert store.queries.count(wanted=wanted) == 1
    assert store.queries.count("gan", "quick") == 0
    assert store.queries.newest(5, wanted="running") == [] == store.queries.newest(5, wanted="training")
    assert store.queries.newest(5, wanted="_") == [] == store.queries.newest(5, wanted="%")
    assert (store.queries.count(), store.queries.count("gan")) == (2, 1)


def test_the_runs_page_shows_the_newest_and_more_when_asked(homes: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", lambda store: None)
    monkeypatch.setenv("GENCMP_HOME", str(homes[0]))
    catalog.open_catalog.cache_clear()
    at = AppTest.from_file(str(ROOT / "pages" / "runs.py"), default_timeout=30).run()
    shipped = len(catalog.open_catalog().shipped())
    assert len(at.dataframe[0].value) == SHOWN + shipped
    assert f"Showing the newest {SHOWN} of {FEW + 4} runs" in at.caption[1].value
    at.button(key="runs.older").click().run()
    assert len(at.dataframe[0].value) == FEW + 4 + shipped
    at.text_input(key="runs.find").set_value("paper 7").run()
    assert list(at.dataframe[0].value["Name"]) == ["VAE Paper 7", "GAN Paper 7"]
    catalog.open_catalog.cache_clear()


# Long runs


def epoch(number: Any, arrays: Any = None) -> Any:
    return Epoch(number, 10 * number, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.0}, {"negative_elbo": 170.0}, arrays or {})


def started(steps: int = 60) -> Any:
    return Started("vae", {"epochs": 3}, 0, 0, steps, 300, "cpu", 1, "float32", {}, 44.0)


@pytest.fixture
def lengths(store: RunStore) -> list[Run]:
    """A short run and a long one."""
    return [fill(store, VaeConfig(epochs=epochs), steps) for epochs, steps in ((5, 50), (1500, 3000))]


def test_recording_an_epoch_takes_no_more_work_late_in_a_run(store: RunStore, lengths: list[Run]) -> None:
    work = []
    for run in lengths:
        with work_of(store) as done:
            store.add_epoch(run.id, epoch(run.epoch + 1))
            store.add(run.id, [Step(10**6, run.epoch + 1, {"kl": 1.0})])
        work.append(len(done))
        assert store.queries.get(run.id).seconds == run.seconds + 2.0 == 2.0 * (run.epoch + 1)
    assert work[1] <= work[0] + 20


def test_a_resumed_run_counts_the_seconds_of_the_epochs_that_it_has(store: RunStore, lengths: list[Run]) -> None:
    store.begin(lengths[0].id, Started("vae", {}, 2, 20, 50, 300, "cpu", 1, "float32", {}, 44.0))
    store.add_epoch(lengths[0].id, epoch(3))
    assert store.queries.get(lengths[0].id).seconds == 6.0


def test_the_news_of_a_long_run_are_no_longer(client: TestClient, store: RunStore, lengths: list[Run]) -> None:
    sizes, work = [], []
    for run in lengths:
        with work_of(store) as done:
            answer = client.get(f"/gencmp/news/{run.id}?step={run.step - 1}&epoch={run.epoch - 1}")
        news = answer.json()
        news.pop("diagnosis")  # found once for each epoch; words of what a longer run may have
        sizes.append(len(json.dumps(news))), work.append(len(done))
        assert len(answer.json()["epochs"]) == len(answer.json()["steps"]["step"]) == 1
    assert sizes[1] <= sizes[0] + 30
    assert work[1] <= work[0] + 50


def test_the_first_answer_has_the_whole_curve_and_a_bounded_size(client: TestClient, lengths: list[Run]) -> None:
    first = client.get(f"/gencmp/news/{lengths[1].id}?step=0&epoch=0").json()
    epochs = [row["epoch"] for row in first["epochs"]]
    assert (epochs[0], epochs[-1]) == (1, 1500)
    assert len(epochs) <= runs.EPOCH_POINTS + 1 and len(first["steps"]["step"]) <= runs.CHART_POINTS + 1
    assert len(set(np.diff(epochs[1:]))) == 1


def test_a_waiting_run_is_told_its_place_by_one_count(client: TestClient, store: RunStore, gan: GanConfig) -> None:
    runs = [store.create(gan) for _ in range(4)]
    places = [client.get(f"/gencmp/news/{run.id}").json()["run"] for run in runs]
    assert [place["place"] for place in places] == [1, 2, 3, 4]
    assert [place["free"] for place in places] == [True, False, False, False]
    store.claim()
    assert [client.get(f"/gencmp/news/{run.id}").json()["run"]["place"] for run in runs] == [0, 1, 2, 3]


def test_epochs_are_thinned_evenly_with_the_first_and_the_last(store: RunStore, lengths: list[Run]) -> None:
    short, long = lengths
    assert [row.epoch for row in store.queries.epochs(short.id, points=5)] == [1, 2, 3, 4, 5]
    assert [row.epoch for row in store.queries.epochs(short.id, points=2)] == [1, 2, 5]
    thin = [row.epoch for row in store.queries.epochs(long.id, after=1000, points=100)]
    assert thin == [1001, *range(1005, 1501, 5)]
    assert store.queries.epochs(long.id, after=1500, points=100) == []


def test_a_sparkline_has_so_many_means_in_order(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    store.begin(run.id, started(1000))
    store.add(run.id, [Step(n, 1, {"reconstruction": float(n), "kl": 1.0}) for n in range(1, 1001)])
    assert store.queries.spark(store.queries.get(run.id), "reconstruction", 4) == [4.5, 254.5, 504.5, 754.5]
    assert store.queries.spark(store.create(vae), "kl", 4) == []


def test_the_sparkline_of_a_fork_begins_where_the_fork_does(store: RunStore, vae: VaeConfig) -> None:
    fork = store.create(vae)
    store.begin(fork.id, started(1000))
    store.add(fork.id, [Step(n, 1, {"reconstruction": float(n), "kl": 1.0}) for n in range(601, 1001)])
    assert store.queries.spark(store.queries.get(fork.id), "reconstruction", 4) == [604.5, 704.5, 804.5, 904.5]


# The benchmark


def test_the_benchmark_sets_full_against_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    async def asked(full: Any, empty: Any, *_: Any) -> Any:
        return [bench._row("a page", [30.0, 20.0, 90.0], [10.0, 10.0, 10.0])]

    async def updated(*_: Any) -> Any:
        return [{"what": "an update", "short_ms": 1.0, "long_ms": 1.5, "short_bytes": 500, "long_bytes": 510}]

    for name, value in {"RUNS": 4, "STEPS": 5, "LONG": 20, "BLOCKS": 1, "_pages": asked, "_updates": updated}.items():
        monkeypatch.setattr(bench, name, value)
    monkeypatch.setattr(bench, "served", lambda home: nullcontext(home))
    measured = bench.measure(lambda share, words: None)
    assert [row["what"] for row in measured["rows"]] == ["a page", "`python -m gencmp runs`", "a worker without work"]
    assert measured["rows"][0] == {
        "what": "a page",
        "full_ms": 30.0,
        "empty_ms": 10.0,
        "ratio": 3.0,
        "ratio_low": 2.0,
        "ratio_high": 9.0,
    }
    assert (
        "1.0 ms and 500 bytes of a run with 10 epochs, 1.5 ms and 510 bytes of one with 20" in bench.say(measured)[-1]
    )
