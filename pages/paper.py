"""Paper: what the paper says, what its code does, and what gencmp does."""

import pandas as pd
import streamlit as st

from gencmp.settings import paper
from gencmp.ui.frame import book_width
from gencmp.ui.paper.architecture import architecture
from gencmp.ui.paper.figures import show_figures

book_width()
st.title("What the paper says, what its code does, what we do")
st.markdown(f"“{paper.QUOTE}”  \n:gray[{paper.AUTHOR}: “{paper.TITLE}”]")

columns = {"item": "", "text": "The paper's text", "code": "The paper's code", "ours": "Here (preset “Paper”)"}
for title, kind, rows in (("GAN, sections 2 and 4", "gan", paper.GAN), ("VAE, sections 3 and 5", "vae", paper.VAE)):
    st.header(title)
    st.table(pd.DataFrame([vars(row) for row in rows]).rename(columns=columns).set_index(""))
    if kind == "vae":
        st.caption("  \n".join(paper.SLIPS))
    with st.expander("Network architecture", icon=":material/account_tree:"):
        architecture(kind)

st.header("The paper's figures, reproduced")
figures = st.container()  # filled last: the text should not wait for Matplotlib's import

st.header("Twelve claims to test yourself")
st.table(
    pd.DataFrame(
        [
            {"": str(number), "The paper's claim": claim.words, "Try it": claim.try_it}
            for number, claim in enumerate(paper.CLAIMS, 1)
        ]
    ).set_index("")
)
with figures:
    show_figures()
