"""The paper's text, its code and gencmp, item by item: a table where there is room, on a phone a list that unfolds."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from gencmp.settings.paper import Row
from gencmp.ui.glossary.explain import explained, marked_once

TERMS = {  # by the words in which the rows have them
    "dropout": "dropout", "Noise": "noise", "noise": "noise", "smoothing": "label smoothing", "D": "D", "G": "G", "step": "step",
    "Learning rate": "learning rate", "Batch": "batch", "minibatch": "batch", "epochs": "epoch", "seed": "seed",
    "Encoder": "encoder", "Decoder": "decoder", "Reconstruction": "reconstruction", "KL": "KL", "N(0, I)": "prior", "nats": "nats",
}  # fmt: skip
HEADS = {"text": "The paper's text", "code": "The paper's code", "ours": "Here (preset “Paper”)"}
STYLE = """<style>
.gencmp-rows { --line: color-mix(in srgb, currentColor 18%, transparent); line-height: 1.4; }
.gencmp-rows table { width: 100%; border-collapse: collapse; margin: 0; }
.gencmp-rows :is(th, td) { text-align: left; vertical-align: top; padding: .5rem 1.2rem .5rem 0; font-weight: 400; }
.gencmp-rows :is(th, td) { border: 0; border-bottom: 1px solid var(--line); }
.gencmp-rows thead th { font-size: .9rem; opacity: .8; }
.gencmp-rows tbody th { font-weight: 600; white-space: nowrap; }
.gencmp-rows details { border-bottom: 1px solid var(--line); }
.gencmp-rows summary { display: flex; gap: .8rem; min-height: 44px; align-items: center; cursor: pointer; list-style: none; }
.gencmp-rows summary::after { content: "+"; font-size: 1.2rem; opacity: .7; }
.gencmp-rows details[open] summary::after { content: "–"; }
.gencmp-rows summary span { margin-left: auto; font-size: .9rem; opacity: .8; }
.gencmp-rows dl { margin: 0 0 .8rem; }
.gencmp-rows dt { font-size: .85rem; font-weight: 400; opacity: .8; margin-top: .3rem; }
.gencmp-rows dd { margin: 0; }
.gencmp-folded { display: none; }
@media (max-width: 760px) { .gencmp-rows table { display: none; } .gencmp-folded { display: block; } }
</style>"""


def show_rows(rows: Sequence[Row]) -> None:
    """Both forms are on the page, and the width decides which one is seen."""
    st.html(f'{STYLE}<div class="gencmp-rows">{_table(rows)}<div class="gencmp-folded">{_folded(rows)}</div></div>')


def _table(rows: Sequence[Row]) -> str:
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in ("Item", *HEADS.values()))
    lines = (
        f'<tr><th scope="row">{item}</th>{"".join(f"<td>{words}</td>" for words in parts)}</tr>'
        for item, *parts in _explained(rows)
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _folded(rows: Sequence[Row]) -> str:
    return "".join(
        f"<details><summary><strong>{escape(row.item)}</strong><span>{_like(row)}</span></summary><dl>"
        + "".join(f"<dt>{escape(head)}</dt><dd>{words}</dd>" for head, words in zip(HEADS.values(), parts, strict=True))
        + "</dl></details>"
        for row, parts in zip(rows, _explained(rows, with_items=False), strict=True)
    )


def _explained(rows: Sequence[Row], with_items: bool = True) -> list[list[str]]:
    """The words of each row as HTML, each term explained where it first stands. with_items: the row's name, too; what
    unfolds on a tap can hold no explanation."""
    words = [[*([row.item] if with_items else []), row.text, row.code, row.ours] for row in rows]
    html = iter(map(explained, marked_once((each for row in words for each in row), TERMS)))
    return [[next(html) for _ in row] for row in words]


def _like(row: Row) -> str:
    """Whom gencmp follows, in two or three words."""
    if row.ours.startswith("As the code") or row.ours == row.code:
        return "as the code"
    return "as the text" if "as the text" in row.ours else "differs"
