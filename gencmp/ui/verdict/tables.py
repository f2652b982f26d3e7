"""The tables and charts of a verdict: the answer, all criteria, the classes drawn, the likelihood bounds."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from gencmp.data.classes import DIGITS, Nouns, chosen_names
from gencmp.evaluation.comparison import Row, shown
from gencmp.evaluation.judges.panel import label_of
from gencmp.evaluation.measures import Z_95
from gencmp.evaluation.questions import ASKED, answers, claim, compared
from gencmp.evaluation.verdicts import Verdict
from gencmp.ui.frame import plain
from gencmp.ui.measured import Compared
from gencmp.ui.verdict.plot import plot, strips, tone

NAMES_AT_MOST = 40  # below a histogram; more have no room
BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")


def answer(measured: Compared) -> None:
    """What was compared and what it says of the claim, the three questions, then a table of all criteria."""
    rows, nouns = measured.rows, measured.gan.nouns
    said = answers(rows)
    st.subheader(claim(measured.gan, measured.vae, rows), anchor=False)
    st.caption(
        plain(f"Compared: {compared(measured.gan, measured.vae)}, {measured.gan.count:,} {nouns.pictures} of each.")
    )
    for each in said:
        st.subheader(each.question.title, anchor=False)
        st.markdown(plain(f"{each.question.about.format(**vars(nouns))} {each.sentence}"))
        st.caption(plain(each.sureness))
        _criteria(each.rows, nouns)
    st.caption(_explained(measured))
    others = [row for row in rows if row.name not in ASKED]
    with st.expander("Measures that detect copies or mislead", icon=":material/warning:"):
        _criteria(others, nouns)
    with st.expander("The same by every judge, and in pixels and gradients", icon=":material/gavel:"):
        st.table(pd.DataFrame(_by_judge(rows)).set_index("Criterion"))
    with st.expander("How each criterion is measured, and its source", icon=":material/function:"):
        st.table(pd.DataFrame(_methods(measured)).set_index("Criterion"))


def _explained(measured: Compared) -> str:
    nouns = measured.gan.nouns
    return (
        f"± is half of a 95 % interval. “Real {nouns.pictures}” are training {nouns.pictures} evaluated like a model's: what a model"
        f" that had learnt them perfectly would reach. All are compared with test {nouns.pictures}, which other people may have"
        f" made. Differences of less than {Z_95} standard errors are not significant (95 %)."
    )


def _criteria(rows: Sequence[Row], nouns: Nouns) -> None:
    """The first judge's figures."""
    shown_rows = [
        {
            "Criterion": row.gan.label,
            "GAN": _with_unit(shown(row.gan), row.gan.unit),
            "VAE": _with_unit(shown(row.vae), row.vae.unit),
            f"Real {nouns.pictures}": _with_unit(shown(row.floor), row.floor.unit) if row.floor else "–",
            "Better": _better(row),
            "In words": row.saying,
        }
        for row in rows
    ]
    st.table(pd.DataFrame(shown_rows).set_index("Criterion"))


def _by_judge(rows: Sequence[Row]) -> list[dict[str, str]]:
    """One line for each criterion and judge or space."""
    lines = []
    for row in rows:
        for space in row.winners if len(row.winners) > 1 else ():
            floor = shown(row.floor.read_in(space)) if row.floor else "–"
            models = {each.upper(): _unbroken(shown(getattr(row, each).read_in(space))) for each in ("gan", "vae")}
            judge = {"Judge or space": label_of(space)}
            ahead = {"Better": row.winners[space] or "not significant"}
            lines.append({"Criterion": row.gan.label} | judge | models | {"Real": _unbroken(floor)} | ahead)
    return lines


def _methods(measured: Compared) -> list[dict[str, str]]:
    """How each criterion is measured, with the counts that were used; those of the VAE's likelihood, too."""
    known = {row.name: row.gan.criterion for row in measured.rows}
    known |= {each.name: each.criterion for each in measured.vae.measures if each.name not in known}
    return [{"Criterion": each.label, "How": each.how, "Source": each.source} for each in known.values()]


def _better(row: Row) -> str:
    if row.is_disputed:
        return "depends on the judge"
    colour = {"GAN": "orange", "VAE": "blue"}.get(row.leader)
    if colour:
        return f":{colour}[**{row.leader}**], {row.lead_words}"
    return "equal" if row.gan.value == row.vae.value else "not significant"


def _with_unit(value: str, unit: str) -> str:
    value = _unbroken(value)
    unit = {"digits": "digit", "classes": "class"}.get(unit, unit) if value == "1" else unit
    return f"{value} {unit}" if unit and unit != "share" else value


