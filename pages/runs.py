"""Runs: every run in this store, and the shipped models."""

import streamlit as st

from gencmp.runs.launcher import keep_going
from gencmp.ui.catalog import open_catalog
from gencmp.ui.runs.actions import act_on, overlay, show_one
from gencmp.ui.runs.sweep import show_sweeps, show_varied
from gencmp.ui.runs.table import SWEEP, TREE, choose_records, choose_view
from gencmp.ui.runs.tree import show_tree

st.title("Everything you trained")
store = open_catalog().store
keep_going(store)
if not store.queries.count():
    st.caption("No runs yet. Press Start on the Train page. Until then, you can look at the shipped models.")


@st.fragment(run_every=2 if store.queries.is_open() else None)
def table() -> None:
    place = st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_bar")
    view = choose_view(place)
    if view == TREE:
        show_tree()
        return
    if view == SWEEP:
        show_sweeps()
        return
    chosen = choose_records(place)
    if not chosen:
        return
    act_on(chosen)
    if len(chosen) == 1:
        show_one(chosen[0])
    else:
        overlay(chosen)
        show_varied(chosen)


table()
