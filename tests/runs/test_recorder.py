import io
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from conftest import Clock
from there import there

from gencmp.data.digits import Digits
from gencmp.errors import RunTakenOver
from gencmp.events import GRADIENT_NORMS, MEASURES, Checkpoint, Epoch, Finished, Moment, Preview, Started, Step
from gencmp.models.snapshot import read, unpack
from gencmp.runs import folder
from gencmp.runs.recorder import FLUSH_EVERY, LOOK_EVERY, drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.loop import train

PICTURES = {"samples": np.arange(784, dtype=np.uint8).reshape(1, 28, 28)}


@pytest.fixture
def run(store: RunStore, vae: VaeConfig) -> str:
    return there(store.claim(store.create(vae).id)).id


def started(epoch: int = 0, step: int = 0) -> Any:
    return Started("vae", {"epochs": 3}, epoch, step, 60, 300, "cpu", 1, "float32", {}, 44.0)


def step(number: Any) -> Any:
    return Step(number, 1, {"reconstruction": 200.0, "kl": 1.0, "gradient": 2.0})


def epoch(number: Any) -> Any:
    return Epoch(number, 10 * number, 2.0, 150.0, {"kl": 1.0}, {"kl": 1.0}, {"negative_elbo": 170.0}, PICTURES)


def moment(number: Any) -> Any:
    return Moment(1, number, "", "vae", 0, 0, {}, {}, {})


class Script:
    """Events with what happens between them: a number passes seconds, a function is called. Knows whether it was closed."""

    def __init__(self, clock: Any, *lines: Any) -> None:
        self.clock, self.lines, self.closed = clock, lines, False

    def __iter__(self) -> Iterator[Any]:
        try:
            for line in self.lines:
                if isinstance(line, (int, float)):
                    self.clock.now += line
                elif callable(line):
                    line()
                else:
                    yield line
        finally:
            self.closed = True


def drained(script: Any, store: Any, run: Any, sleep: Any = None) -> Any:
    script.events = iter(script)  # held here, so that it is not closed for want of a holder
    return drain(script.events, store, run, clock=script.clock, sleep=sleep or script.clock.sleep)


# Events -> store


def test_a_recorded_run_is_what_was_told(
    store: RunStore, trained: Callable[..., Run], digits: Digits, config: GanConfig | VaeConfig
) -> None:
    run = trained(config)
    events = list(train(config, digits))
    told = [event for event in events if isinstance(event, Step)]
    names = (*MEASURES[config.kind], *GRADIENT_NORMS[config.kind])
    assert store.queries.steps(run.id) == {"step": [s.step for s in told], "epoch": [s.epoch for s in told]} | {
        name: [s.measures[name] for s in told] for name in names
    }
    epochs = [event for event in events if isinstance(event, Epoch)]
    assert [(row.epoch, row.measures, row.last, row.test) for row in store.queries.epochs(run.id)] == [
        (e.epoch, e.measures, e.last, e.test) for e in epochs
    ]
    assert (run.state, run.epoch, run.step) == ("finished", 3, 18)


def test_the_files_of_a_recorded_run(
    store: RunStore, trained: Callable[..., Run], digits: Digits, config: GanConfig | VaeConfig
) -> None:
    folder = store.queries.folder(trained(config).id)
    events = list(train(config, digits))
    last_epoch, last_state = (
        [e for e in events if isinstance(e, Epoch)][-1],
        [e for e in events if isinstance(e, Checkpoint)][-1],
    )
    assert folder.kept() == folder.pictured() == [1, 2, 3]
    assert all(np.array_equal(array, last_epoch.arrays[name]) for name, array in folder.read_arrays(3).items())
    kept, wanted = read(folder.state), unpack(last_state.state)
    assert kept.epoch == 3 and all(kept.tensors[name].equal(wanted.tensors[name]) for name in wanted.tensors)


def test_steps_are_committed_together_a_few_times_a_second(store: RunStore, run: str, clock: Clock) -> None:
    seen = []
    look = lambda: seen.append(len(store.queries.steps(run)["step"]))  # noqa: E731
    drained(
        Script(
            clock, started(), step(1), step(2), look, FLUSH_EVERY, step(3), look, step(4), look, Finished(1, 4, 1.0)
        ),
        store,
        run,
    )
    assert seen == [0, 3, 3]
    assert store.queries.steps(run)["step"] == [1, 2, 3, 4]


