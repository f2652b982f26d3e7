"""Compare: two to four models, epochs or real pictures as equal grids in the same order, and panels to download."""

from __future__ import annotations

import streamlit as st

from gencmp.ui.compare import compare

st.title("Compare models side by side")
compare(key="compare")
