"""One line about the cluster, where runs train on one."""

from __future__ import annotations

import streamlit as st

from gencmp.runs.executors.status import cluster_words
from gencmp.runs.store import RunStore
from gencmp.ui.frame import plain
from gencmp.ui.rights.rules import without_paths
from gencmp.ui.rights.session import is_teacher

EVERY = 2.0  # seconds


def cluster_line(store: RunStore) -> None:
    """Nothing without a cluster."""
    if not cluster_words(store):
        return

    @st.fragment(run_every=EVERY)
    def line() -> None:
        words = cluster_words(store)
        st.caption(f":material/hub: {plain(words if is_teacher() else without_paths(words))}")

    line()
