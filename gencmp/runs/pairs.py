"""Runs that belong together: the newest finished pair of a store, and the runs last made. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gencmp.runs.queries import TOGETHER, RunQueries
from gencmp.runs.run import Run

RECENT = 60  # finished runs among which a pair is looked for


class Pair(NamedTuple):
    gan: Run
    vae: Run


def newest_pair(queries: RunQueries) -> Pair | None:
    """The newest GAN and VAE that were started together and have finished, on the same data; where there are none, the
    newest that have finished, whenever they were started."""
    runs = queries.finished(RECENT)
    together = (pair for pair in _pairs(runs) if abs(pair.gan.created - pair.vae.created) <= TOGETHER)
    return next(together, None) or next(_pairs(runs), None)


def _pairs(runs: list[Run]) -> Iterator[Pair]:
    """All pairs on the same data, those with the newest run first."""
    for place, run in enumerate(runs):
        for older in runs[place + 1 :]:
            if older.kind != run.kind and have_same_data(run, older):
                yield Pair(run, older) if run.kind == "gan" else Pair(older, run)


def have_same_data(a: Run, b: Run) -> bool:
    """Whether what two models draw can be measured against the same real pictures."""
    return all(a.config[name] == b.config[name] for name in ("dataset", "classes"))


def runs_to_watch(queries: RunQueries) -> list[Run]:
    """The live runs, one of each kind, and those started with them; else the next in the queue; else the runs last made."""
    first = queries.live()[:1] or queries.queue(1) or queries.newest(1)
    if not first:
        return []
    open_runs = [*queries.live(), *filter(None, map(queries.head, ("gan", "vae")))]
    by_kind = {run.kind: run for run in reversed(open_runs)}
    for run in queries.together(first[0]):
        by_kind.setdefault(run.kind, run)
    return sorted(by_kind.values(), key=lambda run: run.kind)
