"""One run, live, as a component: state, progress, curves and pictures, without a rerun of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from gencmp import charts
from gencmp.classes import class_names
from gencmp.shelf import Record
from gencmp.ui.server import STATIC, stamp


def live_run(record: Record, key: str, on_change: Callable[[], None] | None = None) -> None:
    """Draw a run or a shipped model; the browser fetches what is new by itself (see ui/server.py).

    on_change: called, with a rerun after it, when the run's state has changed.
    """
    run = record.run
    # the state wakes a card that has stopped asking, when the run is resumed
    data = {
        "model": run.id,
        "kind": run.kind,
        "state": run.state,
        "classes": class_names(run),
        "charts": charts.live_charts(run.kind, run.config, run.entropy_floor),
    }
    component("live")(data=data | addresses(), key=key, on_changed_change=on_change or (lambda: None))


def addresses() -> dict[str, Any]:
    """Where a script finds the server: `api` for runs, `statics` for other scripts.

    Relative to the dashboard's root, which only the browser knows (see index.py); `component` completes them.
    """
    return {"api": "gencmp", "statics": f"gencmp/static/{stamp()}"}


@cache
def component(name: str) -> Callable[..., Any]:
    """The component of static/NAME.js and static/NAME.css: its script is loaded from the server, once, as a module."""
    js = f"""
export default function (component) {{
  const root = window.__streamlit.BACKEND_BASE_URL
  const data = {{ ...component.data, api: root + component.data.api, statics: root + component.data.statics }}
  let remove = null
  let gone = false
  import(`${{data.statics}}/{name}.js`).then(({{ mount }}) => {{
    if (!gone) remove = mount({{ ...component, data }})
  }})
  return () => {{
    gone = true
    remove?.()
  }}
}}
"""
    css = "".join((STATIC / f"{part}.css").read_text("utf-8") for part in ("base", name))
    return st.components.v2.component(f"gencmp_{name}", js=js, css=css, isolate_styles=False)
