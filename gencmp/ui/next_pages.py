"""Links from finished runs to the pages that look at them: Explore, Compare, Verdict and Vote, with the models in the address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import streamlit as st

from gencmp.files import ROOT
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.pairs import have_same_data
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain

TITLES = {"explore": "Explore", "compare": "Compare", "verdict": "Verdict", "vote": "Vote"}
ICONS = {"explore": "touch_app", "compare": "splitscreen", "verdict": "balance", "vote": "how_to_vote"}
COLUMNS = 4  # that Compare shows at most


class Link(NamedTuple):
    page: str
    query: dict[str, str]


def page_of(name: str) -> Any:
    """A page, for st.page_link; also where only one page runs, as in tests."""
    return st.Page(ROOT / "pages" / f"{name}.py", title=TITLES[name], icon=f":material/{ICONS[name]}:")


def show_next_pages(records: Sequence[ModelRecord]) -> None:
    """Links for runs that have ended with weights, in the container at hand; nothing while any is open."""
    words, links = next_pages(records)
    if not links:
        return
    st.caption(plain(words), width="content")
    for page, query in links:
        st.page_link(page_of(page), query_params=query, width="content")


def next_pages(records: Sequence[ModelRecord]) -> tuple[str, list[Link]]:
    """What the links show, in words, and the links. A single model goes beside the shipped ones."""
    if any(record.run.is_open or not record.run.epoch for record in records):
        return "", []
    kinds = [record.run.kind for record in records]
    if sorted(kinds) == ["gan", "vae"]:
        both = {record.run.kind: record for record in records}
        return "This pair in", _links(both["gan"], both["vae"], [both["gan"], both["vae"]])
    if len(records) != 1:
        return "These runs in", [_compare(records)]
    [one] = records
    shipped = open_catalog().shipped_pair()
    if not shipped or one.is_shipped:
        return "", []
    both = shipped | {one.run.kind: one}
    return "Beside a shipped model in", _links(both["gan"], both["vae"], [one, shipped[one.run.kind]])


def _links(gan: ModelRecord, vae: ModelRecord, columns: Sequence[ModelRecord]) -> list[Link]:
    runs = {"runs": f"{gan.run.id},{vae.run.id}"}
    measured = [Link("verdict", runs), Link("vote", runs)] if have_same_data(gan.run, vae.run) else []
    return [Link("explore", {"gan": gan.run.id, "vae": vae.run.id}), _compare(columns), *measured]


def _compare(records: Sequence[ModelRecord]) -> Link:
    columns = [f"{record.run.id}@{record.run.epoch}" for record in records[:COLUMNS]]
    return Link("compare", {"columns": ",".join(columns)})
