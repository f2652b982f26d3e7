"""Verdict: is the paper right?"""

import pandas as pd
import streamlit as st

from gencmp.runs.run import machine_sentence
from gencmp.settings import paper
from gencmp.settings.configs import SHIPPED_DATA
from gencmp.ui.catalog import open_catalog
from gencmp.ui.choosing import choose_first, keep_choice, say_newest
from gencmp.ui.frame import book_width, plain
from gencmp.ui.measured import judged, rows_of
from gencmp.ui.verdict.measuring import measure
from gencmp.ui.verdict.seeds import seeds
from gencmp.ui.verdict.tables import answer, bounds, digits

book_width()
# on a phone the last column keeps its width and the table scrolls: wrapped at every word it would be ten screens high
st.html('<style>@media (max-width: 640px) { [data-testid="stTable"] td:last-child { min-width: 14rem; } }</style>')
st.title("Is the paper right?")
st.markdown(f"“{paper.QUOTE}”")

by_kind: dict[str, dict[str, str]] = {"gan": {}, "vae": {}}  # id -> name
for choice in open_catalog().choices():
    by_kind[choice.kind][choice.id] = choice.name
if not all(by_kind.values()):
    st.info(
        "A GAN and a VAE are needed, each with at least one epoch. Train both first.", icon=":material/play_circle:"
    )
    st.stop()
choose_first("verdict", {kind: list(names) for kind, names in by_kind.items()})
chosen = {}
for column, (kind, names) in zip(st.columns(2), by_kind.items(), strict=True):
    found = column.selectbox(kind.upper(), list(names), format_func=names.__getitem__, key=f"verdict.{kind}")
    chosen[kind] = open_catalog().find(found)
keep_choice("verdict", [record.run.id for record in chosen.values()])
say_newest("verdict", list(chosen.values()))

measured = rows_of(chosen["gan"], chosen["vae"])
if measured is None:
    measure([record for record in chosen.values() if None in judged(record)])
else:
    answer(measured)
    if differ := machine_sentence([record.run for record in chosen.values()]):
        st.caption(plain(differ))
    digits(measured.gan, measured.vae, measured.floor)
    bounds(measured.vae)
    if measured.gan.dataset == SHIPPED_DATA and measured.gan.asks_for_all:
        st.subheader("Does another seed give another answer?", anchor=False)
        seeds()

st.subheader("What others have published", anchor=False)
columns = {"what": "Measure", "figures": "Figures", "source": "Source", "comparable": "Comparable with ours?"}
st.table(pd.DataFrame([vars(row) for row in paper.PUBLISHED]).rename(columns=columns).set_index("Measure"))
