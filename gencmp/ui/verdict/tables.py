"""The tables and charts of a verdict: the answer, all criteria, the classes drawn, the likelihood bounds."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from gencmp.data.classes import DIGITS, Nouns, chosen_names
from gencmp.evaluation.comparison import DECISIVE, Row, sentence, shown
from gencmp.evaluation.criteria import criteria
from gencmp.evaluation.measures import Z_95
from gencmp.evaluation.verdicts import Verdict
from gencmp.ui.frame import plain
from gencmp.ui.verdict.plot import plot, strips, tone

NAMES_AT_MOST = 40  # below a histogram; more have no room
BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")


def answer(rows: Sequence[Row], nouns: Nouns = DIGITS) -> None:
    """The answer in one sentence, then a table of all criteria."""
    real = f"Real {nouns.pictures}"
    st.header(sentence(rows), anchor=False)
    st.table(
        pd.DataFrame(
            [
                {
                    "Criterion": row.gan.label,
                    "GAN": _with_unit(shown(row.gan), row.gan.unit),
                    "VAE": _with_unit(shown(row.vae), row.vae.unit),
                    real: _with_unit(shown(row.floor), row.floor.unit) if row.floor else "–",
                    "Better": _better(row),
                    "In words": row.saying,
                }
                for row in sorted(rows, key=lambda row: row.name not in DECISIVE)
            ]
        ).set_index("Criterion")
    )
    st.caption(
        f"± is half of a 95 % interval. “{real}” are training {nouns.pictures} evaluated like a model's: what a perfect model would reach."
        f" Differences of less than {Z_95} standard errors are not significant (95 %)."
    )
    with st.expander("How each criterion is measured, and its source", icon=":material/function:"):
        st.table(pd.DataFrame(_methods(rows, nouns)).set_index("Criterion"))


def _methods(rows: Sequence[Row], nouns: Nouns) -> list[dict[str, str]]:
    """How each criterion is measured; those of `rows` with the counts that were used."""
    known = criteria(nouns) | {row.name: row.gan for row in rows}
    return [{"Criterion": each.label, "How": each.how, "Source": each.source} for each in known.values()]


def _better(row: Row) -> str:
    colour = {"GAN": "orange", "VAE": "blue"}.get(row.better)
    if colour:
        return f":{colour}[**{row.better}**], {row.lead_words}"
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
