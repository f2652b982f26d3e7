"""Resuming runs whose folder of pictures has changed since: asked before they go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from gencmp.runs.changed_data import changed_data
from gencmp.runs.run import Run
from gencmp.ui.frame import plain


def changed_of(runs: Sequence[Run]) -> dict[str, str]:
    """Of those whose folder has changed, by id: the fingerprint of what it holds now."""
    return {run.id: found for run in runs if (found := changed_data(run))}


@st.dialog("The pictures have changed")
def ask(runs: Sequence[Run], go_on: Callable[[], None], begin_anew: Callable[[], None]) -> None:
    """Draw the question. go_on, begin_anew: what the two buttons do; after either the page is drawn anew."""
    folders = ", ".join(dict.fromkeys(Path(run.config["dataset"]).name for run in runs))
    trained = "this run was" if len(runs) == 1 else "these runs were"
    st.write(
        f"Since {trained} trained on {plain(folders)}, pictures were added, removed, renamed or overwritten there."
    )
    st.text("\n".join(f"{run.name}: trained up to epoch {run.epoch} of {run.epochs}" for run in runs))
    many = "a new run" if len(runs) == 1 else f"{len(runs)} new runs"
    if st.button(
        f"Train {many} on them", type="primary", icon=":material/fork_right:", key="changed.anew", width="stretch",
        help="The same settings, from the first epoch. What was trained before stays as it is.",
    ):  # fmt: skip
        begin_anew()
        st.rerun()
    if st.button(
        "Go on with the changed pictures", icon=":material/play_arrow:", key="changed.on", width="stretch",
        help="From the last epoch. The curves before and after are of different data; the run records it.",
    ):  # fmt: skip
        go_on()
        st.rerun()
