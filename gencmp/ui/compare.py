"""The Compare page's component: columns of pictures, ordered alike, with their curves (static/compare.js and its rooms).

The server says which models there are; what is shown comes by plain HTTP (compare_routes.py), and the view lives in the
page's address. Downloads are plain links, so none of them reruns the page.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from gencmp import charts
from gencmp.shelf import Record
from gencmp.ui.frame import shelf
from gencmp.ui.live import addresses, component


def choices() -> list[dict[str, Any]]:
    """Every model with pictures: those that ship first, then runs, newest first."""
    return [_choice(record) for record in (*shelf().shipped(), *shelf().recorded()) if record.folder.pictured()]


def _choice(record: Record) -> dict[str, Any]:
    run = record.run
    chart = charts.live_charts(run.kind, run.config, run.entropy_floor)[0]
    return {
        "id": run.id, "name": run.name, "kind": run.kind, "shipped": record.is_shipped,
        "pictured": record.folder.pictured(), "chart": chart,
    }  # fmt: skip


def compare(key: str) -> None:
    """Draw the columns, or say what to do first."""
    found = choices()
    if found:
        component("compare")(data={"models": found} | addresses(), key=key)
        return
    st.markdown(
        "There is no model to compare yet. Train a GAN and a VAE: after its first epoch each can stand here, beside real digits."
    )
    if st.button("Train both", icon=":material/play_circle:", type="primary"):
        st.switch_page("pages/train.py")
