"""What surrounds a cluster, without one: the choice, turns, the lease, and what is said when there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Clock

from gencmp.errors import ClusterError, ConfigError
from gencmp.files import ROOT
from gencmp.runs.executors.choice import cpus_of_a_run, executor, gpus_of_a_run
from gencmp.runs.executors.dispatcher import dispatch
from gencmp.runs.executors.fair import Turn, next_turn
from gencmp.runs.executors.job import Here
from gencmp.runs.executors.lease import Lease
from gencmp.runs.executors.reach import address_of, refuse_absent, refuse_open, refuse_unreachable
from gencmp.runs.executors.status import Node, Status, cluster_words, keep_status
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

# The choice


def test_runs_train_here_unless_a_cluster_is_chosen() -> None:
    assert executor({}) == executor({"GENCMP_EXECUTOR": ""}) == executor({"GENCMP_EXECUTOR": "local"}) == "local"
    assert executor({"GENCMP_EXECUTOR": " Ray "}) == "ray"
    with pytest.raises(ConfigError, match="GENCMP_EXECUTOR is 'dask', wanted local"):
        executor({"GENCMP_EXECUTOR": "dask"})


@pytest.mark.parametrize("text", ["0", "1.5", "many", "nan", "inf", "-2"])
def test_a_run_takes_whole_cores(text: str) -> None:
    assert cpus_of_a_run({}) == 1 and cpus_of_a_run({"GENCMP_RAY_CPUS": "4"}) == 4
    with pytest.raises(ConfigError, match="GENCMP_RAY_CPUS is"):
        cpus_of_a_run({"GENCMP_RAY_CPUS": text})


def test_a_run_takes_a_share_of_a_gpu() -> None:
    assert gpus_of_a_run({}) == 0 and gpus_of_a_run({"GENCMP_RAY_GPUS": "0.25"}) == 0.25
    with pytest.raises(ConfigError, match="GENCMP_RAY_GPUS is '2', wanted a share"):
        gpus_of_a_run({"GENCMP_RAY_GPUS": "2"})


def test_without_the_setting_nothing_imports_ray(store: RunStore) -> None:
    code = (
        "import sys, gencmp.runs.worker, gencmp.runs.launcher, gencmp.runs.executors.dispatcher, gencmp.ui.server;"
        " import gencmp.runs.executors.local, gencmp.runs.executors.far, gencmp.runs.executors.wire;"
        " assert 'ray' not in sys.modules and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


# Turns


def turns(*facts: str) -> list[Turn]:
    """ "anna gan" and so on, in the order in which they came."""
    return [Turn(str(n), words.split()[0], words.split()[1], float(n)) for n, words in enumerate(facts)]


def order(waiting: list[Turn], at_work: list[Turn]) -> list[str]:
    """Who comes, one after the other, where nobody leaves."""
    found = []
    while turn := next_turn([each for each in waiting if each not in at_work], at_work):
        at_work = [*at_work, turn]
        found.append(f"{turn.owner} {turn.kind}")
    return found


def test_each_owner_has_a_turn_and_of_each_the_kinds() -> None:
    waiting = turns("anna gan", "anna gan", "anna vae", "ben vae", "ben gan")
    assert order(waiting, []) == ["anna gan", "ben vae", "anna vae", "ben gan", "anna gan"]
    assert order(waiting, turns("anna gan"))[0] == "ben vae"
    assert next_turn([], turns("anna gan")) is None


def test_one_owner_alone_is_served_in_order() -> None:
    assert order(turns("anna vae", "anna vae", "anna gan"), []) == ["anna vae", "anna gan", "anna vae"]


def test_waiting_runs_know_who_started_them(store: RunStore, clock: Clock, vae: VaeConfig) -> None:
    first, second = store.create(vae), store.create(vae)
    store.set_setting(f"student {second.id}", "b1")
    assert [(turn.run, turn.owner, turn.kind) for turn in store.queries.turns()] == [
        (first.id, "", "vae"), (second.id, "b1", "vae"),
    ]  # fmt: skip
    store.claim(first.id, "ray")
    store.claim(second.id)  # by a worker on this computer
    assert [turn.run for turn in store.queries.turns_held("ray")] == [first.id] and store.queries.turns() == []


# The lease


def test_a_lease_is_held_by_one_process_and_free_when_it_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from gencmp.runs.executors.lease import Lease;"
        " lease = Lease(pathlib.Path(sys.argv[1])); print(lease.take(), flush=True); time.sleep(60)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "lock")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout and other.stdout.readline().strip() == "True"
        assert not Lease(tmp_path / "lock").take()
    finally:
        other.kill()
        other.communicate()
    mine = Lease(tmp_path / "lock")
    assert mine.take() and not Lease(tmp_path / "lock").take()
    mine.give_back()
    assert Lease(tmp_path / "lock").take()


# Back to the queue


def test_a_run_that_is_put_back_keeps_its_place_its_pace_and_what_was_asked(
    store: RunStore, clock: Clock, vae: VaeConfig
) -> None:
    first = store.create(vae)
    clock.sleep(1)
    second = store.create(vae)
    store.claim(first.id, "ray")
    store.set_state(first.id, "paused")
    store.change(first.id, {"learning_rate": 0.01})
    assert store.put_back(first.id, "beta has gone") == "queued"
    assert [turn.run for turn in store.queries.turns()] == [first.id, second.id]
    assert store.queries.get(first.id).words == "beta has gone"
    store.claim(first.id, "ray")
    assert store.take_commands(first.id) == ["pause", 'change {"learning_rate": 0.01}']


def test_a_run_that_should_stop_is_not_put_back(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    store.claim(run.id, "ray")
    store.command(run.id, "stop")
    assert store.put_back(run.id) == "stopped" == store.queries.get(run.id).state
    assert store.take_commands(run.id) == []


# What is said


def test_ray_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gencmp.runs.executors.reach.find_spec", lambda name: None)
    with pytest.raises(ClusterError, match=r"Ray is not installed.*pip install -r requirements-ray.txt"):
        refuse_absent()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ray://head:10001", "Ray Client cannot stream"),
        ("", "This computer is not a node of a Ray cluster. Start one here"),
        ("auto", "This computer is not a node of a Ray cluster. Start one here"),
        ("head", "RAY_ADDRESS is 'head', wanted HOST:PORT"),
        ("head:port", "RAY_ADDRESS is 'head:port', wanted HOST:PORT"),
    ],
)
def test_an_address_that_cannot_be_used_is_told(address: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=words.replace(".", r"\.")):
        address_of({"RAY_ADDRESS": address, "RAY_TMPDIR": str(tmp_path)})


def test_this_computers_own_cluster_is_found(tmp_path: Path) -> None:
    (tmp_path / "ray").mkdir()
    (tmp_path / "ray" / "ray_current_cluster").write_text("10.0.0.5:6379\n")
    assert address_of({"RAY_TMPDIR": str(tmp_path)}) == "10.0.0.5:6379" == address_of({"RAY_ADDRESS": "10.0.0.5:6379"})


def test_a_cluster_that_does_not_answer_is_told_at_once() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"  # bound, but nobody listens
        began = time.monotonic()
        with pytest.raises(ClusterError, match=f"No Ray cluster answers at {address}"):
            refuse_unreachable(address)
        assert time.monotonic() - began < 5


def test_a_cluster_without_a_token_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    with pytest.raises(ClusterError, match=r"no token.*ray get-auth-token --generate"):
        refuse_open({})
    refuse_open({"RAY_AUTH_MODE": "disabled"})  # as its owner wants it
    refuse_open({"RAY_AUTH_TOKEN": "secret"})
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("secret")
    refuse_open({})


def test_a_node_with_other_versions_is_refused_in_words() -> None:
    here = Here.of("id")
    here.refuse_others(here.versions, "beta")
    with pytest.raises(ClusterError, match=r"The node beta has gencmp .* \(here 9\.9\)"):
        here.refuse_others({**here.versions, "gencmp": "9.9"}, "beta")


def test_a_dispatcher_without_a_cluster_says_why_where_people_look(
    store: RunStore, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    monkeypatch.setattr("gencmp.runs.executors.reach.find_spec", lambda name: object())
    dispatch(store)  # nothing waits, so nobody needs a cluster
    assert cluster_words(store) == "The cluster is idle."
    run = store.create(vae)
    assert cluster_words(store) == "Connecting to the cluster. 1 run waits."
    with pytest.raises(ClusterError):
        dispatch(store)
    assert cluster_words(store).startswith("RAY_ADDRESS is ray://head:10001, but Ray Client cannot stream")
    assert cluster_words(store).endswith("1 run waits.") and store.queries.get(run.id).state == "queued"
    monkeypatch.setenv("GENCMP_EXECUTOR", "local")
    assert cluster_words(store) == ""


def test_the_cluster_in_one_line(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")
    keep_status(store, Status(store.clock(), places=16, busy=12, nodes=[Node("beta", 16, 12)], process=os.getpid()))
    assert cluster_words(store) == "12 of 16 places busy on the cluster's 1 node."
    store.set_setting("cluster", '{"at": "yesterday"}')
    assert cluster_words(store) == "The cluster is idle."
