"""The line between a recorder and a training elsewhere, with a thread in the place of a node: no Ray, on every system."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from far_threads import Thread, forget_given, recorded
from there import there

from gencmp.data.read import read_pictures
from gencmp.errors import ClusterError, ClusterGone, TrainingLost
from gencmp.events import Checkpoint, Epoch, Finished, Moment, Started, Step, Waiting
from gencmp.models.snapshot import read
from gencmp.runs.catalog import Catalog
from gencmp.runs.executors import source, wire
from gencmp.runs.executors.dispatcher import Dispatcher, take_over
from gencmp.runs.executors.far import Controls, _KeptBack, far_training
from gencmp.runs.executors.job import Failed, Here, job_of
from gencmp.runs.executors.status import Node, cluster_words
from gencmp.runs.executors.wire import FarLine
from gencmp.runs.forks.fork import fork
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import GanConfig, VaeConfig


@pytest.fixture(autouse=True)
def _nothing_given() -> Iterator[None]:
    yield
    forget_given()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "home")


def tensors(store: RunStore, run: Run) -> dict[str, Any]:
    return {name: tensor.numpy().tobytes() for name, tensor in read(store.queries.folder(run.id).state).tensors.items()}


def test_over_a_line_a_run_is_the_same_bit_for_bit(
    store: RunStore, config: GanConfig | VaeConfig, digits_folder: Path
) -> None:
    config = config.replace(dataset=str(digits_folder), epochs=12, keep_per_decade=1)
    far, here = store.create(config), store.create(config)
    assert recorded(store, far) == "finished"
    train_run(store, there(store.claim(here.id)))
    assert tensors(store, far) == tensors(store, here)
    assert store.queries.steps(far.id) == store.queries.steps(here.id)
    assert store.queries.folder(far.id).kept() == store.queries.folder(here.id).kept()


def test_a_fork_over_a_line_continues_its_parent_exactly(
    store: RunStore, config: GanConfig | VaeConfig, digits_folder: Path, tmp_path: Path
) -> None:
    parent = store.create(config.replace(dataset=str(digits_folder)))
    train_run(store, there(store.claim(parent.id)))
    catalog = Catalog(store, tmp_path / "none shipped")
    child = fork(store, catalog.find(parent.id), {}, 1, "")
    assert recorded(store, child) == "finished"
    assert tensors(store, child) == tensors(store, parent)


def test_a_stopped_run_has_the_state_of_its_last_epoch(
    store: RunStore, vae: VaeConfig, digits_folder: Path, wait_until: Callable[..., Any]
) -> None:
    run = store.create(vae.replace(dataset=str(digits_folder), epochs=10_000, keep_per_decade=1))
    ended: list[str] = []
    thread = threading.Thread(target=lambda: ended.append(recorded(store, run)), daemon=True)
    thread.start()
    wait_until(lambda: store.queries.get(run.id).epoch > 1)
    store.command(run.id, "stop")
    thread.join(60)
    assert ended == ["stopped"]
    now = store.queries.get(run.id)
    assert now.epoch > 1 and read(store.queries.folder(run.id).state).epoch == now.epoch


def test_what_a_message_holds_is_recorded_to_its_end_when_the_run_is_stopped_meanwhile(
    store: RunStore, vae: VaeConfig
) -> None:
    run = store.create(vae)
    store.claim(run.id, "ray")

    def epoch(number: int) -> Epoch:
        return Epoch(number, number, 1.0, 1.0, {"reconstruction": 1.0, "kl": 1.0}, {}, {})

    steps = [Step(number, number, {"reconstruction": 1.0, "kl": 1.0}) for number in (1, 2)]
    messages: Iterator[list[Any]] = iter(
        [[Here.of("id")], [started(vae)], [steps[0], epoch(1), steps[1], epoch(2)], [Checkpoint(2, 2, b"newest", None)]]
    )

    class Scripted(Thread):
        def next(self, timeout: float) -> Any:
            message: list[Any] = next(messages)
            if steps[0] in message:
                store.command(run.id, "stop")  # seen at the first event of this message, as time flies
            return message

    line, seconds = FarLine(Scripted(lambda controls: iter(())), {}), count(1.0)
    assert drain(line.events(), store, run.id, clock=lambda: next(seconds), line=line) == "stopped"
    now = store.queries.get(run.id)
    assert (now.epoch, now.step) == (2, 2) and store.queries.folder(run.id).state.read_bytes() == b"newest"
    assert store.queries.steps(run.id)["step"] == [1, 2]


def test_a_run_that_starts_paused_waits_before_its_first_step_and_steps_by_hand(
    store: RunStore, gan: GanConfig, digits_folder: Path, wait_until: Callable[..., Any]
) -> None:
    run = store.create(gan.replace(dataset=str(digits_folder)), paused=True)
    thread = threading.Thread(target=recorded, args=(store, run), daemon=True)
    thread.start()
    wait_until(lambda: store.queries.get(run.id).state == "paused" and store.moments.newest(run.id))
    assert store.queries.get(run.id).step == 0 and there(store.moments.newest(run.id))["step"] == 1
    store.step(run.id, phases=1)
    wait_until(lambda: there(store.moments.newest(run.id))["acts"] == "discriminator")
    store.step(run.id, phases=1)
    wait_until(lambda: there(store.moments.newest(run.id))["acts"] == "generator")
    store.command(run.id, "go on")
    thread.join(60)
    assert store.queries.get(run.id).epoch == 3


def started(config: Any) -> Started:
    return Started(config.kind, config.to_dict(), 0, 0, 18, 300, "cpu", 1, "float32", {}, 0.0)


def test_no_step_comes_after_a_run_reads_paused(store: RunStore, vae: VaeConfig) -> None:
    """What was on its way when it was asked to pause is recorded first."""
    run = store.create(vae)
    store.claim(run.id, "ray")
    seen = []

    def messages(controls: Controls) -> Iterator[Any]:
        yield [Here.of("id")]
        yield [started(vae)]
        controls.wait_for(1)
        while not controls.newest.active:
            time.sleep(0.01)
        yield [Step(1, 1, {"reconstruction": 1.0, "kl": 1.0})]  # on its way
        seen.append(store.queries.get(run.id).state)
        yield [Moment(1, 2, "", "vae", 0, 0, {}, {}, {})]
        controls.wait_for(2)

    store.command(run.id, "pause")
    threading.Timer(1.0, lambda: seen.append(store.queries.get(run.id).state)).start()
    threading.Timer(1.2, lambda: store.command(run.id, "stop")).start()
    assert recorded(store, run, Thread(messages)) == "stopped"
    assert seen == ["running", "paused"]


def test_a_silent_node_is_told_and_one_that_has_gone_is_lost(vae: VaeConfig) -> None:
    clock, words = iter(range(0, 10_000, 2)), []

    def messages(controls: Controls) -> Iterator[Any]:
        yield [Here.of("id")]
        yield [started(vae)]
        while not controls.newest.ends:
            time.sleep(0.01)

    stream = Thread(messages)
    line = FarLine(stream, {}, clock=lambda: float(next(clock)))

    def listen() -> None:
        for event in line.events():
            if isinstance(event, Waiting):
                words.append(event.words)
                if "60 s" in event.words:
                    stream.lost = "beta has gone"

    with pytest.raises(TrainingLost, match="beta has gone"):
        listen()
    assert "No word from beta for 30 s" in words and stream.is_cancelled
    assert not any("for 20 s" in each for each in words)


def test_a_training_that_ends_early_is_lost_and_what_it_failed_with_is_raised() -> None:
    lost = FarLine(Thread(lambda controls: iter([[Here.of("id")]])), {})
    with pytest.raises(TrainingLost, match="its process ended before the run did"):
        list(lost.events())
    failed = FarLine(Thread(lambda controls: iter([[Here.of("id")], [Failed("No such folder.")]])), {})
    with pytest.raises(Exception, match="No such folder"):
        list(failed.events())


def test_a_state_is_sent_every_ten_seconds_besides_those_that_are_kept() -> None:
    now = [0.0]
    kept_back = _KeptBack(100, lambda: now[0])
    sent = []
    for epoch in range(1, 101):
        now[0] += 0.5
        weights = b"w" if epoch in (1, 50) else None
        sent += kept_back.without(Checkpoint(epoch, epoch, b"s", weights))
    assert [event.epoch for event in sent] == [1, 21, 41, 50, 70, 90, 100]
    assert kept_back.rest() == [] and kept_back.without(Finished(1, 1, 1.0)) != []


def test_a_run_of_quick_epochs_sends_a_state_in_ten_seconds_at_most_besides_those_of_kept_epochs(
    store: RunStore, vae: VaeConfig, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted where they arrive, with epochs of half a second on the far side's clock."""
    epochs, seconds = 60, 0.5
    config = vae.replace(dataset=str(digits_folder), epochs=epochs, keep_per_decade=1, latent_size=3)  # no plane to map
    run = store.create(config)
    run = there(store.claim(run.id, "ray"))
    pictures = read_pictures(run.config["dataset"])
    job, done = job_of(store, run, pictures), [0]
    events_of = source.events_of

    def timed(*arguments: Any) -> Iterator[Any]:
        for event in events_of(*arguments):
            done[0] += isinstance(event, Epoch)
            yield event

    monkeypatch.setattr(source, "events_of", timed)
    stream = Thread(lambda controls: far_training(job, pictures, controls, "id", lambda: done[0] * seconds))
    arrived: list[Any] = []
    take = stream.next

    def counted(timeout: float) -> Any:
        message = take(timeout)
        arrived.extend(message or ())
        return message

    monkeypatch.setattr(stream, "next", counted)
    assert recorded(store, run, stream) == "finished"
    states = [event for event in arrived if isinstance(event, Checkpoint)]
    only_states = [event for event in states if event.weights is None]
    kept = store.queries.folder(run.id).kept()
    assert [event.epoch for event in states if event.weights is not None] == kept and len(kept) < 10
    assert 1 <= len(only_states) <= epochs * seconds / 10
    assert all(b.epoch - a.epoch >= 10 / seconds for a, b in pairwise(only_states))
    assert sum(isinstance(event, Epoch) for event in arrived) == epochs  # nothing else stays there
    sent = sum(len(event.state) + len(event.weights or b"") for event in states)
    assert sent < 0.2 * epochs * len(states[0].state)


