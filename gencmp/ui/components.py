"""Streamlit components made of our own scripts: they fetch their data themselves, so the page does not rerun."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from gencmp.ui.routes.assets import STATIC, content_hash


def addresses() -> dict[str, Any]:
    """The URLs of the server: `api` for runs, `statics` for scripts.

    Relative to the dashboard's root, which only the browser knows (see first_page.py); `component` makes them absolute.
    """
    return {"api": "gencmp", "statics": f"gencmp/static/{content_hash()}"}


@cache
def component(page: str, name: str = "") -> Callable[..., Any]:
    """The component of static/PAGE/NAME.js and NAME.css; the browser loads its script once, as a module.

    name: defaults to `page`.
    """
    place = f"{page}/{name or page}"
    js = f"""
export default function (component) {{
  const root = window.__streamlit.BACKEND_BASE_URL
  const data = {{ ...component.data, api: root + component.data.api, statics: root + component.data.statics }}
  let remove = null
  let gone = false
  import(`${{data.statics}}/{place}.js`).then(({{ mount }}) => {{
    if (!gone) remove = mount({{ ...component, data }})
  }})
  return () => {{
    gone = true
    remove?.()
  }}
}}
"""
    css = "".join((STATIC / f"{part}.css").read_text("utf-8") for part in ("shared/base", place))
    return st.components.v2.component(f"gencmp_{name or page}", js=js, css=css, isolate_styles=False)
