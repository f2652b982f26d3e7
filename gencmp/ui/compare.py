"""The Compare page's component: columns of pictures, ordered alike, with their curves (static/compare.js and its rooms).

The server says which models there are; what is shown comes by plain HTTP (compare_routes.py), and the view lives in the
page's address. Downloads are plain links, so none of them reruns the page.
"""

from __future__ import annotations

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.routes.compare import choices


def compare(key: str) -> None:
    """Draw the columns, or say what to do first."""
    found = choices(open_catalog())
    if found:
        component("compare")(data={"models": found} | addresses(), key=key)
        return
    st.markdown(
        "There is no model to compare yet. Train a GAN and a VAE: after its first epoch each can stand here, beside real digits."
    )
    if st.button("Train both", icon=":material/play_circle:", type="primary"):
        st.switch_page("pages/train.py")
