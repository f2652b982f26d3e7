"""What every executor gives, and the training that every executor runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gencmp.events import Event, Waiting
from gencmp.runs.recorder import Line
from gencmp.settings.configs import Config
from gencmp.training.by_hand import ByHand

if TYPE_CHECKING:  # importing these at run time takes torch with them
    from gencmp.data.digits import Digits
    from gencmp.models.snapshot import Snapshot
    from gencmp.training.changes import Levers


@dataclass(frozen=True)
class Source:
    """The events of one training, and the ways to it: see recorder.drain, which takes all of them."""

    events: Iterator[Event | Waiting]
    ask: Callable[[Mapping[str, Any]], None]
    by_hand: ByHand
    line: Line | None = None  # of a training on another computer


@dataclass(frozen=True)
class Threads:
    """limit: the number that a run may use at present. most: the number that it might ever use. folder: where it is kept
    whether the number changes the bits, see thread_check."""

    limit: Callable[[], int]
    most: int
    folder: Path


def events_of(
    config: Config,
    digits: Digits,
    resume: Snapshot | None,
    start: Snapshot | None,
    levers: Levers,
    by_hand: ByHand,
    threads: Threads,
) -> Iterator[Event]:
    """The training whose events are recorded, see loop.train: with threads that follow the machine's load where no bit
    depends on them, with the judge's and D's opinions, and with checkups."""
    from gencmp.evaluation.checkups import with_checkups
    from gencmp.evaluation.opinions import with_opinions
    from gencmp.training.loop import train
    from gencmp.training.thread_check import same_bits_with_any_threads
    from gencmp.training.thread_tuner import tune_threads

    events = train(config, digits, resume, start=start, levers=levers, by_hand=by_hand)
    sizes = len(digits.train), len(digits.test)
    if (
        config.threads == "auto"
        and not levers.reshape
        and same_bits_with_any_threads(config, threads.most, threads.folder, *sizes)
    ):
        events = tune_threads(events, threads.limit)
    return with_checkups(with_opinions(events, config), config)
