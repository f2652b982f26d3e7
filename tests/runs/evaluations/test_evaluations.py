"""Evaluations as jobs: the queue with a clock of its own, then real workers on a few digits, a stop and a kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Clock
from judged import save_panel
from there import there

from gencmp.data.digits import Digits
from gencmp.errors import RunNotFound, RunStateError, RunTakenOver
from gencmp.evaluation.judges.judge import Judge
from gencmp.evaluation.judges.panel import file_key
from gencmp.evaluation.verdicts import kept_judgement
from gencmp.files import home
from gencmp.runs import launcher, worker
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.evaluations.work import EvaluationStopped, ProgressToStore, evaluate_models
from gencmp.runs.queries import MIGRATIONS, SCHEMA
from gencmp.runs.run import LOST_AFTER, Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import GanConfig, VaeConfig

MODELS = [("b", 2), ("a", 1)]


# The queue


def test_one_is_worked_on_at_a_time_in_the_order_of_asking(store: RunStore) -> None:
    first, second = store.evaluations.add(MODELS, 100), store.evaluations.add([("c", 1)], 100)
    assert first.models == (("a", 1), ("b", 2)) and first.state == "queued"
    assert store.evaluations.is_waiting() and there(store.evaluations.claim()).id == first.id
    assert store.evaluations.claim() is None and not store.evaluations.is_waiting()
    store.evaluations.end(first, "finished")
    assert there(store.evaluations.claim()).id == second.id


def test_asked_for_twice_it_is_done_once(store: RunStore) -> None:
    assert store.evaluations.add(MODELS, 100) == store.evaluations.add(MODELS[::-1], 100)
    other = store.evaluations.add(MODELS, 200)
    assert other.id != store.evaluations.add(MODELS, 100).id


def test_everyone_sees_how_far_it_has_come(store: RunStore, clock: Clock) -> None:
    store.evaluations.add(MODELS, 100)
    job = there(store.evaluations.claim())
    assert store.evaluations.tell(job, 0.25, "a: Parzen window")
    clock.sleep(10)
    store.evaluations.tell(job)
    seen = RunStore(store.home, clock).evaluations.get(job.id)
    assert (seen.state, seen.share, seen.words) == ("running", 0.25, "a: Parzen window")
    assert seen.progress_words(clock()) == "a: Parzen window · about 30 s left"


@pytest.mark.parametrize(
    ("share", "seconds", "said"),
    [
        (0.0, 1, "reading"),
        (0.01, 3, "reading"),
        (0.5, 30, "reading · about 30 s left"),
        (0.1, 60, "reading · about 9 minutes left"),
        (1.0, 60, "reading · about 10 s left"),
    ],
)
def test_a_bar_says_how_long_it_will_take_once_its_pace_is_known(share: float, seconds: int, said: str) -> None:
    job = EvaluationJob(1, (("a", 1),), 100, 0, "running", words="reading", share=share, started=1000.0)
    assert job.progress_words(1000.0 + seconds) == said


def test_one_that_has_told_nothing_starts_and_one_that_waits_waits() -> None:
    assert EvaluationJob(1, (), 100, 0, "starting", started=1.0).progress_words(2.0) == "Starting"
    assert EvaluationJob(1, (), 100, 0, "queued").progress_words(2.0).startswith("Waiting for a worker")


def test_one_of_a_pair_is_found_by_either_while_it_may_change(store: RunStore) -> None:
    job = store.evaluations.add(MODELS, 100)
    assert store.evaluations.of(["b", "z"]) == store.evaluations.of(["a"]) == job
    store.evaluations.claim()
    store.evaluations.end(job, "failed", "No judge.")
    assert there(store.evaluations.of(["a"])).reason == "No judge."
    assert store.evaluations.of(["b", "z"]) is None is store.evaluations.of(["c"])


def test_without_a_heartbeat_it_is_lost_and_can_be_started_again(store: RunStore, clock: Clock) -> None:
    store.evaluations.add(MODELS, 100)
    job = there(store.evaluations.claim())
    clock.sleep(LOST_AFTER + 1)
    lost = store.evaluations.get(job.id)
    assert lost.state == "lost" and "stopped unexpectedly" in lost.reason
    again = store.evaluations.add(MODELS, 100)
    assert again.state == "queued" and again.id != job.id
    assert store.evaluations.claim() == store.evaluations.get(again.id)
    with pytest.raises(RunTakenOver):
        store.evaluations.tell(job, 0.5, "only slept")
    with pytest.raises(RunNotFound):
        store.evaluations.get(job.id)


def test_a_stop_is_heard_at_the_next_word(store: RunStore) -> None:
    store.evaluations.add(MODELS, 100)
    job = there(store.evaluations.claim())
    progress = ProgressToStore(store.evaluations, job)
    progress(0.1, "reading")
    store.evaluations.stop(job.id)
    assert store.evaluations.get(job.id).progress_words(store.clock()).startswith("Stopping")
    progress.reported = -1000.0
    with pytest.raises(EvaluationStopped):
        progress(0.2, "reading")


def test_what_no_worker_holds_stops_at_once_and_what_has_ended_cannot(store: RunStore) -> None:
    job = store.evaluations.add(MODELS, 100)
    store.evaluations.stop(job.id)
    assert store.evaluations.get(job.id).state == "stopped" and store.evaluations.claim() is None
    with pytest.raises(RunStateError, match="is stopped: it cannot be stopped"):
        store.evaluations.stop(job.id)


def test_only_so_many_are_remembered(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gencmp.runs.evaluations.queue.REMEMBERED", 3)
    for number in range(10):
        store.evaluations.stop(store.evaluations.add([(str(number), 1)], 100).id)
    assert [number for number in range(10) if store.evaluations.of([str(number)])] == [6, 7, 8, 9]


def test_a_store_from_before_there_were_evaluations_gets_their_table(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "runs.sqlite3")
    old.executescript(";".join((SCHEMA, *MIGRATIONS[:3])))
    old.execute("PRAGMA user_version = 3")
    old.commit()
    assert RunStore(tmp_path).evaluations.add(MODELS, 100).state == "queued"


# A worker


@pytest.fixture
def store(tmp_path: Path, request: pytest.FixtureRequest, clock: Clock) -> RunStore:
    """On the machine's own clock for tests with workers."""
    return (
        RunStore(tmp_path / "home", time.time)
        if "judge" in request.fixturenames
        else RunStore(tmp_path / "home", clock)
    )


