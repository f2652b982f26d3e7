import errno
import json
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, cast

import pytest
from conftest import Clock
from there import there

from gencmp.errors import GencmpError, RunNotFound, RunStateError, StoreError
from gencmp.events import Epoch, Started, Step
from gencmp.runs.queries import SCHEMA, RunQueries
from gencmp.runs.run import STATE_WORDS, STATES, Run
from gencmp.runs.store import LOST_AFTER, NAME_LENGTH, RunStore, config_of
from gencmp.settings.configs import GanConfig, VaeConfig


def started(epoch: int = 0, step: int = 0) -> Any:
    return Started("vae", {}, epoch, step, 60, 300, "cpu", 2, "float32", {"torch": "2"}, 44.0)


def steps(*numbers: Any) -> Any:
    return [Step(n, 1 + (n - 1) // 10, {"reconstruction": 200.0 - n, "kl": float(n), "gradient": 1.0}) for n in numbers]


def epoch(number: Any) -> Any:
    return Epoch(number, 10 * number, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.5}, {"negative_elbo": 170.0 - number})


@pytest.fixture
def running(store: RunStore, vae: VaeConfig) -> str:
    run = store.create(vae)
    store.claim(run.id)
    store.begin(run.id, started())
    return run.id


def in_state(store: Any, vae: Any, state: Any, clock: Any) -> Any:
    """A run that is seen in this state."""
    run = store.create(vae)
    if state == "lost":
        store.set_state(run.id, "running")
        clock.now += LOST_AFTER + 1
    else:
        store.set_state(run.id, state)
    assert store.queries.get(run.id).state == state
    return run.id


# Names


def test_a_run_gets_a_free_name(store: RunStore, gan: GanConfig) -> None:
    names = [store.create(gan, preset).name for preset in ("paper", "paper", "quick")]
    store.rename(there(store.queries.find("GAN Paper 1")).id, "mine")
    assert [*names, store.create(gan, "paper").name] == ["GAN Paper 1", "GAN Paper 2", "GAN Quick 1", "GAN Paper 1"]


def test_a_made_up_name_has_no_comma_as_commas_separate_columns(store: RunStore, gan: GanConfig) -> None:
    assert store.create(gan, "relu").name == "GAN ReLU not leaky 1"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  two \n words ", "two words"), ("a\x00b\x1b[31m", "a b [31m"), ("left\u202eright", "left right"), ("Ünï 7 ✓", "Ünï 7 ✓"),
     ("x" * 200, "x" * NAME_LENGTH), ("<b>'\"; DROP TABLE runs; --", "<b>'\"; DROP TABLE runs; --"), (" \n\t\x7f ", "VAE own settings 1")],
)  # fmt: skip
def test_names_are_one_line_of_printable_text(store: RunStore, vae: VaeConfig, typed: Any, kept: Any) -> None:
    run = store.create(vae, name=typed)
    assert run.name == kept
    assert store.queries.find(kept) == run and store.queries.all() == [run]


@pytest.mark.parametrize("name", ["../../outside", "/etc/passwd", "..", "con", "a/b\\c"])
def test_a_name_is_never_a_path(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig, tmp_path: Path, name: str
) -> None:
    run = trained(vae.replace(epochs=1), name)
    assert run.name == name and store.queries.folder(run.id).kept() == [1]
    assert {p.name for p in store.home.iterdir()} == {run.id, "runs.sqlite3", "runs.sqlite3-wal", "runs.sqlite3-shm"}
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


def test_two_runs_cannot_share_a_name(store: RunStore, vae: VaeConfig) -> None:
    one, two = store.create(vae, name="one"), store.create(vae, name="two")
    attempts: tuple[Callable[[], Run], ...] = (
        lambda: store.create(vae, name=" one\n"),
        lambda: store.rename(two.id, "one"),
        lambda: store.rename(two.id, one.id),
    )
    for attempt in attempts:
        with pytest.raises(RunStateError, match=r"Another run is already named .*\. Choose another name."):
            attempt()
    assert store.rename(one.id, "one").name == "one"
    assert len(store.queries.all()) == 2


def test_a_name_needs_something(store: RunStore, vae: VaeConfig) -> None:
    with pytest.raises(RunStateError, match="at least one letter or digit"):
        store.rename(store.create(vae).id, "\n ")


def test_an_unknown_run(store: RunStore) -> None:
    assert store.queries.find("none") is None
    for attempt in (
        store.queries.get,
        store.requeue,
        store.delete,
        lambda run: store.rename(run, "x"),
        lambda run: store.command(run, "stop"),
    ):
        with pytest.raises(RunNotFound, match=r"There is no run 'none'. .*`python -m gencmp runs`"):
            attempt("none")


# The queue


def test_a_new_run_waits(store: RunStore, vae: VaeConfig, clock: Clock) -> None:
    run = store.create(vae, "paper")
    assert (run.state, run.kind, run.preset, run.created, run.epochs) == ("queued", "vae", "paper", clock.now, 3)
    assert run.is_open and not run.is_live
    assert config_of(run) == vae


def test_one_of_each_kind_at_once_in_order(store: RunStore, gan: GanConfig, vae: VaeConfig) -> None:
    first, second, third = (store.create(config) for config in (gan, gan, vae))
    assert [store.claim(), store.claim(), store.claim()] == [
        store.queries.get(first.id),
        store.queries.get(third.id),
        None,
    ]
    assert [run.id for run in store.queries.queue()] == [second.id]
    store.set_state(first.id, "finished")
    assert there(store.claim()).id == second.id


def test_more_at_once_when_asked_for(store: RunStore, gan: GanConfig) -> None:
    store.set_setting("at_once_gan", "2")
    ids = [store.create(gan).id for _ in range(3)]
    assert [there(store.claim()).id, there(store.claim()).id, store.claim()] == [*ids[:2], None]
    assert (store.queries.at_once("gan"), store.queries.at_once("vae")) == (2, 1)


@pytest.mark.parametrize("state", ["starting", "running", "paused"])
def test_a_live_run_holds_its_place_until_it_is_lost(store: RunStore, gan: GanConfig, clock: Clock, state: str) -> None:
    first, second = store.create(gan), store.create(gan)
    store.set_state(first.id, state)
    assert store.claim() is None
    clock.now += LOST_AFTER + 1
    assert there(store.claim()).id == second.id


def test_a_run_can_be_claimed_past_the_queue_but_once(store: RunStore, gan: GanConfig) -> None:
    first, second = store.create(gan), store.create(gan)
    assert there(store.claim(second.id)).state == "starting"
    assert store.claim(second.id) is None
    assert store.queries.get(first.id).state == "queued"


def test_each_run_is_claimed_by_one_of_many_workers(tmp_path: Path, vae: VaeConfig) -> None:
    store = RunStore(tmp_path / "home")
    store.set_setting("at_once_vae", "100")
    ids = {store.create(vae).id for _ in range(12)}
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: RunStore(store.home).claim(), range(24)))
    assert sorted(run.id for run in claimed if run) == sorted(ids)


