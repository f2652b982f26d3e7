"""A run: its settings, state and progress, as saved by the store and read by the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gencmp.data.classes import KNOWN, TEN_DIGITS
from gencmp.schema import Misfit, check
from gencmp.settings.configs import CONFIGS
from gencmp.settings.setting import settings_of
from gencmp.settings.stored import StoredValue, stored_settings
from gencmp.training.divergence import DIVERGED

LIVE = ("starting", "running", "paused")
STATES = ("queued", *LIVE, "finished", "stopped", "failed", "lost")
# What people read for each state, on every page and in the command line's sentences
STATE_WORDS = {state: state for state in STATES} | {"queued": "waiting", "running": "training"}
TIMES, YEAR_9999 = ("created", "queued", "started", "ended", "heartbeat"), 253_370_764_800.0  # seconds since 1970
LOST_AFTER = 12.0  # seconds without a heartbeat; a worker sends one every second


@dataclass(frozen=True)
class Run:
    """One row of the store. state: "lost" for a live run without a recent heartbeat. Times are seconds since 1970."""

    id: str
    name: str
    kind: str
    preset: str
    config: Mapping[str, Any]
    state: str
    reason: str = ""  # why it failed
    words: str = ""  # what it is doing while it starts: "Downloading ..."
    created: float = 0.0
    queued: float = 0.0
    started: float | None = None
    ended: float | None = None
    heartbeat: float | None = None
    epoch: int = 0  # last finished one
    step: int = 0
    steps: int = 0
    images: int = 0
    seconds: float = 0.0  # of training, without pauses and drawing pictures
    images_per_second: float = 0.0  # over the last epoch; during the first epoch, since the last flush
    device: str = ""
    threads: int = 0  # set when the run first starts, and kept on resume
    precision: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    entropy_floor: float = 0.0
    test: Mapping[str, float] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)  # this and the next two: see events.Started
    data: Mapping[str, str] = field(default_factory=dict)
    classes: Sequence[str] = ()
    origin: Mapping[str, Any] = field(
        default_factory=dict
    )  # of a fork: see forks/fork.py; "repeats": see repeat_origin; "preset": see based_on
    extended: Sequence[tuple[int, int, int]] = ()  # (after this epoch, total epochs before, total epochs since)
    place: Mapping[str, Any] = field(default_factory=dict)  # where it trains: see Place

    @property
    def epochs(self) -> int:
        return int(self.config["epochs"])

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or live."""
        return self.state in LIVE or self.state == "queued"

    @property
    def based_on(self) -> str:
        """The preset that its settings started from; "" if that is not recorded."""
        return self.preset if self.preset != "own" else str(self.origin.get("preset", ""))

    @property
    def state_word(self) -> str:
        return STATE_WORDS[self.state]

    @property
    def epoch_now(self) -> int:
        """The epoch that is being trained; of a run that is not training, the last finished one."""
        return min(self.epochs, self.epoch + 1) if self.state in ("running", "paused") else self.epoch

    @property
    def has_diverged(self) -> bool:
        """It failed by diverging, and would again with the same settings."""
        return self.state == "failed" and DIVERGED in self.reason

    @property
    def seconds_left(self) -> float | None:
        """Estimated from the current speed; None before there is one."""
        if not (self.images_per_second and self.steps):
            return None
        return (self.steps - self.step) / self.steps * self.images * self.epochs / self.images_per_second

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Run:
        """The run that `to_dict` of this or an earlier version wrote. Raises Misfit."""
        if not isinstance(values, Mapping):
            raise Misfit("there is no run in it")
        return cls.with_settings(values, stored_settings(values.get("kind"), values.get("config")))

    @classmethod
    def with_settings(cls, values: Mapping[str, Any], settings: Mapping[str, Any]) -> Run:
        """The same with settings that have been checked. Raises Misfit."""
        row = {name: value for name, value in values.items() if name in _FIELDS} | {"config": settings}
        check(Run, row)
        if row["state"] not in STATES:
            raise Misfit(f"state is {row['state']!r:.40}, wanted one of {', '.join(STATES)}")
        if times := [name for name in TIMES if not 0 <= (row.get(name) or 0.0) < YEAR_9999]:
            raise Misfit(f"{times[0]} is {row[times[0]]}, wanted seconds since 1970")
        refuse_bad_origin(row.get("origin", {}), row["kind"])
        check(Place, row.get("place", {}), "place")
        return cls(**row)


_FIELDS = {each.name for each in fields(Run)}


@dataclass(frozen=True)
class Place:
    """The entries that a Run's `place` may have. executor: the one that holds it, or held it last. node: of a cluster, by name.
    moves: where it went on with another processor, on which equal settings need not give equal bits."""

    executor: str = ""
    node: str | None = None
    moves: Sequence[Move] = ()


@dataclass(frozen=True)
class Move:
    """epoch: the last one before."""

    epoch: int
    before: str
    after: str


@dataclass(frozen=True)
class _Ancestor:
    run: str
    name: str
    epoch: int


