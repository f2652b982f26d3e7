"""Home: which model makes better digits?"""

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import book_width
from gencmp.ui.home.comparison import comparison
from gencmp.ui.home.words import CLAIM, PAIR, QUESTION, SOURCE

book_width()
with st.container(key="home-top"):  # on a narrow screen one above the other, see frame.css
    words, buttons = st.columns([3, 2], vertical_alignment="bottom")
with words:
    st.title(QUESTION)
    st.markdown(f"{CLAIM}  \n:gray[{SOURCE}]")
with buttons, st.container(horizontal=True, horizontal_alignment="right"):
    if st.button("Train them", type="primary", icon=":material/play_circle:"):
        st.switch_page("pages/train.py")
    if st.button("Explore", icon=":material/touch_app:"):
        st.switch_page("pages/explore.py")
    if st.button("Verdict", icon=":material/balance:"):
        st.switch_page("pages/verdict.py")

shipped = {record.run.id: record for record in open_catalog().shipped()}
if set(PAIR) <= shipped.keys():
    comparison(*(shipped[name] for name in PAIR))
else:
    st.info(
        "The shipped models are missing: checkpoints/ is incomplete. Download the project again, or train your own models.",
        icon=":material/search_off:",
    )
