"""The near end of an evaluation on a cluster: what is not measured yet is sent to a node, and what it finds is kept here.

`evaluate` finds everything measured afterwards. torch is imported late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gencmp.data.read import Pictures, read_pictures
from gencmp.errors import ClusterError, TrainingLost
from gencmp.evaluation.judges.panel import CARD, PANEL, file_key, member_folder
from gencmp.evaluation.verdicts import Verdict, floor_key, keep_verdict, kept_judgement
from gencmp.files import write_whole
from gencmp.models.weights_file import read_content
from gencmp.progress import Progress, within
from gencmp.runs.evaluations.on_node import Answer, Asked, Judging, Measured, Sent, Told, judges_here
from gencmp.runs.executors.choice import cpus_of_a_run
from gencmp.runs.executors.job import Failed, Here, versions_here
from gencmp.settings.configs import Config

TRIES = 3  # times in a row that a node may be lost before it has measured anything more


class Nodes(Protocol):
    """What an evaluation needs of a cluster."""

    def measured(self, asked: Asked, pictures: Pictures) -> Iterator[list[Answer] | None]:
        """The messages of a node that measures; None while none comes. Raises TrainingLost, ClusterError."""

    def name_of(self, node: str) -> str:
        """What people call the node of this id."""


@dataclass(frozen=True)
class _Model:
    """config: with the full path of its pictures."""

    name: str
    path: Path
    key: str
    config: Config

    @property
    def data(self) -> tuple[str, tuple[int, ...]]:
        return self.config.dataset, self.config.classes


def measure_elsewhere(
    models: Sequence[tuple[str, Path]],
    count: int,
    seed: int,
    progress: Progress,
    datasets: Mapping[str, str | None],
    nodes: Nodes,
) -> None:
    """Have measured what `evaluate` would measure of the same, and keep it.

    Raises SnapshotError, DataError; ClusterError when a node has another version, or nodes are lost again and again; and what
    `progress` raises, after which nothing goes on there.
    """
    from gencmp.evaluation.evaluate import with_data
    from gencmp.models.snapshot import read

    found = [
        _Model(name, path, file_key(path), with_data(read(path), datasets.get(name)).config) for name, path in models
    ]
    groups = [[each for each in found if each.data == data] for data in dict.fromkeys(each.data for each in found)]
    for place, group in enumerate(groups):
        _Group(group, count, seed, within(progress, place / len(groups), (place + 1) / len(groups)), nodes).measure()


class _Group:
    """Models of the same data."""

    def __init__(self, models: Sequence[_Model], count: int, seed: int, progress: Progress, nodes: Nodes):
        self.models, self.count, self.seed, self.progress, self.nodes = models, count, seed, progress, nodes
        self.config = models[0].config
        self.told = Told(0.0, "Waiting for a place on the cluster")
        self.node = ""

    def measure(self) -> None:
        lost = 0
        while (asked := self._missing()) is not None:
            pictures = read_pictures(self.config.dataset, progress=lambda words: self.progress(0.0, words))
            try:
                self._listen(self.nodes.measured(asked, pictures))
            except TrainingLost as error:
                now = self._missing()
                lost = lost + 1 if now and _amount(now) == _amount(asked) else 1
                if lost >= TRIES:
                    raise ClusterError(
                        f"The evaluation was lost {TRIES} times in a row; the last time, {error}."
                    ) from None
                self.told = Told(self.told.share, f"Waiting for another place: {error}")

    def _missing(self) -> Asked | None:
        """None when everything is measured."""
        kept = {model: kept_judgement(model.key, model.config, self.count, self.seed) for model in self.models}
        wanted = [model for model, (verdict, _) in kept.items() if verdict is None]
        floor = any(each is None for _, each in kept.values())
        if not wanted and not floor:
            return None
        sent = [Sent(model.name, model.key, read_content(model.path)) for model in wanted]
        judges = judges_here(self.config.dataset)
        return Asked(self.config, sent, floor, self.count, self.seed, judges, int(cpus_of_a_run()))

    def _listen(self, messages: Iterator[list[Answer] | None]) -> None:
        for message in messages:
            for answer in message or ():
                self._hear(answer)
            self.progress(self.told.share, self._words())

    def _words(self) -> str:
        return f"{self.told.words} (on {self.node})" if self.node else self.told.words

    def _hear(self, answer: Answer) -> None:
        match answer:
            case Here():
                self.node = self.nodes.name_of(answer.node)
                answer.refuse_others(versions_here(), self.node)
            case Told():
                self.told = answer
            case Judging():
                self._keep_judge(answer)
            case Measured():
                key = answer.key or floor_key(self.config)
                # the node knows neither the path of own pictures nor their fingerprint, of which the floor's key is made
                keep_verdict(replace(Verdict.from_dict(answer.verdict), key=key), key, self.count)
            case Failed():
                answer.raise_it()

    def _keep_judge(self, judge: Judging) -> None:
        [member] = [each for each in PANEL if each.name == judge.member]
        folder = member_folder(self.config.dataset, member)
        for name in sorted(judge.files, key=lambda name: name == CARD):  # the card last: with it a judge is whole
            write_whole(folder / Path(name).name, judge.files[name])


def _amount(asked: Asked) -> int:
    return asked.floor + len(asked.models)
