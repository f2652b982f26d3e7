"""The random token by which a browser votes, predicts and leads; no name is asked for."""

from __future__ import annotations

import streamlit as st

from gencmp.ui.components import addresses, component
from gencmp.voting.store import is_token

TOKEN = "vote.token"


def browser_token() -> str:
    """The token stored in this browser, reported by the component; "" until then."""
    data = {"part": "token", "known": st.session_state.get("voter", "")} | addresses()
    component("vote")(data=data, key=TOKEN, on_token_change=_remember)
    return known_token()


def known_token() -> str:
    """The same without asking the browser."""
    return str(st.session_state.get("voter", ""))


def _remember() -> None:
    token = st.session_state.get(TOKEN, {}).get("token")
    if is_token(token):
        st.session_state["voter"] = token
