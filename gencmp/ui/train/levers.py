"""Changing settings of runs while they train: a form for each live run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from gencmp.errors import ConfigError, GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import Run
from gencmp.runs.store import config_now
from gencmp.settings.configs import Config
from gencmp.settings.levers import LEVERS, pull
from gencmp.settings.setting import settings_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.fields import changes_of, field
from gencmp.ui.frame import plain

HELP = "Learning rates, dropout and more, while it trains. The charts mark each change; resuming the run repeats it."


def levers(records: Sequence[ModelRecord]) -> None:
    """A button that opens a form for each live run; none where all have ended."""
    own = [record.run for record in records if not record.is_shipped and record.run.is_open]
    runs = [run for run in own if run.is_live]
    if not own:
        return
    with st.popover("Change settings", icon=":material/tune:", disabled=not runs, help=HELP):
        for run in runs:
            _form(run)


def _form(run: Run) -> None:
    now = config_now(run, open_catalog().store.queries.changes(run.id))
    with st.form(f"levers.{run.id}", border=False):
        st.markdown(f"**{plain(run.name)}**")
        columns = st.columns(2)
        typed = {
            name: field(columns[i % 2], now, name, f"lever.{run.id}.{name}") for i, name in enumerate(LEVERS[run.kind])
        }
        if st.form_submit_button("Apply from the next step", type="primary"):
            _apply(run, now, typed)


def _apply(run: Run, now: Config, typed: dict[str, Any]) -> None:
    """Send what differs to the run; say at once what is wrong with it."""
    try:
        changes = changes_of(now, typed)
        pull(now, changes)
        if changes:
            open_catalog().store.change(run.id, changes)
    except (ConfigError, GencmpError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    labels = [settings_of(now)[name].label for name in changes]
    words = f"{', '.join(labels)}: changed from the next step" if changes else "Nothing has changed"
    st.caption(f"{words}.")
