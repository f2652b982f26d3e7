"""One run as everyone sees it: its settings, its state, how far it has come. What the store keeps and the catalog reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gencmp.data.classes import KNOWN, TEN_DIGITS
from gencmp.settings.configs import complete_settings
from gencmp.training.divergence import DIVERGED

LIVE = ("starting", "running", "paused")
STATES = ("queued", *LIVE, "finished", "stopped", "failed", "lost")
LOST_AFTER = 12.0  # seconds without a heartbeat; a worker beats every second


@dataclass(frozen=True)
class Run:
    """One row. `state` is as seen now: a live run without a heartbeat reads "lost". Times are seconds since 1970."""

    id: str
    name: str
    kind: str
    preset: str
    config: Mapping[str, Any]
    state: str
    reason: str = ""  # why it failed, in words
    words: str = ""  # what it is doing while it starts: "Downloading ..."
    created: float = 0.0
    queued: float = 0.0
    started: float | None = None
    ended: float | None = None
    heartbeat: float | None = None
    epoch: int = 0  # last one done
    step: int = 0
    steps: int = 0
    images: int = 0
    seconds: float = 0.0  # of training, pauses and pictures left out
    images_per_second: float = 0.0  # over the last epoch, or the last moment within the first
    device: str = ""
    threads: int = 0  # the thread record: decided when the run first starts, kept on resume
    precision: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    entropy_floor: float = 0.0
    test: Mapping[str, float] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)  # see events.Started, as the next two
    data: Mapping[str, str] = field(default_factory=dict)
    classes: Sequence[str] = ()
    origin: Mapping[str, Any] = field(default_factory=dict)  # "run", "name", "epoch", "changes": see fork.py
    extended: Sequence[tuple[int, int, int]] = ()  # (after this epoch, epochs asked for until then, and from then on)

    @property
    def epochs(self) -> int:
        return int(self.config["epochs"])

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_open(self) -> bool:
        """It may still change by itself."""
        return self.state in LIVE or self.state == "queued"

    @property
    def has_diverged(self) -> bool:
        """With the same settings it would end the same."""
        return self.state == "failed" and DIVERGED in self.reason

    @property
    def began(self) -> str:
        """Where its first weights come from, for a run that began with another's; else empty."""
        if not self.origin.get("epoch"):
            return ""
        return (
            f"Began with the weights of {self.origin['name']} after epoch {self.origin['epoch']} and a fresh optimiser."
        )

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the speed so far; None before there is one."""
        if not (self.images_per_second and self.steps):
            return None
        return (self.steps - self.step) / self.steps * self.images * self.epochs / self.images_per_second

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Run:
        known = {f.name for f in fields(cls)}
        told = {name: value for name, value in values.items() if name in known}
        return cls(**told | {"config": complete_settings(values["kind"], values["config"])})


def machine_facts(run: Run) -> dict[str, str]:
    """What a run's last bits depend on besides settings and seed, in words; empty words where it was not recorded."""
    processor = ", ".join(str(run.machine[name]) for name in ("processor", "features") if run.machine.get(name))
    return {"Processor": processor, "Precision": run.precision, "Threads": str(run.threads or "")}


def machine_differences(runs: Sequence[Run]) -> dict[str, list[str]]:
    """Those of machine_facts that were recorded of two or more of the runs and are not the same: fact -> a value for each run."""
    facts = [machine_facts(run) for run in runs]
    values = {name: [each[name] for each in facts] for name in (facts[0] if facts else ())}
    return {name: found for name, found in values.items() if len(set(filter(None, found))) > 1}


def machine_sentence(runs: Sequence[Run]) -> str:
    """ "Trained with different threads (mine: 1, yours: 2): ..."; empty when nothing differs."""
    differ = machine_differences(runs)
    if not differ:
        return ""
    told = [f"{name.lower()} ({_by_run(runs, values)})" for name, values in differ.items()]
    return f"Trained with different {' and '.join(told)}: equal settings and seeds need not give equal weights."


def _by_run(runs: Sequence[Run], values: Sequence[str]) -> str:
    return ", ".join(f"{run.name}: {value or 'not recorded'}" for run, value in zip(runs, values, strict=True))


@dataclass(frozen=True)
class Choice:
    """As much of a model as a list to choose from shows: there may be a thousand."""

    id: str
    name: str
    kind: str
    state: str
    epoch: int  # last one done
    is_shipped: bool = False

    @property
    def is_open(self) -> bool:
        """It may still change by itself."""
        return self.state in LIVE or self.state == "queued"


@dataclass(frozen=True)
class EpochRow:
    """What the store keeps of an Epoch event; its arrays lie in the run's folder."""

    epoch: int
    step: int
    seconds: float
    images_per_second: float
    measures: Mapping[str, float]
    last: Mapping[str, float]
    test: Mapping[str, float]


def class_names(run: Run) -> tuple[str, ...]:
    """The name of each label of a run's data, by its number; () when nothing of it is labelled."""
    if run.classes or run.data:  # a run that has recorded its data has recorded their classes, too
        return tuple(run.classes)
    return KNOWN.get(run.config["dataset"], TEN_DIGITS)
