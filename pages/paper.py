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

columns = {"item": "Part", "text": "The paper's text", "code": "The paper's code", "ours": "Here (preset “Paper”)"}
for title, kind, rows in (("GAN, sections 2 and 4", "gan", paper.GAN), ("VAE, sections 3 and 5", "vae", paper.VAE)):
    st.header(title)
    with st.container(key=f"stacked_{kind}"):
        table = pd.DataFrame([vars(row) for row in rows]).rename(columns=columns).set_index("Part")
        st.table(table, alt=f"{title}: text, code, and what is done here")
    if kind == "vae":
        st.caption("  \n".join(paper.SLIPS))
    with st.expander("Network architecture", icon=":material/account_tree:"):
        architecture(kind)

st.header("The paper's figures, reproduced")
figures = st.container()  # filled last: the text should not wait for Matplotlib's import

st.header("Twelve claims to test yourself")
claims = [
    {"No.": str(number), "The paper's claim": claim.words, "Try it": claim.try_it}
    for number, claim in enumerate(paper.CLAIMS, 1)
]
with st.container(key="stacked_claims"):
    st.table(pd.DataFrame(claims).set_index("No."), alt="The paper's claims, and how to try each")
with figures:
    show_figures()
