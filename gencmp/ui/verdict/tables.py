"""The verdict, shown: the answer, the table, the classes drawn, the bounds."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from gencmp.data.classes import DIGITS, Nouns, chosen_names
from gencmp.evaluation.comparison import DECISIVE, Row, sentence, shown
from gencmp.evaluation.criteria import criteria
from gencmp.evaluation.verdicts import Verdict
from gencmp.ui.frame import plain
from gencmp.ui.verdict.plot import plot, strips, tone

MAX_NAMES = 40  # below a histogram
BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")


def answer(rows: Sequence[Row], nouns: Nouns = DIGITS) -> None:
    """The answer in one sentence, then in words, criterion by criterion."""
    real = f"Real {nouns.pictures}"
    st.subheader(sentence(rows), anchor=False)
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
        f"± is half of a 95 % interval. “{real}” are training {nouns.pictures} in a model's place: what a perfect model would reach."
        " Under 1.96 errors of the difference nobody can tell."
    )
    with st.expander("How each is measured, and where it comes from", icon=":material/function:"):
        st.table(pd.DataFrame(_methods(rows, nouns)).set_index("Criterion"))


def _methods(rows: Sequence[Row], nouns: Nouns) -> list[dict[str, str]]:
    """How each criterion is measured; with the counts that were used, where it was."""
    told = criteria(nouns) | {row.name: row.gan for row in rows}
    return [{"Criterion": each.label, "How": each.how, "Source": each.source} for each in told.values()]


def _better(row: Row) -> str:
    colour = {"GAN": "orange", "VAE": "blue"}.get(row.better)
    if colour:
        return f":{colour}[**{row.better}**], {row.how_sure}"
    return "equal" if row.gan.value == row.vae.value else "cannot tell"


def _with_unit(value: str, unit: str) -> str:
    value = _kept_together(value)
    unit = {"digits": "digit", "classes": "class"}.get(unit, unit) if value == "1" else unit
    return f"{value} {unit}" if unit and unit != "share" else value


def _kept_together(value: str) -> str:
    """A narrow column does not break it at "±"."""
    return value.replace(" ± ", "\u00a0±\u00a0")


def digits(gan: Verdict, vae: Verdict, floor: Verdict) -> None:
    """How often each model draws each class, by the judge, beside how often it occurs in the data."""
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
    """A short line over each class: the share of the real ones."""
    name = f"real {floor.nouns.pictures}"
    return {
        "type": "scatter", "mode": "lines", "name": name, "line": {"color": tone("real"), "width": 2.5},
        "x": [x for place in range(len(floor.digits)) for x in (place - 0.4, place + 0.4, None)],
        "y": [y for share in floor.digits for y in (share, share, None)],
        "hovertemplate": f"%{{y:.1%}}<extra>{name}</extra>",
    }  # fmt: skip


def _class_layout(names: Sequence[str], nouns: Nouns) -> dict[str, Any]:
    """The names below their bars, turned where they are long; where there is no room for them, a hover tells them."""
    title = f"{nouns.class_.capitalize()} that the judge sees"
    axis = {"title": {"text": title}, "range": [-0.6, len(names) - 0.4], "fixedrange": True}
    if nouns == DIGITS and len(names) == 10:
        axis["dtick"] = 1
    elif len(names) <= MAX_NAMES:
        axis |= {
            "tickvals": list(range(len(names))),
            "ticktext": [html.escape(name) for name in names],
            "automargin": True,
        }
    else:
        axis |= {"showticklabels": False, "title": {"text": f"{title}; point at a bar for its name"}}
    return {
        "bargap": 0.3, "xaxis": axis,
        "yaxis": {"title": {"text": "Share of pictures"}, "tickformat": ".0%", "nticks": 4, "rangemode": "tozero", "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, "showlegend": True, "margin": {"l": 56, "r": 16, "t": 8, "b": 44},
    }  # fmt: skip


def _digits_words(verdict: Verdict, name: str) -> str:
    missing = f"missing {plain(chosen_names(verdict.classes, verdict.missing))}" if verdict.missing else "none missing"
    return f"{name}: {missing}; KL to the data's {_kept_together(shown(verdict['digit_kl']))} nats."


def bounds(vae: Verdict) -> None:
    """ELBO <= IWAE <= log p(x), with their intervals."""
    measures = [vae[name] for name in BOUNDS if name in vae]
    if not measures:
        return
    st.subheader("How near the VAE's bound comes", anchor=False)
    gap = vae["bound_gap"] if "bound_gap" in vae else None
    picture = vae.nouns.picture
    words = f" {picture.capitalize()} by {picture} the ELBO misses {shown(gap)} nats of log p(x)." if gap else ""
    st.caption(
        f"More draws tighten the bound; with two latent numbers, log p(x) itself can be summed over the plane.{words}"
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
