"""Verdict: is the paper right?"""

import streamlit as st

from gencmp.runs.evaluations.measured import judged, rows_of
from gencmp.runs.run import machine_sentence
from gencmp.settings import paper
from gencmp.ui.catalog import open_catalog
from gencmp.ui.choosing import choose_first, keep_choice, say_newest
from gencmp.ui.frame import book_width, plain, stop
from gencmp.ui.verdict.classes_and_bounds import bounds, digits
from gencmp.ui.verdict.measuring import measure
from gencmp.ui.verdict.picture import picture
from gencmp.ui.verdict.published import published
from gencmp.ui.verdict.seeds import seeds
from gencmp.ui.verdict.tables import tables

book_width()
words, *places = st.columns([2, 1, 1], vertical_alignment="bottom")
with words:
    st.title("Is the paper right?")
    st.caption(f"“{paper.QUOTE}”")

by_kind: dict[str, dict[str, str]] = {"gan": {}, "vae": {}}  # id -> name
for choice in open_catalog().choices():
    by_kind[choice.kind][choice.id] = choice.name
if not all(by_kind.values()):
    st.info(
        "A GAN and a VAE are needed, each with at least one epoch. Train both first.", icon=":material/play_circle:"
    )
    stop()
choose_first("verdict", {kind: list(names) for kind, names in by_kind.items()})
chosen = {}
for column, (kind, names) in zip(places, by_kind.items(), strict=True):
    found = column.selectbox(kind.upper(), list(names), format_func=names.__getitem__, key=f"verdict.{kind}")
    chosen[kind] = open_catalog().find(found)
keep_choice("verdict", [record.run.id for record in chosen.values()])
say_newest("verdict", list(chosen.values()))

measured = rows_of(chosen["gan"], chosen["vae"])
if measured is None:
    measure(list(chosen.values()), [record for record in chosen.values() if None in judged(record)])
else:
    picture(measured, [record.run for record in chosen.values()])
    tables(measured)
    if differ := machine_sentence([record.run for record in chosen.values()]):
        st.caption(plain(differ))
    digits(measured.gan, measured.vae, measured.floor)
    bounds(measured.vae)
    seeds(measured.gan)

published()
