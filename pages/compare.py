"""Compare: the same grids, in the same order, of two to four models, epochs or real data; panels to download."""

from __future__ import annotations

import streamlit as st

from gencmp.ui.compare import compare

st.title("Side by side, the same way")
compare(key="compare")
