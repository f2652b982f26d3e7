"""The question to the user before resuming a run whose folder of pictures has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from gencmp.runs.changed_data import changed_data
from gencmp.runs.run import Run
from gencmp.ui.frame import plain


def changed_of(runs: Sequence[Run]) -> dict[str, str]:
    """Run id -> current fingerprint of its data folder, for the runs whose folder has changed."""
    return {run.id: found for run in runs if (found := changed_data(run))}


@st.dialog("The pictures have changed")
def ask(runs: Sequence[Run], resume: Callable[[], None], start_new: Callable[[], None]) -> None:
    """Show the dialog. resume, start_new: callbacks of its two buttons; the page reruns after either."""
    folders = ", ".join(dict.fromkeys(Path(run.config["dataset"]).name for run in runs))
    trained = "this run was" if len(runs) == 1 else "these runs were"
    st.write(
        f"Pictures in {plain(folders)} were added, removed, renamed or overwritten since {trained} trained on them."
    )
    st.text("\n".join(f"{run.name}: trained up to epoch {run.epoch} of {run.epochs}" for run in runs))
    many = "a new run" if len(runs) == 1 else f"{len(runs)} new runs"
    if st.button(
        f"Start {many} on the changed pictures", type="primary", icon=":material/fork_right:", key="changed.anew", width="stretch",
        help="Same settings, from the first epoch. Existing runs stay as they are.",
    ):  # fmt: skip
        start_new()
        st.rerun()
    if st.button(
        "Resume with the changed pictures", icon=":material/play_arrow:", key="changed.on", width="stretch",
        help="From the last epoch. The curves before and after it come from different data, which the run records.",
    ):  # fmt: skip
        resume()
        st.rerun()