def test_an_epoch_is_there_at_once_with_all_its_steps(store: RunStore, run: str, clock: Clock) -> None:
    seen = []

    def look() -> None:
        there = store.queries
        seen.append((there.get(run).epoch, len(there.steps(run)["step"]), there.folder(run).pictured()))

    drained(
        Script(clock, started(), step(1), epoch(1), look, Checkpoint(1, 10, b"s", None), Finished(1, 10, 2.0)),
        store,
        run,
    )
    assert seen == [(1, 1, [1])]
    assert (store.queries.folder(run).state.read_bytes(), store.queries.folder(run).kept()) == (b"s", [])


def test_weights_are_on_disk_before_the_state_says_so(
    store: RunStore, run: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = []
    monkeypatch.setattr("gencmp.runs.recorder.write_whole", lambda path, content: order.append((path.stem, content)))
    drained(Script(clock, started(), Checkpoint(2, 20, b"all", b"weights")), store, run)
    assert order == [("00002", b"weights"), ("state", b"all")]


def test_the_newest_preview_can_be_seen(store: RunStore, run: str, clock: Clock) -> None:
    drained(Script(clock, started(), Preview(1, 1), Preview(1, 2, PICTURES), FLUSH_EVERY, step(3)), store, run)
    at, content = there(store.queries.preview(run))
    assert at == 2
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        assert np.array_equal(arrays["samples"], PICTURES["samples"])


def test_what_the_untrained_model_draws_is_seen_before_its_first_step(store: RunStore, run: str, clock: Clock) -> None:
    seen = []
    script = (started(), Preview(0, 0, PICTURES), lambda: seen.append(store.queries.preview_step(run)), step(1))
    drained(Script(clock, *script), store, run)
    assert seen == [0]


def test_the_speed_is_of_the_images_since_the_last_flush(store: RunStore, run: str, clock: Clock) -> None:
    drained(Script(clock, started(), step(1), 0.5, step(10)), store, run)
    # 10 of 60 steps of 3 x 300 images in half a second
    assert store.queries.get(run).images_per_second == pytest.approx(300)


def test_the_speed_after_a_resume_leaves_out_what_was_before(store: RunStore, run: str, clock: Clock) -> None:
    drained(Script(clock, started(step=50), 0.5, step(60)), store, run)
    assert store.queries.get(run).images_per_second == pytest.approx(300)


# Commands -> the run


def test_stop_takes_effect_at_the_next_flush(store: RunStore, run: str, clock: Clock) -> None:
    script = Script(
        clock,
        started(),
        step(1),
        lambda: store.command(run, "stop"),
        step(2),
        FLUSH_EVERY,
        step(3),
        step(4),
        Finished(1, 4, 1.0),
    )
    assert drained(script, store, run) == "stopped"
    assert store.queries.steps(run)["step"] == [1, 2, 3]
    assert script.closed


def test_stop_is_obeyed_also_when_every_epoch_is_shorter_than_a_flush(store: RunStore, run: str, clock: Clock) -> None:
    stop = lambda: store.command(run, "stop")  # noqa: E731
    epochs = [line for n in range(1, 9) for line in (0.1, step(n), epoch(n), Checkpoint(n, n, b"s", None))]
    assert drained(Script(clock, started(), stop, *epochs, Finished(8, 8, 1.0)), store, run) == "stopped"
    assert store.queries.get(run).epoch == 2  # the third look is a quarter of a second in, before its end


def test_without_commands_a_run_finishes(store: RunStore, run: str, clock: Clock) -> None:
    script = Script(clock, started(), 1, step(1), 1, step(2), Finished(1, 2, 1.0))
    assert drained(script, store, run) == "finished"
    assert script.closed


def test_a_stop_between_an_epoch_and_its_checkpoint_waits_for_the_checkpoint(
    store: RunStore, run: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder.RunFolder, "write_arrays", lambda *_: clock.sleep(1))  # a slow disk
    stop = lambda: store.command(run, "stop")  # noqa: E731
    script = Script(clock, started(), step(10), stop, epoch(1), Checkpoint(1, 10, b"s", b"w"), step(11))
    assert drained(script, store, run) == "stopped"
    assert (store.queries.get(run).epoch, store.queries.folder(run).kept()) == (1, [1])
    assert store.queries.folder(run).state.read_bytes() == b"s"


def test_pause_waits_with_a_beating_heart_and_goes_on(store: RunStore, run: str, clock: Clock) -> None:
    naps = []

    def sleep(seconds: Any) -> None:
        assert (seconds, store.queries.get(run).state) == (LOOK_EVERY, "paused")
        naps.append(seconds)
        clock.now += 10  # a long pause, as the store's clock sees it
        if len(naps) == 5:
            store.command(run, "go on")

    script = Script(
        Clock(), started(), lambda: store.command(run, "pause"), 1, step(1), moment(2), step(2), Finished(1, 2, 1.0)
    )
    assert drained(script, store, run, sleep) == "finished"
    assert len(naps) == 5 and store.queries.get(run).state == "running"
    assert store.queries.steps(run)["step"] == [1, 2]


@pytest.mark.parametrize(
    ("at_once", "later", "end"),
    [
        (["pause"], ["stop"], "stopped"), (["pause"], ["stop", "pause"], "stopped"), (["pause"], ["pause", "go on"], "finished"),
        (["pause"], ["go on", "stop"], "stopped"), (["pause", "stop"], [], "stopped"), (["stop", "pause"], [], "stopped"),
        (["pause", "go on"], [], "finished"), (["pause", "go on", "pause"], ["stop"], "stopped"), (["go on"], [], "finished"),
        (["go on", "pause"], ["go on"], "finished"),
    ],
)  # fmt: skip
def test_commands_of_several_people_at_once(
    store: RunStore, run: str, clock: Clock, at_once: Any, later: Any, end: str
) -> None:
    """at_once: found at one look. later: sent while the run is paused, which it must be just when there are any."""
    waiting = list(later)

    def sleep(_: Any) -> None:
        assert waiting, "paused, and nobody will say go on"
        while waiting:
            store.command(run, waiting.pop(0))

    script = Script(
        clock,
        started(),
        *(lambda verb=verb: store.command(run, verb) for verb in at_once),
        1,
        step(1),
        moment(2),
        Finished(1, 1, 1.0),
    )
    assert drained(script, store, run, sleep) == end
    assert waiting == []


# What goes wrong


def test_an_error_of_the_training_passes_on_and_what_came_before_is_kept(
    store: RunStore, run: str, clock: Clock
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        drained(Script(clock, started(), step(1), epoch(1), fail), store, run)
    assert [row.epoch for row in store.queries.epochs(run)] == [1]


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_full_disk_leaves_no_half_written_file(
    store: RunStore, run: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    fill = lambda: monkeypatch.setattr(os, broken, full)  # noqa: E731
    script = Script(
        clock, started(), epoch(1), Checkpoint(1, 10, b"old", b"w"), fill, epoch(2), Checkpoint(2, 20, b"new", b"w")
    )
    with pytest.raises(OSError, match="No space left"):
        drained(script, store, run)
    assert sorted(p.name for p in store.queries.folder(run).path.rglob("*") if p.is_file()) == [
        "00001.npz",
        "00001.safetensors",
        "state.safetensors",
    ]
    assert (store.queries.get(run).epoch, store.queries.folder(run).state.read_bytes()) == (1, b"old")


def test_a_worker_that_slept_leaves_a_run_alone_that_was_resumed_since(store: RunStore, run: str, clock: Clock) -> None:
    def resumed_elsewhere() -> None:
        clock.now += 100  # the machine slept; nobody beat
        store.requeue(run)
        store.claim(run)

    script = Script(clock, started(), step(1), 1, step(2), resumed_elsewhere, step(3), 1, step(4))
    with pytest.raises(RunTakenOver, match="Another worker"):
        drained(script, store, run)
    assert store.queries.steps(run)["step"] == [1, 2]
    assert script.closed
