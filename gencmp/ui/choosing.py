"""Which models a page opens with: those in its address, else the newest finished pair of this store, else the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.pairs import newest_pair
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain
from gencmp.ui.next_pages import page_of

NOT_FOUND = (
    "A model in this page's address was not found. It may have been deleted, trained on another computer, or have no epoch yet."
    " Another one is shown instead."
)


def choose_first(page: str, ids: Mapping[str, Sequence[str]]) -> None:
    """Set the boxes "PAGE.gan" and "PAGE.vae", before they are drawn, to the models that the page should open with.

    ids: what the boxes offer, by kind, none of them empty. After that the user's choice stays, until the address names other
    models in its part `runs`.
    """
    asked, state = st.query_params.get("runs", ""), f"{page}.runs"
    if st.session_state.get(state) == asked and all(f"{page}.{kind}" in st.session_state for kind in ids):
        return
    st.session_state[state] = asked
    named = [name for name in asked.split(",") if name]
    if set(named) - {each for offered in ids.values() for each in offered}:
        st.warning(NOT_FOUND, icon=":material/search_off:")
    for kind, first in _opening(open_catalog()).items():
        wanted = [each for each in (named if asked else [first]) if each in ids[kind]]
        st.session_state[f"{page}.{kind}"] = (wanted or list(ids[kind]))[0]


def keep_choice(page: str, runs: Sequence[str]) -> None:
    """Put the chosen models into the address, so that a reload, and another computer, show the same ones."""
    st.session_state[f"{page}.runs"] = st.query_params["runs"] = ",".join(runs)


def _opening(catalog: Catalog) -> dict[str, str]:
    pair = newest_pair(catalog.store.queries)
    return {"gan": pair.gan.id, "vae": pair.vae.id} if pair else {"gan": "", "vae": ""}


def say_newest(page: str, chosen: Sequence[ModelRecord]) -> None:
    """If these are the newest pair: say so, with a link to the shipped models."""
    pair = newest_pair(open_catalog().store.queries)
    if not pair or {pair.gan.id, pair.vae.id} != {record.run.id for record in chosen}:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Your newest pair: {plain(pair.gan.name)} and {plain(pair.vae.name)}.")
        if shipped := [record.run.id for record in open_catalog().shipped_pair().values()]:
            st.page_link(page_of(page), label="Show the shipped models", query_params={"runs": ",".join(shipped)})


def opening_of(catalog: Catalog) -> dict[str, Any]:
    """The newest pair for a page that is made in the browser; empty if there is none."""
    pair = newest_pair(catalog.store.queries)
    if not pair:
        return {}
    return {
        "pair": {
            "gan": pair.gan.id,
            "vae": pair.vae.id,
            "words": f"Your newest pair: {pair.gan.name} and {pair.vae.name}.",
        }
    }