def test_a_run_resumed_in_many_tabs_at_once_is_queued_once(
    tmp_path: Path, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, tabs, get = RunStore(tmp_path / "home"), Barrier(8), RunQueries.get
    run = store.create(vae)
    store.set_state(run.id, "stopped")
    monkeypatch.setattr(
        RunQueries, "get", lambda *a: (get(*a), time.sleep(0.02))[0]
    )  # time for another to act in between

    def resume(_: Any) -> Any:
        tabs.wait()
        try:
            return store.requeue(run.id)
        except RunStateError:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert sum(map(bool, pool.map(resume, range(8)))) == 1
    assert store.queries.get(run.id).state == "queued"


def test_many_sessions_open_an_empty_store_at_once(tmp_path: Path, vae: VaeConfig) -> None:
    doors = Barrier(8)

    def session(n: Any) -> Any:
        doors.wait()
        return RunStore(tmp_path / "new" / "home").create(vae, name=f"run {n}").name

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(session, range(8)))
    assert {run.name for run in RunStore(tmp_path / "new" / "home").queries.all()} == set(names)


def test_two_sessions_see_the_same_run(store: RunStore, vae: VaeConfig, running: str) -> None:
    other = RunStore(store.home, store.clock)
    store.add(running, steps(1, 2))
    assert other.queries.get(running) == store.queries.get(running)
    assert other.queries.steps(running) == store.queries.steps(running)
    other.command(running, "stop")
    assert store.take_commands(running) == ["stop"]


# Heartbeats


