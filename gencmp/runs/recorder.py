"""drain(): records the events of a training in the store and in files, and passes commands to it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from math import inf
from typing import Any, Protocol, cast

import numpy as np

from gencmp.database import is_full
from gencmp.errors import RunTakenOver
from gencmp.events import Changed, Checkpoint, Checkup, Epoch, Event, Finished, Moment, Preview, Started, Step, Waiting
from gencmp.files import write_whole
from gencmp.runs.by_hand.pace import Pace
from gencmp.runs.disk import DiskFull, disk_use, refuse_full
from gencmp.runs.run import move_of
from gencmp.runs.store import CHANGE, RunStore, config_of
from gencmp.schema import check, parse_json
from gencmp.training.by_hand import ByHand
from gencmp.training.schedule import OPTIMISERS, pictured_epochs

Asked = Callable[[Mapping[str, Any]], None]

FLUSH_EVERY = 0.25  # seconds: often enough for pages that ask three times a second; a commit costs 0.2 ms
RESERVE = 256_000  # bytes; recording the end of a run takes a few pages of the store's log
LOOK_EVERY = 0.1  # seconds between checks for commands while a run is paused or in slow motion
MOMENT_EVERY = 0.05  # seconds: more often than a page can show


class Line(Protocol):
    """To a training on another computer, whose events are some tenths of a second on their way."""

    def check(self) -> None:
        """Raise TrainingLost if it is no longer there. Called while a run is held, when no event is waited for."""

    def rest(self) -> Iterator[Event | Waiting]:
        """End it, and give what it has computed until now, with its newest state."""


def drain(
    events: Iterator[Event | Waiting],
    store: RunStore,
    run_id: str,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    ask: Asked = lambda changes: None,
    by_hand: ByHand | None = None,
    is_ending: Callable[[], bool] = lambda: False,
    line: Line | None = None,
) -> str:
    """Record a run to its end; returns its final state, "finished" or "stopped".

    Commands are checked at every flush, so a stop takes effect within one flush and one optimisation step. Changes of
    settings are passed to `ask`: Levers.ask of the training whose events these are. by_hand: the same training's; a paused
    run is held at its next Moment. is_ending: whether this process was told to end, which stops the run like a command.
    line: to the training, where it runs on another computer.
    Raises RunTakenOver when another worker has resumed the run, DiskFull when there is no room for it; with a line also
    TrainingLost.
    """
    with closing(cast("Generator[Event | Waiting]", events)), _report_full_disk(store, run_id):
        recorder = _Recorder(store, run_id, clock, ask, Pace(by_hand or ByHand()), is_ending, line)
        for event in events:
            recorder.take(event)
            # an epoch's checkpoint follows at once: a stop before it would lose the epoch
            if isinstance(event, Started) or (recorder.is_due() and not isinstance(event, Epoch)):
                recorder.look()
            if isinstance(event, Moment):
                _hold(recorder, sleep)
            if recorder.pace.is_stopped:
                for last in line.rest() if line else ():
                    recorder.take(last)
                recorder.flush()
                return "stopped"
        recorder.flush()
    return "finished"


@contextmanager
def _report_full_disk(store: RunStore, run_id: str) -> Iterator[None]:
    """Raise DiskFull when the disk is full. Files are written completely or not at all, so earlier ones are intact.

    A reserve file keeps the room that recording the failure in the store needs; it is deleted first.
    """
    reserve = store.queries.folder(run_id).path / "reserve"
    try:
        reserve.parent.mkdir(parents=True, exist_ok=True)
        reserve.write_bytes(bytes(RESERVE))
        yield
    except Exception as error:
        if not is_full(error):
            raise
        raise DiskFull(
            f"The disk of {store.home} is full. Make room, then resume the run: everything up to its last complete epoch is saved."
        ) from error
    finally:
        reserve.unlink(missing_ok=True)
        with suppress(OSError):
            reserve.parent.rmdir()  # if the run has saved nothing


def _hold(recorder: _Recorder, sleep: Callable[[float], None]) -> None:
    """Return when the run may go on from its Moment: when someone asks for it, or in slow motion after a while."""
    if recorder.pace.is_held:
        recorder.look()  # so that the Moment is seen at once
    while rest := recorder.pace.rest(recorder.clock()):
        sleep(min(rest, LOOK_EVERY))
        if rest > LOOK_EVERY or recorder.is_due():
            recorder.look()
            if recorder.line:
                recorder.line.check()


class _Recorder:
    """Buffers steps and previews for a quarter of a second, and the newest Moment for less; writes epochs and checkpoints
    immediately."""

    def __init__(
        self,
        store: RunStore,
        run_id: str,
        clock: Callable[[], float],
        ask: Asked,
        pace: Pace,
        is_ending: Callable[[], bool],
        line: Line | None,
    ):
        self.store = store
        self.line = line
        self.is_coming_to_rest = False  # on another computer: asked to pause, but steps are still on their way
        self.words = ""
        self.is_ending = is_ending
        self.run_id = run_id
        run = store.queries.get(run_id)
        self.queued = run.queued  # changes when the run is resumed
        self.config = config_of(run)
        self.pictured = pictured_epochs(self.config.epochs, self.config.keep_per_decade)
        self.clock = clock
        self.ask = ask
        self.pace = pace
        self.folder = store.queries.folder(run_id)
        self.steps: list[Step] = []
        self.preview: Preview | None = None
        self.moment: Moment | None = None
        self.images_a_step = 0.0
        self.last_step = 0
        self.shown = -inf  # when a Moment was committed
        self.restart_clock()

    def restart_clock(self) -> None:
        self.flushed = self.looked = self.clock()

    def look(self) -> None:
        """Flush, and carry out the commands since the last look; changes of settings are passed on to the training."""
        self.flush()
        before = self.pace.state, self.pace.rate
        for command in self.store.take_commands(self.run_id):
            self.obey(command)
        self.pace.is_stopped |= self.is_ending()
        if (self.pace.state, self.pace.rate) != before:
            self.is_coming_to_rest = self.line is not None and self.pace.state == "paused"
            if not self.is_coming_to_rest:
                self.store.set_pace(self.run_id, self.pace.state, self.pace.rate)
        self.restart_clock()

    def obey(self, command: str) -> None:
        """Whoever sent a damaged command sees that nothing happens; the run goes on."""
        with suppress(ValueError):
            if command.startswith(CHANGE):
                changes = parse_json(command.removeprefix(CHANGE))
                check(Mapping[str, Any], changes)
                self.ask(changes)
            else:
                self.pace.obey(command)

    def is_due(self) -> bool:
        # not since the last flush: epochs flush, too, and with short epochs commands would never be checked
        return self.clock() - self.looked >= (LOOK_EVERY if self.pace.by_hand.active else FLUSH_EVERY)

    def take(self, event: Event | Waiting) -> None:
        if self.line:
            self.say(event.words if isinstance(event, Waiting) else "")
        match event:
            case Started():
                self.refuse_taken()
                refuse_full([disk_use(self.config, event.images)], self.store.home, self.folder.size())
                self.note_move(event)
                self.images_a_step = event.images * event.config["epochs"] / event.steps
                self.last_step = event.step
                self.store.begin(self.run_id, event)
            case Step():
                self.steps.append(event)
            case Changed():
                self.flush()
                self.store.add_change(self.run_id, event)
            case Moment() if self.pace.by_hand.active:
                if self.is_coming_to_rest:
                    self.flush()
                    self.store.set_pace(self.run_id, self.pace.state, self.pace.rate)
                    self.is_coming_to_rest = False
                self.pace.reach(event, self.clock())
                self.moment = event
                if self.clock() - self.shown >= MOMENT_EVERY:
                    self.flush()
            case Preview():
                self.preview = event
                if event.step == self.last_step:  # what the untrained model draws is shown before its first step
                    self.flush()
            case Epoch():
                self.flush()
                self._take_epoch(event)
            case Checkpoint():
                if event.optimiser is not None:  # before the weights, whose file says that the epoch is kept
                    write_whole(self.folder.optimiser(event.epoch), event.optimiser)
                    self.folder.keep_optimisers(OPTIMISERS)
                if event.weights is not None:
                    write_whole(self.folder.weights(event.epoch), event.weights)
                write_whole(self.folder.state, event.state)
            case Checkup():
                self.store.add_checkup(self.run_id, event)
            case Finished():
                self.flush()

    def _take_epoch(self, event: Epoch) -> None:
        """Save the newest epoch's pictures. The previous ones are kept only by the schedule, so that a long run's folder stays small."""
        self.folder.write_arrays(event.epoch, _shown(event.arrays))
        try:
            self.store.add_epoch(self.run_id, event)
        except BaseException:
            self.folder.arrays(event.epoch).unlink(missing_ok=True)
            raise
        if event.epoch - 1 not in self.pictured:
            with suppress(PermissionError):  # on Windows, while another process reads it
                self.folder.arrays(event.epoch - 1).unlink(missing_ok=True)

    def note_move(self, event: Started) -> None:
        """Record that the run goes on with another processor than the one of its last part."""
        run = self.store.queries.get(self.run_id)
        if event.epoch > int(run.origin.get("epoch", 0)) and (move := move_of(run, event.machine, event.epoch)):
            self.store.set_place(self.run_id, moves=[*run.place.get("moves", ()), move])

    def say(self, words: str) -> None:
        if words != self.words:
            self.store.beat(self.run_id, words)
            self.words = words

    def refuse_taken(self) -> None:
        """Raise RunTakenOver if the run is no longer this worker's, StoreError if its store is gone."""
        self.store.database.refuse_gone()
        run = self.store.queries.get(self.run_id)
        if run.queued != self.queued:
            raise RunTakenOver(f"Another worker has resumed run {self.run_id}; this one leaves it.")
        if run.state == "stopped":
            raise RunTakenOver(f"Run {self.run_id} was stopped while this worker did not answer; it leaves the run.")

    def flush(self) -> None:
        """Commit the buffer, with the speed since the last flush; a run that is watched by hand has no speed."""
        self.refuse_taken()
        now = self.clock()
        speed = 0.0
        if self.steps and now > self.flushed:
            if not self.pace.by_hand.active:
                speed = (self.steps[-1].step - self.last_step) * self.images_a_step / (now - self.flushed)
            self.last_step = self.steps[-1].step
        preview = (self.preview.step, _packed(self.preview)) if self.preview else None
        self.store.add(self.run_id, self.steps, preview, speed)
        self.steps, self.preview, self.flushed = [], None, now
        if self.moment:
            self.store.moments.keep(self.run_id, self.moment, self.pace.rate)
            self.moment, self.shown = None, now


def _packed(preview: Preview) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **_shown(preview.arrays))  # type: ignore[arg-type]
    return buffer.getvalue()


def _shown(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays with the first two latent dimensions only: the plane shows two, and a thousand would take 20 MB per epoch."""
    return {name: array[:, :2] if name == "means" else array for name, array in arrays.items()}
