"""Families of runs as trees: each fork below its parent, with the epoch at which it left it and what was changed."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

import streamlit as st

from gencmp.runs.catalog import Catalog
from gencmp.runs.forks.family import Member, families
from gencmp.runs.forks.words import exactness
from gencmp.runs.names import shipped_names
from gencmp.runs.run import Run
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.ghosts import found
from gencmp.ui.forks.links import compare_columns
from gencmp.ui.glossary.explain import caption

FAMILIES = 30  # drawn at first

STYLE = """<style>
.gc-tree, .gc-tree ul { list-style: none; margin: 0 !important; padding: 0 !important; }
.gc-tree ul { margin-left: 1.75rem !important; }
.gc-tree li { position: relative; margin: 0 !important; padding: 0 !important; }
.gc-tree > li { margin-bottom: 1.4rem !important; }
.gc-tree ul > li::before { content: ""; position: absolute; left: -.75rem; top: 0; height: 100%; border-left: 1px solid var(--faint); }
.gc-tree ul > li:last-child::before { height: 2rem; }
.gc-tree ul > li::after { content: ""; position: absolute; left: -.75rem; top: 2rem; width: .65rem; border-top: 1px solid var(--faint); }
.gc-node { display: flex; gap: .75rem; align-items: flex-start; padding: .4rem 0; line-height: 1.35; }
.gc-node .picture { flex: none; width: 3.5rem; height: 3.5rem; border-radius: 3px; overflow: hidden; background: light-dark(#fff, #000);
  border: 1px solid light-dark(#DDD9D1, #3A3733); isolation: isolate; }
.gc-node .picture img { width: 100%; height: 100%; display: block; mix-blend-mode: difference; }
.gc-node .kind { font-weight: 650; font-size: max(.85rem, var(--least)); margin-right: .35em; }
.gc-node .gan { color: light-dark(#B04C00, #F07B2A); }
.gc-node .vae { color: light-dark(#0072B2, #4BA3DB); }
.gc-node a { color: inherit; text-underline-offset: .2em; overflow-wrap: anywhere; }
.gc-node a.name { font-weight: 600; }
.gc-node .facts, .gc-node .changed { display: block; font-size: max(.88rem, var(--least)); }
.gc-node .facts { color: var(--faint); }
.gc-node del { text-decoration: none; font-style: italic; color: var(--faint); }
@media (max-width: 640px) { .gc-tree ul { margin-left: 1.2rem !important; } .gc-node .picture { width: 2.8rem; height: 2.8rem; }
  .gc-node { gap: .5rem; } }
</style>"""


def show_tree() -> None:
    """All families that have a fork; a sentence where there are none."""
    catalog = open_catalog()
    trees = families(catalog)
    if not trees:
        caption("No [fork] yet. On Train, or with a run selected in the table, “Go on from an epoch” makes one.")
        return
    caption("Each [fork] stands below the run that it goes on from. Runs without forks are in the table only.")
    st.html(STYLE + tree_html(trees[: st.session_state.get("runs.families", FAMILIES)], catalog))
    if len(trees) > (shown := st.session_state.get("runs.families", FAMILIES)):
        st.button("Show more", icon=":material/expand_more:", type="tertiary", on_click=_show_more, args=(shown,))


def _show_more(shown: int) -> None:
    st.session_state["runs.families"] = shown + FAMILIES


def tree_html(trees: list[Member], catalog: Catalog) -> str:
    """Nested lists, which screen readers know as trees of links."""
    return f'<ul class="gc-tree">{"".join(_branch(tree, catalog) for tree in trees)}</ul>'


def _branch(member: Member, catalog: Catalog) -> str:
    children = "".join(_branch(child, catalog) for child in member.children)
    below = f"<ul>{children}</ul>" if children else ""
    return f"<li>{_node(member, catalog)}{below}</li>"


def _node(member: Member, catalog: Catalog) -> str:
    run, left = member.run, f"From epoch {member.epoch}" if member.epoch else "Again from the start"
    words = f"{left}: {escape(member.changed)}" if member.changed else left
    changed = f'<span class="changed">{words}</span>' if member.parent else ""
    if run is None:
        return f'<div class="gc-node"><div><del>{escape(member.name)}, deleted</del>{changed}</div></div>'
    state = "shipped" if run.id in shipped_names() else run.state_word
    name = f'<a class="name" target="_self" href="train?{urlencode({"runs": run.id})}">{escape(without_kind(run))}</a>'
    facts = " · ".join(
        filter(None, [f"{state}, epoch {run.epoch_now} of {run.epochs}", exactness(run), _compare(member, catalog)])
    )
    return (
        f'<div class="gc-node">{_picture(run)}<div><span class="kind {run.kind}">{run.kind.upper()}</span>{name}{changed}'
        f'<span class="facts">{facts}</span></div></div>'
    )


def without_kind(run: Run) -> str:
    """Its name without the kind in front, which stands there in colour; as on its card."""
    first, _, rest = run.name.partition(" ")
    return rest if rest and first.lower() == run.kind else run.name


def _picture(run: Run) -> str:
    """The newest samples; of a fork that waits, those it starts with."""
    epoch = run.epoch or run.origin.get("epoch", 0)
    picture = f'<img alt="" loading="lazy" src="gencmp/pictures/{run.id}/{epoch}/samples.png">' if epoch else ""
    return f'<span class="picture">{picture}</span>'


def _compare(member: Member, catalog: Catalog) -> str:
    """A link that shows it beside its parent."""
    parent = member.parent and member.parent.run and found(catalog, member.parent.id)
    child = found(catalog, member.id)
    columns = compare_columns(parent, child) if parent and child else ""
    return (
        f'<a target="_self" href="compare?{urlencode({"columns": columns})}">Compare with its parent</a>'
        if columns
        else ""
    )
