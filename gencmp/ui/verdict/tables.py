"""The tables of a verdict: all criteria by question, each judge and space, and how each criterion is measured.

Each is an HTML table, which becomes one block a row where it is narrow, so that no column is cut off on a phone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from gencmp.data.classes import Nouns
from gencmp.evaluation.comparison import Row, listed, shown
from gencmp.evaluation.criteria import criteria
from gencmp.evaluation.judges.panel import label_of
from gencmp.evaluation.measures import Z_95, Measure
from gencmp.evaluation.questions import ASKED, answers
from gencmp.runs.evaluations.measured import Compared
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption, explain, marked
from gencmp.ui.verdict.words import DIRECTIONS, cells, figure, judges, leader_badge, named, safe, style, table, unbroken

OPINION = (
    "A measure is an opinion. Each judge is a classifier that has learnt for itself what sets the {classes} apart, and a distance in"
    " its features is large where that judge sees a difference. Judges that recognise real {pictures} equally well may still see"
    " different flaws; pixels and gradients (HOG) see what no classifier looks for. So believe a result as far as it survives"
    " another judge."
)
BOLD = "Bold: the model that leads where the difference is significant."
IN_OPINIONS = {"judge": "judge", "features": "features", "pixels": "pixels", "gradients (HOG)": "HOG"}


def tables(measured: Compared) -> None:
    """The criteria of the three questions, then what is folded away: the others, every judge, the methods."""
    rows, nouns = measured.rows, measured.gan.nouns
    st.html(
        style()
        + _criteria(
            [(each.question.title, "" if each.disputed else each.sureness, each.rows) for each in answers(rows)], nouns
        )
    )
    caption(_explained(measured), nouns)
    with st.expander("Each judge and space", icon=":material/gavel:"):
        st.markdown(explain(marked(OPINION.format(**vars(nouns)), IN_OPINIONS), nouns), unsafe_allow_html=True)
        st.markdown(disagreements(rows))
        st.caption(BOLD)
        st.html(style() + _by_judge(rows))
    with st.expander("Measures that detect copies or mislead", icon=":material/warning:"):
        st.html(style() + _criteria([("", "", [row for row in rows if row.name not in ASKED])], nouns))
    with st.expander("How each measure is made, and its source", icon=":material/function:"):
        st.html(style() + _methods(measured))


def disagreements(rows: Sequence[Row]) -> str:
    """What the judges and spaces disagree on, as a Markdown list."""
    asked = [row for row in rows if row.name in ASKED and len(row.z_scores) > 1]
    said = [f"{row.gan.label}: {row.sides}." for row in asked if row.is_disputed]
    for row in asked:
        if row.dissenting:
            other = "VAE" if row.leader == "GAN" else "GAN"
            against = f"only {listed(list(map(label_of, row.dissenting)))} the {other}"
            said.append(f"{row.gan.label}: every judge sees the {row.leader} ahead, {against}.")
    if not said:
        return "Here they all agree." if asked else ""
    return "\n".join(["Here they disagree:", *(f"* {plain(each)}" for each in said)])


def _explained(measured: Compared) -> str:
    nouns = measured.gan.nouns
    return (
        f"[±] is half of a [95 % interval] over both sets of pictures; “judges” is the range over the [judges|judge]."
        f" [Real {nouns.pictures}|floor] are training {nouns.pictures} evaluated like a model's: what a model that had learnt them perfectly"
        f" would reach. All are compared with test {nouns.pictures}, which other people may have made. [z] is the difference in standard"
        f" errors, by the first judge: below {Z_95} it is not [significant] at 95 %."
    )


# Criteria


def _criteria(groups: Sequence[tuple[str, str, Sequence[Row]]], nouns: Nouns) -> str:
    """groups: of each its title, how sure its answer is, and its rows."""
    heads = (
        "Measure",
        "GAN",
        "VAE",
        f"[Real {nouns.pictures}|floor]",
        "Who leads",
        "[How sure|significant]",
        "[Judges|judge]",
    )
    bodies = "".join(_body(title, sure, rows, heads) for title, sure, rows in groups if rows)
    return table("Every measure of both models and of real pictures", heads, bodies, "gv-criteria")


def _body(title: str, sure: str, rows: Sequence[Row], heads: Sequence[str]) -> str:
    head = (
        f'<tr class="gv-question"><th scope="rowgroup" colspan="{len(heads)}">{safe(title)} <small>{safe(sure)}</small></th></tr>'
        if title
        else ""
    )
    return f"<tbody>{head}{''.join(_line(row, heads) for row in rows)}</tbody>"


def _line(row: Row, heads: Sequence[str]) -> str:
    name = f"{named(row, row.gan.label, focus=row.name not in ASKED)}<small>{DIRECTIONS[row.gan.better]}</small>"
    real = safe(figure(row.floor)) if row.floor else "–"
    texts = (_figures(row.gan), _figures(row.vae), real, leader_badge(row), safe(sureness(row)), safe(judges(row)))
    return f'<tr><th scope="row">{name}</th>{cells(heads[1:], texts)}</tr>'


def _figures(measure: Measure) -> str:
    """A value with its interval, and its range over the judges where several were asked."""
    low, high = measure.spread
    over = f"<small>judges {_rounded(low)} to {_rounded(high)}</small>" if low != high else ""
    return safe(figure(measure)) + over


def _rounded(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.3g}"


def sureness(row: Row) -> str:
    """The significance by the first judge: "significant, z = 5.9"."""
    z_score = abs(next(iter(row.z_scores.values())))
    if not math.isfinite(z_score):
        return "no sampling error"
    z = f"z\u00a0=\u00a0{z_score:.1f}" if 0 < z_score < 10 else f"z\u00a0=\u00a0{z_score:.0f}"
    if row.is_disputed:
        return f"{z} by the first judge"
    return f"{'significant' if z_score >= Z_95 else 'not significant'}, {z}"


# Judges and spaces


def _by_judge(rows: Sequence[Row]) -> str:
    """A table with a column for each judge and space, and one of the pairs of judges that say what is legible."""
    judged = [row for row in rows if len(row.z_scores) > 1]
    parts = ([row for row in judged if _of_pairs(row) == pairs] for pairs in (False, True))
    return "".join(_matrix(part) for part in parts if part)


def _of_pairs(row: Row) -> bool:
    return any("+" in space for space in row.z_scores)


def _matrix(rows: Sequence[Row]) -> str:
    spaces = list(dict.fromkeys(space for row in rows for space in row.z_scores))
    heads = ["Measure", *(label_of(space) for space in spaces)]
    lines = "".join(
        f'<tr><th scope="row">{safe(row.gan.label)}<small>{DIRECTIONS[row.gan.better]}</small></th>'
        f"{cells(heads[1:], [_reading(row, space) for space in spaces])}</tr>"
        for row in rows
    )
    return table("Every measure by every judge and in every space", heads, f"<tbody>{lines}</tbody>", "gv-judges")


def _reading(row: Row, space: str) -> str:
    """Both models in one space, the leader's figure in its colour and bold; "–" where it was not measured."""
    if space not in row.z_scores:
        return "–"
    winner = row.winners[space]
    lines = [_of_model(kind, row, space, winner) for kind in ("gan", "vae")]
    if row.floor:
        lines.append(f"<small>real {safe(unbroken(shown(row.floor.read_in(space))))}</small>")
    return "".join(lines)


def _of_model(kind: str, row: Row, space: str, winner: str) -> str:
    words = f"{kind.upper()} {safe(unbroken(shown(getattr(row, kind).read_in(space))))}"
    leads = winner == kind.upper()
    return f'<b class="gv-{kind}">{words}</b>' if leads else f"<span>{words}</span>"


# Methods


def _methods(measured: Compared) -> str:
    """How each criterion is measured, with the counts that were used; those of the VAE's likelihood, too."""
    known = {each.name: each for each in measured.vae.measures} | {row.name: row.gan for row in measured.rows}
    heads = ("Measure", "How", "Source")
    lines = "".join(
        f'<tr><th scope="row">{safe(each.label)}</th>{cells(heads[1:], (safe(each.how), safe(each.source)))}</tr>'
        for each in (known.get(name, criterion) for name, criterion in criteria(measured.gan.nouns).items())
    )
    return table("How each measure is made", heads, f"<tbody>{lines}</tbody>")
