"""What can be done with runs that have ended: more epochs, or a new run that begins with the weights of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.fork import fork, lower_rates
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.settings.configs import CONFIGS
from gencmp.settings.setting import settings_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain

ENDED = ("finished", "stopped", "failed", "lost")
AT_MOST = 4  # runs at once: as many as are watched side by side


def resumable(run: Run) -> bool:
    """To the end that it was to have."""
    return run.state in ("stopped", "failed", "lost") and not run.has_diverged


def can_go_on(records: Sequence[ModelRecord]) -> bool:
    """For more epochs, or again with a lower learning rate."""
    runs = [record.run for record in records]
    return 0 < len(runs) <= AT_MOST and (
        (len(runs) == 1 and runs[0].has_diverged)
        or all(run.state in ENDED and run.epoch and not run.has_diverged for run in runs)
    )


def go_on(records: Sequence[ModelRecord], then: Callable[[list[Run]], None]) -> None:
    """A button that opens what fits, see can_go_on. then: shows the runs that have been queued."""
    if len(records) == 1 and records[0].run.has_diverged:
        with st.popover("Lower learning rate", icon=":material/replay:"):
            _begin_again(records[0], then)
    else:
        with st.popover("More epochs", icon=":material/more_time:", disabled=not can_go_on(records)):
            if can_go_on(records):
                _more_epochs([record.run for record in records], then)


def _more_epochs(runs: Sequence[Run], then: Callable[[list[Run]], None]) -> None:
    st.write("As if they had been asked for from the start.")
    most = int(settings_of(CONFIGS[runs[0].kind])["epochs"].high or 0)
    asked = {}
    for run in runs:
        label, usual = f"Epochs in all of {plain(run.name)}", min(2 * run.epochs, most)
        asked[run.id] = int(st.number_input(label, min(run.epoch + 1, most), most, usual, key=f"more.{run.id}"))
    if st.button("Train on", type="primary", icon=":material/play_arrow:", key="more.start"):
        _do(lambda: [open_catalog().store.extend(run_id, epochs) for run_id, epochs in asked.items()], then)


def _begin_again(record: ModelRecord, then: Callable[[list[Run]], None]) -> None:
    run, kept = record.run, record.folder.kept()
    known = settings_of(CONFIGS[run.kind])
    where = (
        f"with the weights after epoch {kept[-1]} and a fresh optimiser"
        if kept
        else "with new weights, as no epoch was kept"
    )
    st.write(f"This training has diverged. A new run with the same settings but these begins {where}.")
    rates = {
        name: st.number_input(
            known[name].label, known[name].low, known[name].high, rate, format="%g", key=f"again.{name}"
        )
        for name, rate in lower_rates(run.config).items()
    }
    if st.button("Start", type="primary", icon=":material/play_arrow:", key="again.start"):
        _do(lambda: [fork(open_catalog().store, record, rates)], then)


def _do(act: Callable[[], list[Run]], then: Callable[[list[Run]], None]) -> None:
    """Queue the runs, each with a worker, or say what is wrong."""
    try:
        runs = act()
    except GencmpError as error:
        st.error(plain(str(error)))
        return
    for _ in runs:
        start_worker(open_catalog().store)
    then(runs)
    st.rerun()
