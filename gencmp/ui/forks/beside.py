"""What can be done with one run on Train, above its card: go on from an epoch, roll back, compare with its parent."""

from __future__ import annotations

import streamlit as st

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.forks.roll_back import roll_back
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.dialog import HELP, ICON, LABEL, go_on_from
from gencmp.ui.forks.ghosts import parent_of
from gencmp.ui.forks.links import compare_columns
from gencmp.ui.frame import plain
from gencmp.ui.next_pages import page_of
from gencmp.ui.rights.session import is_teacher

BACK = (
    "Stops this run and goes on from its last kept epoch as a new run, with the settings of then. Nothing is lost: this run"
    " stays on the Runs page as it is."
)


def fork_row(record: ModelRecord) -> None:
    """A row of small buttons."""
    run = record.run
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"forks.{run.id}"):
        none_kept = not (run.is_open or record.folder.kept())  # one that trains may have kept its first meanwhile
        key = f"fork.open.{run.id}"
        if is_teacher() and st.button(
            LABEL, icon=f":material/{ICON}:", type="tertiary", help=HELP, disabled=none_kept, key=key
        ):
            go_on_from(record, lambda made: show_instead(run, made))
        key = f"back.{run.id}"
        may = run.is_live and is_teacher()
        if may and st.button("Roll back", icon=":material/undo:", type="tertiary", help=BACK, key=key):
            _roll_back(run)
        parent = parent_of(run, open_catalog())
        if parent and (columns := compare_columns(parent, record)):
            st.page_link(
                page_of("compare"), label="Compare with its parent", query_params={"columns": columns}, width="content"
            )


def show_instead(run: Run, made: Run) -> None:
    """In the page's address, a fork takes the place of the run that it is of; one of a model that is not in the address
    is added."""
    shown = [each for each in st.query_params.get("runs", "").split(",") if each]
    ids = [made.id if each == run.id else each for each in shown]
    st.query_params["runs"] = ",".join(ids if made.id in ids else [*ids, made.id])


def _roll_back(run: Run) -> None:
    store = open_catalog().store
    try:
        with st.spinner(f"Stopping {plain(run.name)}", show_time=False):
            made = roll_back(store, run.id)
    except GencmpError as error:
        st.toast(plain(str(error)))
        return
    start_worker(store)
    show_instead(run, made)
    st.rerun()
