"""The component of the Compare page: columns of pictures in the same order, with their curves (static/compare/).

The component receives the list of models; it fetches what it shows over plain HTTP (routes/compare.py), and the view is
stored in the page's address. Downloads are plain links, so they do not rerun the page.
"""

from __future__ import annotations

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.choosing import opening_of
from gencmp.ui.components import addresses, component
from gencmp.ui.routes.compare import choices


def compare(key: str) -> None:
    """Show the columns, or a hint to train models first."""
    found = choices(open_catalog())
    if found:
        component("compare")(data={"models": found} | opening_of(open_catalog()) | addresses(), key=key)
        return
    st.markdown(
        "There is no model to compare yet. Train a GAN and a VAE; each appears here, next to real digits, after its first epoch."
    )
    if st.button("Train both", icon=":material/play_circle:", type="primary"):
        st.switch_page("pages/train.py")