@pytest.mark.parametrize("state", STATES)
def test_only_a_live_run_without_a_heartbeat_reads_lost(
    store: RunStore, vae: VaeConfig, clock: Clock, state: Any
) -> None:
    run = store.create(vae)
    store.set_state(run.id, state)
    clock.now += LOST_AFTER - 0.1
    assert store.queries.get(run.id).state == state
    clock.now += 0.2
    assert store.queries.get(run.id).state == ("lost" if state in ("starting", "running", "paused") else state)


def test_a_lost_run_says_why_and_a_beat_finds_it_again(store: RunStore, running: str, clock: Clock) -> None:
    clock.now += LOST_AFTER + 1
    lost = store.queries.get(running)
    assert (lost.state, lost.is_live) == ("lost", False)
    assert lost.reason == "Its worker stopped unexpectedly. Resume it from its last epoch."
    store.beat(running, "Loading")
    assert (store.queries.get(running).state, store.queries.get(running).words) == ("running", "Loading")
    store.beat(running)
    assert store.queries.get(running).words == "Loading"


# Commands


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", ["pause", "go on", "stop"])
def test_what_can_be_asked_of_a_run(store: RunStore, vae: VaeConfig, clock: Clock, state: Any, verb: str) -> None:
    run = in_state(store, vae, state, clock)
    if state in ("starting", "running", "paused"):
        store.command(run, verb)
        assert store.take_commands(run) == [verb] and store.take_commands(run) == []
    elif verb == "stop" and state in ("queued", "lost"):
        store.command(run, verb)
        assert (store.queries.get(run).state, store.queries.get(run).ended) == ("stopped", clock.now)
    else:
        with pytest.raises(RunStateError, match=f"VAE own settings 1 is {STATE_WORDS[state]}: it cannot {verb}."):
            store.command(run, verb)


@pytest.mark.parametrize("state", STATES)
def test_which_runs_can_be_resumed(store: RunStore, vae: VaeConfig, clock: Clock, state: Any) -> None:
    run = in_state(store, vae, state, clock)
    if state in ("stopped", "failed", "lost"):
        assert store.requeue(run).state == "queued"
        assert (store.queries.get(run).queued, store.queries.get(run).ended, store.queries.get(run).reason) == (
            clock.now,
            None,
            "",
        )
    else:
        with pytest.raises(RunStateError, match=f"is {STATE_WORDS[state]}: only a stopped, failed or lost run"):
            store.requeue(run)


def test_a_resumed_run_goes_to_the_end_of_the_queue_without_old_commands(
    store: RunStore, vae: VaeConfig, clock: Clock
) -> None:
    first, second = store.create(vae), store.create(vae)
    store.set_state(first.id, "running")
    store.command(first.id, "stop")
    store.set_state(first.id, "failed", "No memory")
    clock.now += 1
    store.requeue(first.id)
    assert [run.id for run in store.queries.queue()] == [second.id, first.id]
    assert store.take_commands(first.id) == []


@pytest.mark.parametrize("state", STATES)
def test_which_runs_can_be_deleted(store: RunStore, vae: VaeConfig, clock: Clock, state: Any) -> None:
    run = in_state(store, vae, state, clock)
    if state in ("starting", "running", "paused"):
        with pytest.raises(RunStateError, match=f"is {STATE_WORDS[state]}: stop it before you delete it."):
            store.delete(run)
    else:
        store.delete(run)
    assert bool(store.queries.find(run)) == (state in ("starting", "running", "paused"))


