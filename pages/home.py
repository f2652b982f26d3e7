"""Home: which model makes better digits?"""

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import book_width
from gencmp.ui.home import comparison

VERDICT = (
    "By eye, the GAN's strokes are crisp but speckled, and some digits are malformed; the VAE's are smooth and mostly legible,"
    " but blurred."
)

book_width()
with st.container(key="home-top"):  # on a narrow screen one above the other, see frame.css
    words, buttons = st.columns([3, 2], vertical_alignment="bottom")
with words:
    st.title("Which model makes better digits?")
    st.markdown(
        "“VAE yields clear and better quality images than GAN”  \n:gray[Sachit Verma, “Comparing Generative"
        " Adversarial Networks and Variational Auto Encoders on MNIST”]"
    )
with buttons, st.container(horizontal=True, horizontal_alignment="right"):
    if st.button("Train them", type="primary", icon=":material/play_circle:"):
        st.switch_page("pages/train.py")
    if st.button("Explore", icon=":material/touch_app:"):
        st.switch_page("pages/explore.py")
    if st.button("Verdict", icon=":material/balance:"):
        st.switch_page("pages/verdict.py")

shipped = {record.run.id: record for record in open_catalog().shipped()}
if {"paper-gan", "paper-vae"} <= shipped.keys():
    comparison(shipped["paper-gan"], shipped["paper-vae"], VERDICT)
else:
    st.info(
        "The shipped models are missing: checkpoints/ is incomplete. Download the project again, or train your own models.",
        icon=":material/search_off:",
    )
