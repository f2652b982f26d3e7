"""Whose run is next when many people share a cluster: each owner in turn, and of each owner each kind in turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A run that waits or trains. owner: who started it: a student's browser, "" for the teacher and the command line.
    since: when it came to the queue."""

    run: str
    owner: str
    kind: str
    since: float


def next_turn(waiting: Sequence[Turn], at_work: Sequence[Turn]) -> Turn | None:
    """Of whoever has fewest runs at work, a run of the kind of which they have fewest at work; among equals, the one that has
    waited longest. None where nothing waits."""
    of_owner = Counter(turn.owner for turn in at_work)
    of_kind = Counter((turn.owner, turn.kind) for turn in at_work)
    return min(
        waiting,
        key=lambda turn: (
            of_owner[turn.owner],
            _first(waiting, turn.owner),
            of_kind[turn.owner, turn.kind],
            turn.since,
        ),
        default=None,
    )


def _first(waiting: Sequence[Turn], owner: str) -> float:
    return min(turn.since for turn in waiting if turn.owner == owner)
