"""The explore page's component: two squares of latent space, alive in the browser (static/explore.js and its rooms).

The server only says which models there are. Weights, digits and means come by plain HTTP (latent_routes.py), and
nothing comes back while a finger moves: the view lives in the page's address.
"""

from __future__ import annotations

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.routes.explore import models
from gencmp.version import VERSION


@st.fragment
def explore(key: str) -> None:
    """Draw the two squares, or say what to do first."""
    found = models(open_catalog())
    if not found:
        nothing_yet()
        return
    component("explore")(data={"models": found, "version": VERSION} | addresses(), key=key)


def nothing_yet() -> None:
    st.title("Put your finger on the latent space")
    st.markdown(
        "There is no model to explore yet. Train a VAE or a GAN: after its first epoch you can drag through what it has learnt, "
        "and go on watching it learn."
    )
    if st.button("Train a model", icon=":material/play_circle:", type="primary"):
        st.switch_page("pages/train.py")