@dataclass(frozen=True)
class _Origin:
    """The entries that a Run's `origin` may have, see forks/fork.py."""

    run: str = ""
    name: str = ""
    epoch: int = 0
    before: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    line: Sequence[_Ancestor] = ()
    optimiser: bool = False
    pictures_changed: bool = False
    threads: int = 0
    machine: Mapping[str, str] = field(default_factory=dict)
    stopped_at: int = 0
    preset: str = ""
    repeats: str = ""
    seed: int = 0


def refuse_bad_origin(origin: Mapping[str, Any], kind: str) -> None:
    """Raise Misfit for an origin that cannot be told in words."""
    if not origin:
        return
    check(_Origin, origin, "origin")
    if lacking := {"name", "epoch", "changes"} - origin.keys() if "run" in origin else set():
        raise Misfit(f"origin.{min(lacking)} is missing")
    changes = origin.get("changes", {})
    check(Mapping[str, StoredValue], {**changes, **origin.get("before", {})}, "origin.changes")
    if unknown := changes.keys() - settings_of(CONFIGS[kind]).keys():
        raise Misfit(f"origin.changes has {min(unknown)!r:.40}, which is no setting")
    if "before" in origin and changes.keys() - origin["before"].keys():
        raise Misfit("origin.before lacks a setting that was changed")


def machine_facts(run: Run) -> dict[str, str]:
    """What bit-exact results depend on besides settings and seed; an empty string where it was not recorded."""
    processor = ", ".join(str(run.machine[name]) for name in ("processor", "features") if run.machine.get(name))
    return {"Processor": processor, "Precision": run.precision, "Threads": str(run.threads or "")}


def place_words(run: Run) -> str:
    """Where it trains, or did last: "on lab-3: AMD EPYC (AVX2), bfloat16"; without a cluster "on this computer: ...". Empty
    before it begins."""
    if not run.machine:
        return ""
    processor = f"{run.machine.get('processor', '')} ({run.machine.get('features', '')})".replace(" ()", "").strip()
    computer = run.device.upper() if run.device and run.device != "cpu" else processor
    facts = ", ".join(filter(None, (computer, run.precision)))
    return f"on {run.place.get('node') or 'this computer'}" + (f": {facts}" if facts else "")


def moved_words(run: Run) -> str:
    """That parts of it were trained on different processors; "" if not."""
    moves = run.place.get("moves", ())
    if not moves:
        return ""
    parts = "; ".join(f"after epoch {m['epoch']} on {m['after']} instead of {m['before']}" for m in moves)
    return (
        f"It went on with another processor ({parts}): the same settings and seed need not give the same weights again."
    )


def move_of(run: Run, machine: Mapping[str, Any], epoch: int) -> dict[str, Any] | None:
    """The Move of a run that goes on after this epoch, with these facts of the processor; None where it is of the same kind."""
    before, after = (
        ", ".join(str(facts[name]) for name in ("processor", "features") if facts.get(name))
        for facts in (run.machine, machine)
    )
    return {"epoch": epoch, "before": before, "after": after} if before and after and before != after else None


def trained_on(run: Run) -> str:
    """Device and precision: "on CPU in bfloat16"; empty where they were not recorded."""
    return f"on {run.device.upper()} in {run.precision}" if run.device and run.precision else ""


def machine_differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """The machine_facts that differ between runs, with a value for each run; runs without a record are ignored."""
    facts = [machine_facts(run) for run in runs]
    values = {name: [each[name] for each in facts] for name in (facts[0] if facts else ())}
    return {name: found for name, found in values.items() if len(set(filter(None, found))) > 1}


def machine_sentence(runs: Sequence[Run]) -> str:
    """ "Trained with different threads (mine: 1, yours: 2): ..."; empty when nothing differs."""
    differ = machine_differences(runs)
    if not differ:
        return ""
    differences = [f"{name.lower()} ({_by_run(runs, values)})" for name, values in differ.items()]
    return f"Trained with different {' and '.join(differences)}: equal settings and seeds need not give equal weights."


def _by_run(runs: Sequence[Run], values: Sequence[str]) -> str:
    return ", ".join(f"{run.name}: {value or 'not recorded'}" for run, value in zip(runs, values, strict=True))


@dataclass(frozen=True)
class Choice:
    """A model in a list to choose from; only what the list shows, as there may be a thousand."""

    id: str
    name: str
    kind: str
    state: str
    epoch: int  # last finished one
    is_shipped: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or live."""
        return self.state in LIVE or self.state == "queued"


@dataclass(frozen=True)
class EpochRow:
    """An Epoch event as saved in the store; its arrays are in the run's folder."""

    epoch: int
    step: int
    seconds: float
    images_per_second: float
    measures: Mapping[str, float]
    last: Mapping[str, float]
    test: Mapping[str, float]


def class_names(run: Run) -> tuple[str, ...]:
    """The class name of each label of a run's data; () for unlabelled data."""
    if run.classes or run.data:  # runs that have recorded their data have recorded the classes, too
        return tuple(run.classes)
    return KNOWN.get(run.config["dataset"], TEN_DIGITS)
