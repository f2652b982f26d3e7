"""Which classes the models draw, and how tight the VAE's bound is: two charts below the verdict."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import streamlit as st

from gencmp.data.classes import DIGITS, Nouns, chosen_names
from gencmp.evaluation.comparison import shown
from gencmp.evaluation.verdicts import Verdict
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption, explain
from gencmp.ui.verdict.plot import plot, strips, tone
from gencmp.ui.verdict.words import unbroken

NAMES_AT_MOST = 40  # below a histogram; more have no room
BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")


def digits(gan: Verdict, vae: Verdict, floor: Verdict) -> None:
    """How often each model draws each class according to the judge, next to how often it occurs in the data."""
    nouns = gan.nouns
    st.subheader(f"Which {nouns.classes} they draw", anchor=False)
    plot([*_class_bars(gan, vae), _class_lines(floor)], "digits", 230, _class_layout(gan.classes, nouns))
    names = {"GAN": gan, "VAE": vae, f"Real {nouns.pictures}": floor}
    st.caption(" ".join(_digits_words(verdict, name) for name, verdict in names.items()), unsafe_allow_html=True)


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
    kl = f"[KL|histogram] from the data's {unbroken(shown(verdict['digit_kl']))} [nats]."
    return f"{name}: {missing}; {explain(kl, verdict.nouns)}"


def bounds(vae: Verdict) -> None:
    """ELBO <= IWAE <= log p(x), with their intervals."""
    measures = [vae[name] for name in BOUNDS if name in vae]
    if not measures:
        return
    st.subheader("How tight is the VAE's bound?", anchor=False)
    gap = vae["bound_gap"] if "bound_gap" in vae else None
    picture = vae.nouns.picture
    words = f" Per {picture}, the [ELBO] is {shown(gap)} [nats] below log p(x)." if gap else ""
    caption(
        f"More samples tighten the [bound|IWAE bound]. With two latent dimensions, [log p(x)] itself can be integrated over the plane.{words}",
        vae.nouns,
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