@pytest.fixture
def judge(digits: Digits, digits_folder: Path) -> Judge:
    """A poor judge of the folder, where one is looked for."""
    return save_panel(digits, str(digits_folder), steps=20)


@pytest.fixture
def both(trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig, digits_folder: Path) -> list[Run]:
    """A run of each kind, on a few digits from a folder."""
    return [trained(config.replace(epochs=1, dataset=str(digits_folder))) for config in (gan, vae)]


def queue(store: Any, runs: Any) -> Any:
    return store.evaluations.add([(run.id, 1) for run in runs], 100)


def verdicts(store: Any, runs: Any) -> Any:
    return [kept_judgement(file_key(store.queries.folder(run.id).weights(1)), config_of(run), 100) for run in runs]


def test_a_worker_measures_what_waits_and_keeps_it(store: RunStore, judge: Judge, both: list[Run]) -> None:
    job = queue(store, both)
    assert worker.work(store) == 1
    found = store.evaluations.get(job.id)
    assert (found.state, found.reason, found.share) == ("finished", "", 1.0)
    for run, (verdict, floor) in zip(both, verdicts(store, both), strict=True):
        assert (verdict.model, verdict.kind, verdict.judge) == (run.name, run.kind, judge.key)
        assert floor.kind == "real"


def test_a_model_that_is_gone_is_told(store: RunStore, judge: Judge, both: list[Run]) -> None:
    job = queue(store, both)
    store.delete(both[0].id)
    worker.work(store)
    found = store.evaluations.get(job.id)
    assert found.state == "failed" and found.reason.startswith(f"There is no run or shipped model '{both[0].id}'")


def test_figures_that_cannot_be_kept_are_not_measured(
    store: RunStore, judge: Judge, both: list[Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home() / "verdicts").write_text("in the way")
    job = queue(store, both)
    worker.work(store)
    assert store.evaluations.get(job.id).state == "failed"
    assert "Results cannot be saved" in store.evaluations.get(job.id).reason


def test_a_defect_is_told_and_the_next_is_done(
    store: RunStore, judge: Judge, both: list[Run], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = queue(store, both[:1]), queue(store, both[1:])
    evaluate = evaluate_models
    monkeypatch.setattr(worker, "evaluate_models", lambda s, job, n: 1 / 0 if job.id == bad.id else evaluate(s, job, n))
    assert worker.work(store) == 2
    assert store.evaluations.get(bad.id).reason == "ZeroDivisionError: division by zero"
    assert store.evaluations.get(good.id).state == "finished" and f"evaluation {bad.id} failed" in caplog.text


def test_a_worker_that_evaluates_leaves_the_training_to_another(
    store: RunStore, judge: Judge, both: list[Run], vae: VaeConfig, digits_folder: Path
) -> None:
    queue(store, both)
    run = store.create(vae.replace(dataset=str(digits_folder), epochs=1))
    assert worker.work(store) == 1 and store.queries.get(run.id).state == "queued"
    assert worker.work(store) == 1 and store.queries.get(run.id).state == "finished"


# Workers of their own


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX does")
def test_killed_it_is_lost_then_stopped_then_done(
    store: RunStore, judge: Judge, both: list[Run], pids: list[int], wait_until: Callable[..., Any]
) -> None:
    """The whole life of a job, seen through a second store, as another browser's page has it."""
    job, other = queue(store, both), RunStore(store.home)
    pids.append(launcher.start_worker(store))
    wait_until(lambda: other.evaluations.get(job.id).is_live)
    os.kill(pids[0], signal.SIGKILL)
    later = RunStore(store.home, clock=lambda: time.time() + LOST_AFTER)
    assert later.evaluations.get(job.id).state == "lost"

    again = later.evaluations.add(job.models, job.count)
    pids.append(launcher.start_worker(store))
    wait_until(lambda: other.evaluations.get(again.id).is_live)
    other.evaluations.stop(again.id)
    wait_until(lambda: store.evaluations.get(again.id).state == "stopped")
    assert verdicts(store, both)[1][0] is None

    last = queue(store, both)
    launcher.keep_going(store)
    shares = []
    wait_until(
        lambda: shares.append(other.evaluations.get(last.id).share) or not other.evaluations.get(last.id).is_open
    )
    assert other.evaluations.get(last.id).state == "finished", other.evaluations.get(last.id).reason
    assert shares == sorted(shares) and any(0 < share < 1 for share in shares)
    assert all(verdict and floor for verdict, floor in verdicts(store, both))