def test_deleting_takes_everything_of_this_run_and_nothing_else(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    doomed, kept = trained(vae.replace(epochs=1)), trained(vae.replace(epochs=1))
    store.delete(doomed.id)
    db = sqlite3.connect(store.database.path)
    for table in ("steps", "epochs", "previews"):
        assert {row[0] for row in db.execute(f"SELECT run FROM {table}")} == {kept.id}
    assert not store.queries.folder(doomed.id).path.exists()
    assert store.queries.folder(kept.id).kept() == [1]


# What a worker writes


def test_begin_tells_the_machine(store: RunStore, running: str, clock: Clock) -> None:
    run = store.queries.get(running)
    assert (run.state, run.steps, run.images, run.device, run.threads, run.precision) == (
        "running",
        60,
        300,
        "cpu",
        2,
        "float32",
    )
    assert (run.versions, run.entropy_floor, run.started) == ({"torch": "2"}, 44.0, clock.now)


def test_steps_come_back_in_columns(store: RunStore, running: str) -> None:
    store.add(running, steps(2, 1))
    store.add(running, steps(11))
    assert store.queries.steps(running) == {
        "step": [1, 2, 11], "epoch": [1, 1, 2], "reconstruction": [199, 198, 189], "kl": [1, 2, 11], "gradient": [1, 1, 1],
    }  # fmt: skip
    assert store.queries.steps(running, after=2)["step"] == [11]
    assert store.queries.steps(running, after=11) == {
        name: [] for name in ("step", "epoch", "reconstruction", "kl", "gradient")
    }


def test_many_steps_are_thinned_to_means_of_neighbours(store: RunStore, running: str) -> None:
    store.add(running, steps(*range(1, 1001)))
    thin = store.queries.steps(running, points=100)
    assert thin["step"] == list(range(10, 1001, 10))
    assert thin["kl"][:3] == [5.5, 15.5, 25.5]
    assert store.queries.steps(running, points=1000)["step"] == list(range(1, 1001))
    assert 40 <= len(store.queries.steps(running, after=489, points=50)["step"]) <= 51


def test_epochs_come_back_as_they_were_told(store: RunStore, running: str) -> None:
    for number in (1, 2):
        store.add_epoch(running, epoch(number))
    assert [vars(row) for row in store.queries.epochs(running)] == [
        {name: value for name, value in vars(epoch(n)).items() if name != "arrays"} for n in (1, 2)
    ]
    assert [row.epoch for row in store.queries.epochs(running, after=1)] == [2]
    run = store.queries.get(running)
    assert (run.epoch, run.step, run.seconds, run.images_per_second, run.test) == (
        2,
        20,
        4.0,
        150.0,
        {"negative_elbo": 168.0},
    )


def test_resuming_forgets_what_came_after(store: RunStore, running: str) -> None:
    store.add(running, steps(*range(1, 26)))
    for number in (1, 2):
        store.add_epoch(running, epoch(number))
    store.begin(running, started(epoch=1, step=10))
    assert store.queries.steps(running)["step"] == list(range(1, 11))
    assert [row.epoch for row in store.queries.epochs(running)] == [1]
    assert (store.queries.get(running).epoch, store.queries.get(running).step) == (1, 10)


def test_the_newest_preview_replaces_the_one_before(store: RunStore, running: str) -> None:
    assert store.queries.preview(running) is None is store.queries.preview_step(running)
    for step in (1, 7):
        store.add(running, preview=(step, bytes([step])))
    assert store.queries.preview(running) == (7, b"\x07")
    assert store.queries.preview_step(running) == 7


def test_time_left_is_estimated_from_the_speed(store: RunStore, running: str) -> None:
    assert store.queries.get(running).seconds_left is None
    store.add(running, steps(15), speed=100.0)
    # 45 of 60 steps are left of 3 epochs of 300 images at 100 a second
    assert store.queries.get(running).seconds_left == pytest.approx(6.75)


def test_the_speed_within_an_epoch_counts_in_the_first_alone(store: RunStore, running: str) -> None:
    store.add_epoch(running, epoch(1))
    store.add(running, steps(11), speed=99.0)
    assert store.queries.get(running).images_per_second == 150.0


def test_a_run_as_a_dictionary_there_and_back(store: RunStore, running: str) -> None:
    run = store.queries.get(running)
    assert Run.from_dict(run.to_dict() | {"more": 1}) == run


def test_the_store_is_safe_from_a_write_that_breaks_off(store: RunStore, vae: VaeConfig, running: str) -> None:
    with pytest.raises(sqlite3.Error):
        store.add(running, [Step(1, 1, {"kl": cast(float, object())})])
    assert store.queries.steps(running)["step"] == []
    assert store.create(vae).state == "queued"


def test_commits_are_quick_for_many_writers(tmp_path: Path, vae: VaeConfig) -> None:
    store = RunStore(tmp_path / "home")
    ids = [store.create(vae).id for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        list(pool.map(lambda run: [store.add(run, steps(n)) for n in range(1, 11)], ids))
    assert time.monotonic() - began < 5
    assert all(store.queries.steps(run)["step"] == list(range(1, 11)) for run in ids)


def test_a_file_in_the_homes_place_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    for home in (file, file / "deeper"):
        with pytest.raises(StoreError) as told:
            RunStore(home, Clock())
        assert str(told.value) == (
            f"{home} cannot hold the runs: {file} is a file, wanted a folder."
            " Set GENCMP_HOME to a folder that you may write to, not on a network drive."
        )
    assert file.read_text() == "in the way"


def test_a_folder_in_the_files_place_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite3").mkdir()
    with pytest.raises(StoreError, match=r"runs\.sqlite3 is a folder, wanted a file\. Set GENCMP_HOME"):
        RunStore(tmp_path, Clock())


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_home_that_may_not_be_made_is_told_to_whoever_writes(
    tmp_path: Path, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch, number: Any
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "home"))

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    store = RunStore(tmp_path / "home", Clock())
    assert store.queries.all() == [] and store.queries.live() == [] and not store.queries.is_open()
    with pytest.raises(StoreError, match=f"^{tmp_path / 'home'} cannot hold the runs: .* Set GENCMP_HOME to a folder"):
        store.create(vae)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.ENAMETOOLONG])
