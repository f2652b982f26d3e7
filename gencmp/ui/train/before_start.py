"""What another Start would do to the runs that are training or waiting, said before it is pressed."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from gencmp.runs.executors.choice import on_cluster
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain

SAID = "train.before_start"


def say_before_start(kinds: Iterable[str]) -> None:
    """A caption; empty when no run is training or waiting."""
    words = st.session_state[SAID] = start_words(open_catalog().store, kinds)
    if words:
        st.caption(plain(words))


def is_out_of_date(kinds: Iterable[str]) -> bool:
    """Whether a run has started or ended since the caption was drawn."""
    return bool(st.session_state.get(SAID) != start_words(open_catalog().store, kinds))


def start_words(store: RunStore, kinds: Iterable[str]) -> str:
    """What happens to new runs of these kinds, and to the open ones."""
    counts, live = store.queries.open_by_kind(), store.queries.live()
    if not any(sum(each) for each in counts.values()):
        return ""
    if on_cluster():
        words = ["A new run waits for a free place on the cluster."]
    else:
        words = [_of_kind(kind, counts[kind], store.queries.at_once(kind), live) for kind in kinds]
    goes_on = (
        f"{_names(live)} {'goes' if len(live) == 1 else 'go'} on and can be watched from the Runs page." if live else ""
    )
    return " ".join(filter(None, [*words, goes_on]))


def _of_kind(kind: str, counts: tuple[int, int], at_once: int, live: list[Run]) -> str:
    count, name = sum(counts), kind.upper()
    if count >= at_once:
        ahead = "the one before it has" if count == 1 else f"the {count} before it have"
        return f"A new {name} waits until {ahead} ended."
    return f"A new {name} trains at once and shares the processor with {_names(live)}." if live else ""


def _names(runs: list[Run]) -> str:
    names = [run.name for run in runs]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
