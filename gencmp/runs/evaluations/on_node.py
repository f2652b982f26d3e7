"""The far end of an evaluation on a cluster: a node measures models that were sent to it. Knows no store, and nothing of Ray."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from gencmp.data.read import Pictures
from gencmp.evaluation.judges.panel import CARD, PANEL, WEIGHTS, judges_in, member_folder
from gencmp.progress import Progress, within
from gencmp.runs.executors.job import Failed, Here
from gencmp.runs.executors.recording import in_words
from gencmp.settings.configs import SHIPPED_DATA, Config

TELL_EVERY = 0.25  # seconds between two reports of progress


@dataclass(frozen=True)
class Sent:
    """A model to measure. key: by which its verdict is kept. content: of its file of weights."""

    name: str
    key: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """What a node is to measure: models of the same data and, where `floor` says so, real pictures of them.

    config: has the data set, with its full path on the dashboard's computer, and the classes.
    judges: the files of those that the data have already, by the judge's name and the file's; MNIST's are on every node.
    cpus:   threads to measure with.
    """

    config: Config
    models: Sequence[Sent]
    floor: bool
    count: int
    seed: int
    judges: Mapping[str, Mapping[str, bytes]] = field(repr=False)
    cpus: int = 1


@dataclass(frozen=True)
class Told:
    """How far it is: the share that is done, and a status in words."""

    share: float
    words: str


@dataclass(frozen=True)
class Measured:
    """A verdict, as verdicts.Verdict.to_dict has it. key: of the model; "" for the floor."""

    key: str
    verdict: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Judging:
    """A judge that was trained on the node, as the data had none. files: by name."""

    member: str
    files: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class Over:
    """The last that is heard of an evaluation that went well."""


Answer = Here | Told | Measured | Judging | Over | Failed


def measured_there(asked: Asked, pictures: Pictures, node: str) -> Iterator[list[Answer]]:
    """Measure, in messages: where it is, how far it is, what was found; and why it failed, or that it is over."""
    yield [Here.of(node)]
    answers: SimpleQueue[Answer] = SimpleQueue()
    threading.Thread(target=_answer, args=(asked, pictures, answers.put), daemon=True).start()
    message: list[Answer] = []
    while not (message and isinstance(message[-1], Over | Failed)):
        message = [answers.get()]
        with suppress(Empty):
            while True:
                message.append(answers.get_nowait())
        yield message


def judges_here(dataset: str) -> dict[str, dict[str, bytes]]:
    """The judges of a data set that are on this computer, whole, as `Asked` has them."""
    if dataset == SHIPPED_DATA:
        return {}
    folders = {member.name: member_folder(dataset, member) for member in PANEL}
    return {
        name: {file: (folder / file).read_bytes() for file in (WEIGHTS, CARD)}
        for name, folder in folders.items()
        if (folder / CARD).exists()
    }


def _answer(asked: Asked, pictures: Pictures, say: Callable[[Answer], None]) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix="gencmp-", ignore_cleanup_errors=True) as folder:
            theirs = judges_in(asked.config.dataset, Path(folder))
            with nullcontext() if asked.config.dataset == SHIPPED_DATA else theirs:
                _measure(asked, pictures, say)
        say(Over())
    except Exception as error:
        say(Failed(in_words(error, "the evaluation")))


def _measure(asked: Asked, pictures: Pictures, say: Callable[[Answer], None]) -> None:
    progress = _Telling(say)
    progress(0.0, "Loading PyTorch")
    os.environ["CUDA_VISIBLE_DEVICES"] = ""  # a task that asked for no GPU may see all of them
    import torch

    from gencmp.data.load import give, tensors_of
    from gencmp.evaluation.evaluate import judge_model, judge_real
    from gencmp.evaluation.real_digits import real_digits
    from gencmp.models.snapshot import unpack
    from gencmp.training.processor import flush_denormals

    flush_denormals()
    torch.set_num_threads(asked.cpus)
    dataset = asked.config.dataset
    give(dataset, tensors_of(pictures))
    _write_judges(asked)
    parts = 1 + asked.floor + len(asked.models)
    each = iter(range(parts))

    def part(name: str) -> Progress:
        place = next(each)
        return within(lambda share, words: progress(share, f"{name}: {words}"), place / parts, (place + 1) / parts)

    real = real_digits(asked.config, asked.count, part(pictures.name), panel=True)
    _tell_new_judges(asked, say)
    if asked.floor:
        floor = judge_real(real, asked.config, part(f"real {real.nouns.pictures}"))
        say(Measured("", floor.to_dict()))
    for model in asked.models:
        snapshot = unpack(model.content, model.name)
        snapshot = replace(snapshot, config=snapshot.config.replace(dataset=dataset))
        verdict = judge_model(model.name, model.key, snapshot, real, asked.seed, part(model.name))
        say(Measured(model.key, verdict.to_dict()))


def _write_judges(asked: Asked) -> None:
    for member in PANEL:
        for name, content in asked.judges.get(member.name, {}).items():
            path = member_folder(asked.config.dataset, member) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def _tell_new_judges(asked: Asked, say: Callable[[Answer], None]) -> None:
    for name, files in judges_here(asked.config.dataset).items():
        if name not in asked.judges:
            say(Judging(name, files))


class _Telling:
    """A Progress that says what it is told, but not too often."""

    def __init__(self, say: Callable[[Answer], None]):
        self.say, self.said = say, -TELL_EVERY

    def __call__(self, share: float, words: str) -> None:
        now = time.monotonic()
        if now - self.said >= TELL_EVERY:
            self.said = now
            self.say(Told(share, words))
