"""The component of the Explore page: two interactive squares of latent space, computed in the browser (static/explore/).

The component receives the list of models. It fetches weights, digits and means over plain HTTP (routes/explore.py) and
sends nothing back while the user drags: the view is stored in the page's address.
"""

from __future__ import annotations

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.choosing import opening_of
from gencmp.ui.components import addresses, component
from gencmp.ui.routes.explore import models
from gencmp.version import VERSION


@st.fragment
def explore(key: str) -> None:
    """Show the two squares, or a hint to train a model first."""
    found = models(open_catalog())
    if not found:
        nothing_yet()
        return
    data = {"models": found, "version": VERSION} | opening_of(open_catalog()) | addresses()
    component("explore")(data=data, key=key)


def nothing_yet() -> None:
    st.title("Explore the latent space")
    st.markdown(
        "There is no model to explore yet. Train a VAE or a GAN. After its first epoch you can explore what it has learnt, "
        "even while it keeps training."
    )
    if st.button("Train a model", icon=":material/play_circle:", type="primary"):
        st.switch_page("pages/train.py")
