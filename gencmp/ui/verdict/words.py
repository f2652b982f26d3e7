"""Words and small pieces of HTML that the picture and the tables of a verdict share. All text is escaped here."""

from __future__ import annotations

import html
from collections.abc import Sequence

from gencmp.evaluation.comparison import Row, listed, shown
from gencmp.evaluation.judges.panel import SPACES, label_of
from gencmp.evaluation.measures import Measure
from gencmp.graphics.words import unexplained
from gencmp.ui.glossary.explain import explained
from gencmp.ui.routes.assets import STATIC

DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "nearer floor": "closer to real is better",
}


TERMS = {  # of the criteria
    "legible": "legible", "unrecognised": "not recognised", "confidence": "confidence", "precision": "precision", "density": "density",
    "edges": "sharp edges", "blur": "grey share", "specks": "specks", "pieces": "connected pieces", "recall": "recall",
    "coverage": "coverage", "digit_kl": "histogram", "missing": "missing", "copies": "copies", "frechet": "Fréchet distance",
    "kernel": "kernel distance", "two_sample": "two-sample test", "sharpness": "sharpness", "neighbour_pixels": "nearest training",
    "neighbour_features": "nearest training", "parzen": "Parzen window",
}  # fmt: skip


def style() -> str:
    """The styles of this page's picture and tables."""
    return f"<style>{(STATIC / 'verdict' / 'verdict.css').read_text('utf-8')}</style>"


def safe(words: str) -> str:
    """Text as HTML."""
    return html.escape(words)


def named(row: Row, label: str, focus: bool = True) -> str:
    """The name of a row's criterion, explained. focus: see glossary/explain.py."""
    return explained(f"[{label}|{TERMS[row.name]}]", row.nouns, focus)


def with_unit(value: str, unit: str) -> str:
    value = unbroken(value)
    unit = {"digits": "digit", "classes": "class"}.get(unit, unit) if value == "1" else unit
    return f"{value} {unit}" if unit and unit != "share" else value


def unbroken(value: str) -> str:
    """With no-break spaces, so that a narrow column does not wrap at "±"."""
    return value.replace(" ± ", "\u00a0±\u00a0")


def figure(measure: Measure) -> str:
    """A value with its interval and unit."""
    return with_unit(shown(measure), measure.unit)


def leader(row: Row) -> str:
    """Who leads, in a word or two."""
    return row.leader or ("depends on the judge" if row.is_disputed else "equal" if _is_equal(row) else "no difference")


def _is_equal(row: Row) -> bool:
    return row.gan.value == row.vae.value and all(z_score == 0 for z_score in row.z_scores.values())


def mark(kind: str) -> str:
    """The mark of "gan" or "vae": a circle or a diamond."""
    return f'<i class="gv-mark gv-{kind}" aria-hidden="true"></i>'


def leader_badge(row: Row) -> str:
    """Who leads, with its mark, in its colour."""
    words = leader(row)
    if row.leader:
        return f'<b class="gv-lead gv-{row.leader.lower()}">{mark(row.leader.lower())}{words}</b>'
    return f'<span class="gv-lead">{words}</span>'


def judges(row: Row) -> str:
    """How many judges and which spaces are on which side: "5 of 5 judges, pixels; VAE: gradients (HOG)"."""
    asked = len([space for space in row.z_scores if space not in SPACES])
    if tuple(row.z_scores) == ("",):
        return "none needed"
    order = ("VAE", "GAN", "") if row.leader == "VAE" else ("GAN", "VAE", "")
    sides = [(side, row.spaces_for(side)) for side in order]
    return "; ".join(f"{_named(side, row)}{_counted(spaces, asked)}" for side, spaces in sides if spaces)


def _named(side: str, row: Row) -> str:
    return "" if side and side == row.leader else f"{side or 'no significant difference'}: "


def _counted(spaces: Sequence[str], asked: int) -> str:
    found = [space for space in spaces if space not in SPACES]
    kind = "pairs of judges" if any("+" in space for space in found) else "judges"
    count = [f"{len(found)} of {asked} {kind}"] if found else []
    return listed([*count, *(label_of(space) for space in spaces if space in SPACES)])


# Tables


def html_table(caption: str, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of sentences with terms; the first one of a line names it."""
    rows = "".join(
        f'<tr><th scope="row">{explained(name)}</th>{cells(heads[1:], list(map(explained, texts)))}</tr>'
        for name, *texts in lines
    )
    return table(caption, heads, f"<tbody>{rows}</tbody>")


def table(caption: str, heads: Sequence[str], bodies: str, kind: str = "") -> str:
    """A table of HTML rows. caption: its name for screen readers. kind: how it is laid out where it is narrow.

    The keyboard does not stop at the terms of its head, which is out of sight where the table is narrow: what stands below
    has them, too.
    """
    head = "".join(f'<th scope="col">{explained(each, focus=False)}</th>' for each in heads)
    return (
        f'<div class="gv-verdict"><table class="gv-table {kind}"><caption>{safe(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead>{bodies}</table></div>"
    )


def cells(heads: Sequence[str], texts: Sequence[str]) -> str:
    """data-head: what stands before a cell where the table is narrow and its head is not shown."""
    return "".join(
        f'<td data-head="{safe(unexplained(head))}"><div>{text}</div></td>'
        for head, text in zip(heads, texts, strict=True)
    )
