"""Paper: what the paper says, what its code does, and what gencmp does."""

import streamlit as st

from gencmp.settings import paper
from gencmp.ui.frame import book_width
from gencmp.ui.paper.architecture import architecture
from gencmp.ui.paper.claims import show_claims
from gencmp.ui.paper.figures import show_figures
from gencmp.ui.paper.rows import show_rows

book_width()
st.title("What the paper says, what its code does, what we do")
st.markdown(f"“{paper.QUOTE}”  \n:gray[{paper.AUTHOR}: “{paper.TITLE}”]")

for title, kind, rows in (("GAN, sections 2 and 4", "gan", paper.GAN), ("VAE, sections 3 and 5", "vae", paper.VAE)):
    st.header(title)
    show_rows(rows)
    if kind == "vae":
        st.caption("  \n".join(paper.SLIPS))
    architecture(kind)

st.header("The paper's figures, reproduced")
figures = st.container()  # filled last: the text should not wait for Matplotlib's import

st.header("Twelve claims to test yourself")
show_claims()
with figures:
    show_figures()
