"""Streamlit components made of our own scripts: they fetch their data themselves, so the page does not rerun."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

from gencmp.ui.routes.assets import BUNDLE, content_hash


def addresses() -> dict[str, Any]:
    """The URLs of the server: `api` for runs, `statics` for scripts.

    Relative to the dashboard's root, which only the browser knows (see first_page.py); `component` makes them absolute.
    """
    return {"api": "gencmp", "statics": f"gencmp/static/{content_hash()}"}


@cache
def component(page: str, name: str = "") -> Callable[..., Any]:
    """The component of static/PAGE/NAME.js and NAME.css, which the browser fetches once, however many there are on a page.

    name: defaults to `page`.
    """
    place = f"{page}/{name or page}"
    js = f"""
export default function (component) {{
  const root = window.__streamlit.BACKEND_BASE_URL
  const data = {{ ...component.data, api: root + component.data.api, statics: root + component.data.statics }}
  let remove = null
  let gone = false
  const styles = ["shared/base", "{place}"].map((path) => {{
    const link = Object.assign(document.createElement("link"), {{ rel: "stylesheet", href: `${{data.statics}}/${{path}}.css` }})
    document.body.append(link)
    return {{ link, loaded: new Promise((done) => {{ link.onload = link.onerror = done }}) }}
  }})
  const script = import(`${{data.statics}}/{BUNDLE}`).then(({{ load }}) => load("{place}.js"))
  Promise.all([script, ...styles.map((style) => style.loaded)]).then(([{{ mount }}]) => {{
    if (!gone) remove = mount({{ ...component, data }})
  }})
  return () => {{
    gone = true
    remove?.()
    // later, because a component that is drawn again must not be without styles in between
    setTimeout(() => styles.forEach(({{ link }}) => link.remove()), 1000)
  }}
}}
"""
    return st.components.v2.component(f"gencmp_{name or page}", js=js, isolate_styles=False)