def test_a_killed_dispatchers_runs_go_back_to_the_queue_and_others_do_not(store: RunStore, vae: VaeConfig) -> None:
    mine, locals_, ended = (store.create(vae) for _ in range(3))
    store.claim(mine.id, "ray")
    store.claim(locals_.id)
    store.claim(ended.id, "ray")
    store.set_state(ended.id, "stopped")
    assert take_over(store) == 1
    assert [store.queries.get(run.id).state for run in (mine, locals_, ended)] == ["queued", "starting", "stopped"]


class Cluster:
    """Two places; each training is lost at once."""

    def __init__(self) -> None:
        self.started = 0

    def nodes(self) -> list[Node]:
        return [Node("beta", 2)]

    def free(self, held: int) -> int:
        return 2 - held

    def data(self, key: str, pictures: Any) -> Any:
        return None

    def start(self, job: Any, data: Any, kind: str) -> Thread:
        self.started += 1
        return Thread(lambda controls: self.lost())

    def lost(self) -> Iterator[Any]:
        yield [Here.of("id")]
        yield TrainingLost("beta was out of memory")


def test_a_run_that_is_lost_again_and_again_fails_with_a_sentence(
    store: RunStore, vae: VaeConfig, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.runs.executors.dispatcher.IDLE", 0.5)
    run = store.create(vae.replace(dataset=str(digits_folder)))
    cluster = Cluster()
    Dispatcher(store, cluster).work()  # type: ignore[arg-type]
    now = store.queries.get(run.id)
    assert now.state == "failed" and cluster.started == 3
    assert now.reason.startswith("Its training was lost 3 times after epoch 0; the last time, beta was out of memory.")


def test_runs_wait_when_the_whole_cluster_is_lost_however_often(
    store: RunStore, vae: VaeConfig, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENCMP_EXECUTOR", "ray")
    run = store.create(vae.replace(dataset=str(digits_folder)))

    class Gone(Cluster):
        def lost(self) -> Iterator[Any]:
            yield [Here.of("id")]
            yield ClusterGone("The cluster does not answer any more.")

        def free(self, held: int) -> int:
            if self.started == 5 and not held:
                raise ClusterGone("The cluster does not answer any more.")
            return super().free(held)

    cluster = Gone()
    with pytest.raises(ClusterGone):
        Dispatcher(store, cluster).work()  # type: ignore[arg-type]
    now = store.queries.get(run.id)
    assert (cluster.started, now.state, now.words, now.reason) == (5, "queued", "Waiting for the cluster", "")
    assert cluster_words(store) == "The cluster does not answer any more. 1 run waits."


def test_other_versions_end_a_run_with_a_sentence(store: RunStore) -> None:
    line = FarLine(Thread(lambda controls: iter([[Here.of("id")]])), {"torch": "0.1"})
    with pytest.raises(ClusterError, match=r"The node beta has torch .* \(here 0\.1\)"):
        list(line.events())
    assert wire.SILENCE == 30.0