def test_no_other_trouble_passes_for_an_empty_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: Any
) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "home"))

    monkeypatch.setattr("pathlib.Path.mkdir", refused)
    with pytest.raises(StoreError, match="cannot hold the runs: "):
        RunStore(tmp_path / "home", Clock())


def test_a_damaged_store_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "runs.sqlite3").write_text("no database, and long enough to be looked at as one" * 20)
    with pytest.raises(GencmpError, match=f"{tmp_path}.* is damaged .* gencmp repair` saves what can be read"):
        RunStore(tmp_path, Clock())


def test_a_store_that_may_only_be_read_is_read_on_any_thread(
    tmp_path: Path, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunStore(tmp_path).create(vae, name="mine")
    connect = sqlite3.connect

    def refused(where: Any, **settings: Any) -> Any:
        """As SQLite answers where a disk is mounted for reading alone."""
        if where == tmp_path / "runs.sqlite3":
            error = sqlite3.OperationalError("attempt to write a readonly database")
            error.sqlite_errorcode = sqlite3.SQLITE_READONLY
            raise error
        return connect(where, **settings)

    monkeypatch.setattr("gencmp.database.sqlite3.connect", refused)
    store = RunStore(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        assert [each.name for found in pool.map(lambda _: store.queries.all(), range(2)) for each in found] == [
            "mine",
            "mine",
        ]
    with pytest.raises(GencmpError, match="cannot hold the runs"):
        store.rename(run.id, "yours")


# Stores of other versions


def test_a_store_of_version_0_1_is_brought_up_to_date_and_keeps_its_runs(tmp_path: Path, gan: GanConfig) -> None:
    old = sqlite3.connect(tmp_path / "runs.sqlite3")
    old.executescript(SCHEMA)
    settings = gan.to_dict()
    settings["digits"] = settings.pop("classes")
    old.execute(
        "INSERT INTO runs (id, name, kind, preset, config, state, created, queued) VALUES ('1', 'mine', 'gan', 'own', ?, 'finished', 1, 1)",
        (json.dumps(settings),),
    )
    old.execute("INSERT INTO glimpses VALUES ('1', 7, ?)", (b"arrays",))
    old.commit()
    for _ in range(2):  # the second time there is nothing left to do
        store = RunStore(tmp_path)
        run = store.queries.get("1")
        assert store.queries.preview("1") == (7, b"arrays")
        assert config_of(run) == gan and run.config["classes"] == []
        assert (run.machine, run.data, run.classes) == ({}, {}, [])
    [backup] = tmp_path.glob("runs.sqlite3.version-*")
    kept = sqlite3.connect(backup).execute("SELECT name, config FROM runs").fetchall()
    assert backup.suffix == ".version-0" and kept == [("mine", json.dumps(settings))]


def test_a_new_store_has_nothing_to_back_up(tmp_path: Path) -> None:
    RunStore(tmp_path)
    assert not list(tmp_path.glob("*.version-*"))


def test_a_store_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    RunStore(tmp_path).queries.setting("x", "")
    db = sqlite3.connect(tmp_path / "runs.sqlite3")
    db.execute("PRAGMA user_version = 1000")
    with pytest.raises(GencmpError, match=r"of a later version of gencmp\. Update gencmp, or set GENCMP_HOME"):
        RunStore(tmp_path)
