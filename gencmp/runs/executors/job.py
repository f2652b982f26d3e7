"""What a node is given to train one run, and what it says besides events. Nothing of it is on the node's disk before.

Imports neither torch nor Ray.
"""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gencmp.data.read import Pictures
from gencmp.errors import ClusterError, GencmpError, TrainingFailed
from gencmp.evaluation.judges.panel import CARD, WEIGHTS, judge_folder
from gencmp.events import Changed
from gencmp.files import read_at_most
from gencmp.models.weights_file import read_content
from gencmp.runs.changed_data import refuse_changed
from gencmp.runs.executors.choice import cpus_of_a_run, gpus_of_a_run
from gencmp.runs.executors.local import recorded_threads
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import SHIPPED_DATA, Config
from gencmp.version import VERSION, installed

PARTS = ("gencmp", "python", "torch", "numpy", "safetensors")


def versions_here() -> dict[str, str]:
    """What must be the same on every node: the bits, and how things are written, depend on it."""
    found = {"gencmp": VERSION, "python": platform.python_version()}
    return {name: found.get(name) or installed(name) or "missing" for name in PARTS}


@dataclass(frozen=True)
class Job:
    """One run's training from its last state to its end.

    resume: its state, if it has one. start: for a fork that has none, the weights and perhaps the optimiser of its first epoch.
    changes: of settings, while it trained before. threads: 0 where neither its settings nor its record say.
    judge: the files of the judge of its data; none where gencmp ships it.
    """

    run: str
    config: Config
    resume: bytes | None = field(repr=False)
    start: tuple[bytes, bytes | None] | None = field(repr=False)
    changes: Sequence[Changed]
    threads: int
    cpus: int
    gpus: float
    judge: Mapping[str, bytes] = field(repr=False)
    wanted: Mapping[str, str] = field(default_factory=versions_here)


def job_of(store: RunStore, run: Run, pictures: Pictures) -> Job:
    """Raises GencmpError for pictures that have changed since, and for settings that cannot be read."""
    config, folder = config_of(run), store.queries.folder(run.id)
    resume = read_content(folder.state) if folder.state.exists() else None
    if resume is not None:
        refuse_changed(run, pictures.fingerprint)
    start = None
    if resume is None and (epoch := run.origin.get("epoch")):
        optimiser = read_content(folder.optimiser(epoch)) if run.origin.get("optimiser") else None
        start = read_content(folder.weights(epoch)), optimiser
    return Job(
        run.id, config, resume, start, store.queries.changes(run.id), recorded_threads(run), int(cpus_of_a_run()), gpus_of_a_run(),
        _judge(config.dataset),
    )  # fmt: skip


def _judge(dataset: str) -> dict[str, bytes]:
    folder = judge_folder(dataset)
    if dataset == SHIPPED_DATA or not (folder / CARD).exists():
        return {}
    return {name: read_at_most(folder / name) for name in (CARD, WEIGHTS)}


@dataclass(frozen=True)
class Here:
    """The first that is heard of a training: where it is. node: its id in the cluster."""

    node: str
    host: str
    process: int
    versions: Mapping[str, str]

    @classmethod
    def of(cls, node: str) -> Here:
        return cls(node, socket.gethostname(), os.getpid(), versions_here())

    def refuse_others(self, wanted: Mapping[str, str], name: str) -> None:
        """Raise ClusterError if something on the node is of another version than here."""
        differ = [
            f"{name} {self.versions.get(name, 'missing')} (here {mine})"
            for name, mine in wanted.items()
            if self.versions.get(name) != mine
        ]
        if differ:
            raise ClusterError(
                f"The node {name} has {', '.join(differ)}: with other versions a run would not have the same bits."
                " Install the same there, or take the node out of the cluster; then resume the run."
            )


@dataclass(frozen=True)
class Failed:
    """The last that is heard of a training that cannot go on. retry: the settings are why, see TrainingFailed."""

    words: str
    retry: bool = False

    @classmethod
    def because(cls, error: Exception, words: str) -> Failed:
        return cls(words, isinstance(error, TrainingFailed))

    def raise_it(self) -> Any:
        raise TrainingFailed(self.words) if self.retry else GencmpError(self.words)


@dataclass(frozen=True)
class Control:
    """What has been asked of a training so far, all of it: each one replaces the one before.

    active, unwatched_until: see ByHand. released: how many of the places where it waits for the recorder it may leave.
    asked: changes of settings, in order. ends: it should end now.
    """

    active: bool = False
    unwatched_until: int = 0
    released: int = 0
    asked: tuple[Mapping[str, Any], ...] = ()
    ends: bool = False