def _unbroken(value: str) -> str:
    """With no-break spaces, so that a narrow column does not wrap at "±"."""
    return value.replace(" ± ", "\u00a0±\u00a0")


def digits(gan: Verdict, vae: Verdict, floor: Verdict) -> None:
    """How often each model draws each class according to the judge, next to how often it occurs in the data."""
    nouns = gan.nouns
    st.subheader(f"Which {nouns.classes} they draw", anchor=False)
    plot([*_class_bars(gan, vae), _class_lines(floor)], "digits", 230, _class_layout(gan.classes, nouns))
    names = {"GAN": gan, "VAE": vae, f"Real {nouns.pictures}": floor}
    st.caption(" ".join(_digits_words(verdict, name) for name, verdict in names.items()))


def _class_bars(*verdicts: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "type": "bar", "x": list(range(len(verdict.digits))), "y": verdict.digits, "name": verdict.kind.upper(),
            "marker": {"color": tone(verdict.kind)}, "customdata": [html.escape(name) for name in verdict.classes],
            "hovertemplate": f"{verdict.nouns.class_} %{{customdata}}: %{{y:.1%}}<extra>{verdict.kind.upper()}</extra>",
        }
        for verdict in verdicts
    ]  # fmt: skip


def _class_lines(floor: Verdict) -> dict[str, Any]:
    """A short horizontal line for each class: its share among real pictures."""
    name = f"real {floor.nouns.pictures}"
    return {
        "type": "scatter", "mode": "lines", "name": name, "line": {"color": tone("real"), "width": 2.5},
        "x": [x for place in range(len(floor.digits)) for x in (place - 0.4, place + 0.4, None)],
        "y": [y for share in floor.digits for y in (share, share, None)],
        "hovertemplate": f"%{{y:.1%}}<extra>{name}</extra>",
    }  # fmt: skip


def _class_layout(names: Sequence[str], nouns: Nouns) -> dict[str, Any]:
    """Class names below their bars, rotated where they are long; where there is no room, they appear on hover."""
    title = f"{nouns.class_.capitalize()} that the judge sees"
    axis = {"title": {"text": title}, "range": [-0.6, len(names) - 0.4], "fixedrange": True}
    if nouns == DIGITS and len(names) == 10:
        axis["dtick"] = 1
    elif len(names) <= NAMES_AT_MOST:
        axis |= {
            "tickvals": list(range(len(names))),
            "ticktext": [html.escape(name) for name in names],
            "automargin": True,
        }
    else:
        axis |= {"showticklabels": False, "title": {"text": f"{title}; hover over a bar for its name"}}
    return {
        "bargap": 0.3, "xaxis": axis,
        "yaxis": {"title": {"text": "Share of pictures"}, "tickformat": ".0%", "nticks": 4, "rangemode": "tozero", "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, "showlegend": True, "margin": {"l": 56, "r": 16, "t": 8, "b": 44},
    }  # fmt: skip


def _digits_words(verdict: Verdict, name: str) -> str:
    missing = f"missing {plain(chosen_names(verdict.classes, verdict.missing))}" if verdict.missing else "none missing"
    return f"{name}: {missing}; KL from the data's {_unbroken(shown(verdict['digit_kl']))} nats."


def bounds(vae: Verdict) -> None:
    """ELBO <= IWAE <= log p(x), with their intervals."""
    measures = [vae[name] for name in BOUNDS if name in vae]
    if not measures:
        return
    st.subheader("How tight is the VAE's bound?", anchor=False)
    gap = vae["bound_gap"] if "bound_gap" in vae else None
    picture = vae.nouns.picture
    words = f" Per {picture}, the ELBO is {shown(gap)} nats below log p(x)." if gap else ""
    st.caption(
        f"More samples tighten the bound. With two latent dimensions, log p(x) itself can be integrated over the plane.{words}"
    )
    error = {
        "type": "data", "symmetric": False, "array": [m.high - m.value for m in measures], "arrayminus": [m.value - m.low for m in measures],
    }  # fmt: skip
    trace = {
        "type": "scatter", "mode": "markers", "x": [m.value for m in measures], "y": [m.label for m in measures], "error_x": error,
        "marker": {"size": 10, "color": tone("vae")}, "hovertemplate": "%{x:.1f} nats per image<extra>%{y}</extra>",
    }  # fmt: skip
    plot(
        [trace],
        "bounds",
        260,
        strips(f"Nats per image of {vae.used.bounded} test {vae.nouns.pictures}"),
    )
