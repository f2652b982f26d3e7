"""Continuing runs that have ended: more epochs, or a new run that starts from the weights of a diverged one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.diagnosis import cure_of
from gencmp.runs.forks.fork import fork, lower_rates
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.settings.configs import CONFIGS
from gencmp.settings.setting import settings_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain

ENDED = ("finished", "stopped", "failed", "lost")
AT_MOST = 4  # runs at once: the Train page shows up to four side by side


def resumable(run: Run) -> bool:
    """Whether the run ended before its last epoch, without having diverged."""
    return run.state in ("stopped", "failed", "lost") and not run.has_diverged


def can_go_on(records: Sequence[ModelRecord]) -> bool:
    """Whether `go_on` applies: all can train more epochs, or the only one has diverged."""
    runs = [record.run for record in records]
    return 0 < len(runs) <= AT_MOST and (
        (len(runs) == 1 and runs[0].has_diverged)
        or all(run.state in ENDED and run.epoch and not run.has_diverged for run in runs)
    )


def go_on(records: Sequence[ModelRecord], then: Callable[[list[Run]], None]) -> None:
    """A button for the action that applies (see can_go_on). then: called with the queued runs, to show them."""
    if len(records) == 1 and records[0].run.has_diverged:
        with st.popover("Lower learning rate", icon=":material/replay:"):
            _restart(records[0], then)
    else:
        with st.popover("More epochs", icon=":material/more_time:", disabled=not can_go_on(records)):
            if can_go_on(records):
                _more_epochs([record.run for record in records], then)


def _more_epochs(runs: Sequence[Run], then: Callable[[list[Run]], None]) -> None:
    st.write("The result is the same as if these epochs had been set from the start.")
    limit = int(settings_of(CONFIGS[runs[0].kind])["epochs"].high or 0)
    asked = {}
    for run in runs:
        label, proposed = f"Total epochs of {plain(run.name)}", min(2 * run.epochs, limit)
        asked[run.id] = int(st.number_input(label, min(run.epoch + 1, limit), limit, proposed, key=f"more.{run.id}"))
    if st.button("Continue training", type="primary", icon=":material/play_arrow:", key="more.start"):
        _queue(lambda: _extended(runs, asked), then)


def _extended(runs: Sequence[Run], asked: Mapping[str, int]) -> list[Run]:
    store = open_catalog().store
    for run in runs:
        refuse_lost_state(run, store.queries.folder(run.id))
    return [store.extend(run_id, epochs) for run_id, epochs in asked.items()]


def _restart(record: ModelRecord, then: Callable[[list[Run]], None]) -> None:
    run, kept = record.run, record.folder.kept()
    known = settings_of(CONFIGS[run.kind])
    where = f"from epoch {kept[-1]}, the last that was kept" if kept else "with new weights, because no epoch was saved"
    st.write(f"This run has diverged. A new run starts {where}, with the same settings except these.")
    rates = {
        name: st.number_input(
            known[name].label, known[name].low, known[name].high, rate, format="%g", key=f"again.{name}"
        )
        for name, rate in lower_rates(run.config).items()
    }
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="again.start"):
        _queue(lambda: [fork(open_catalog().store, record, rates)], then)


def _queue(act: Callable[[], list[Run]], then: Callable[[list[Run]], None]) -> None:
    """Queue the runs that `act` makes, start a worker for each, or show the error."""
    try:
        runs = act()
    except GencmpError as error:
        st.error(plain(str(error)))
        return
    for _ in runs:
        start_worker(open_catalog().store)
    then(runs)
    st.rerun()


def cure(record: ModelRecord, then: Callable[[list[Run]], None]) -> None:
    """Do what the run's diagnosis advises: change its settings while it trains, or start a new run from before the illness.

    then: called with the new run, if one is made. For callbacks, after which the page reruns anyway.
    """
    store, found = open_catalog().store, cure_of(record)
    if found is None:
        st.toast("The diagnosis has changed meanwhile, and advises nothing more.")
        return
    epoch, changes = found
    try:
        if record.run.is_live:
            store.change(record.run.id, changes)
            return
        made = fork(store, record, changes, epoch)
    except GencmpError as error:  # for example, the run has just ended
        st.toast(plain(str(error)))
        return
    start_worker(store)
    then([made])
