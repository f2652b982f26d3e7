"""The form for whoever has a code, but not its link."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from gencmp.voting.store import CODE_LENGTH, tidy


def code_form(form: str, key: str, go: Callable[[str], None]) -> None:
    """go: where a code of the right length leads; called before the page is drawn again."""
    with st.form(form, border=False):
        st.text_input("Code", max_chars=12, placeholder="Code on your teacher's screen", key=key)
        st.form_submit_button(
            "Join", icon=":material/login:", type="primary", width="stretch", on_click=_join, args=(key, go)
        )


def _join(key: str, go: Callable[[str], None]) -> None:
    code = tidy(st.session_state[key])
    if len(code) == CODE_LENGTH:
        go(code)
    else:
        st.error(f"A code has {CODE_LENGTH} letters and digits.", icon=":material/error:")
