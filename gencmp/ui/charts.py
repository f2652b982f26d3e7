"""Rows in, Plotly figures out, as plain JSON: the same specification draws a live chart in the browser,
a finished one with st.plotly_chart, and one in a file. Imports neither torch nor plotly.

A live trace says in its `meta` which column it shows; the browser fills in what arrives. `tone` names one of the
identity's colours, so that light and dark can each draw it their own way.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from gencmp.events import WORDS

Figure = dict[str, Any]


def equilibrium(real_label: float) -> dict[str, float]:
    """Where a GAN rests when G's pictures cannot be told from real ones, in nats, and the lowest loss D can reach.

    With the paper's label of 0.9: D(x) = 0.45, D loss 1.376, G loss 0.799, and 0.325 when D has won
    (Goodfellow et al. 2014, section 4.1, with one-sided label smoothing).
    """
    d = real_label / 2
    rest = -(real_label * math.log(d) + (1 - real_label) * math.log(1 - d)) - math.log(1 - d)
    smooth = real_label * math.log(real_label) + (1 - real_label) * math.log(1 - real_label) if real_label < 1 else 0.0
    return {"d": d, "discriminator_loss": rest, "generator_loss": -math.log(d), "d_has_won": -smooth}


def live_charts(kind: str, config: Mapping[str, Any], entropy_floor: float) -> list[Figure]:
    """The charts of a run, first the losses, still without data."""
    return gan_charts(config) if kind == "gan" else vae_charts(entropy_floor)


def gan_charts(config: Mapping[str, Any]) -> list[Figure]:
    rest = equilibrium(config["real_label"])
    losses = _figure(
        "Loss (nats)",
        [*_curve("discriminator_loss", "gan"), *_curve("generator_loss", "gan2")],
        [
            _line(rest["discriminator_loss"], "", "gan"),
            _line(rest["generator_loss"], "", "gan2"),
            _line(rest["d_has_won"], "", "real", dash="dot"),
        ],
    )
    names = {  # the upper one above its line, the lower one below: with high losses the three lines are close together
        "discriminator_loss": ("D at rest", "gan", "bottom"),
        "generator_loss": ("G at rest", "gan2", "middle"),
        "d_has_won": ("D has won", "real", "top"),
    }
    losses["layout"]["annotations"] = [_beside(rest[line], *name) for line, name in names.items()]
    losses["layout"]["margin"]["r"] = 66
    opinions = _figure(
        "D's opinion: 1 real, 0 fake",
        [*_curve("d_real", "real"), *_curve("d_fake", "gan")],
        [_line(rest["d"], f"at rest {rest['d']:.2f}", "real")],
        y={"range": [0, 1]},
    )
    return [losses, opinions]


def vae_charts(entropy_floor: float) -> list[Figure]:
    test = {
        "type": "scatter", "mode": "lines+markers", "name": WORDS["negative_elbo"], "x": [], "y": [],
        "line": {"width": 1.5, "dash": "dot"}, "marker": {"size": 5, "symbol": "diamond"},
        "meta": {"column": "negative_elbo", "of": "test", "tone": "real"},
        "hovertemplate": "%{y:.2f} nats per image<extra>test negative ELBO</extra>",
    }  # fmt: skip
    floor = [_line(entropy_floor, "entropy of the data", "real", dash="dot")] if entropy_floor else []
    losses = _figure("Nats per image", [*_curve("reconstruction", "vae"), test], floor, y={"rangemode": "tozero"})
    return [losses, _figure("Nats per image", _curve("kl", "vae2"), [], y={"rangemode": "tozero"})]


def overlay(curves: Sequence[tuple[str, str, Mapping[str, Sequence[float]]]], column: str, title: str) -> Figure:
    """One measure of several runs: (name, colour, {"epoch": ..., column: ...}) each."""
    traces = [
        {
            "type": "scatter", "mode": "lines", "name": html.escape(name),  # Plotly reads some HTML
            "x": rows["epoch"], "y": rows[column],
            "line": {"width": 2, "color": colour},
        }
        for name, colour, rows in curves
    ]  # fmt: skip
    figure = _figure(title, traces, [])
    figure["layout"] |= {"showlegend": True, "height": 340, "margin": {"l": 56, "r": 16, "t": 36, "b": 40}}
    return figure


def _curve(column: str, tone: str) -> list[Figure]:
    """A measure twice: raw and faint, and smoothed and strong."""
    common = {"type": "scatter", "mode": "lines", "x": [], "y": [], "legendgroup": column}
    raw = common | {"line": {"width": 1}, "opacity": 0.28, "hoverinfo": "skip", "showlegend": False}
    strong = common | {
        "name": WORDS[column],
        "line": {"width": 2},
        "hovertemplate": f"%{{y:.3f}}<extra>{WORDS[column]}</extra>",
    }
    meta = {"column": column, "of": "steps", "tone": tone}
    return [raw | {"meta": meta | {"smooth": False}}, strong | {"meta": meta | {"smooth": True}}]


def _line(y: float, label: str, tone: str, dash: str = "dash") -> Figure:
    """A reference line across the chart, with its name, if any, above it."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": {"width": 1, "dash": dash}, "layer": "below",
        "label": {"text": label, "textposition": "end", "yanchor": "bottom", "font": {"size": 11}}, "tone": tone,
    }  # fmt: skip


def _beside(y: float, label: str, tone: str, anchor: str) -> Figure:
    """A name to the right of the chart, where no curve crosses it."""
    return {
        "xref": "paper", "x": 1, "xanchor": "left", "xshift": 4, "y": y, "yanchor": anchor, "text": label, "showarrow": False,
        "font": {"size": 11}, "tone": tone,
    }  # fmt: skip


def _figure(title: str, traces: list[Figure], lines: list[Figure], y: Mapping[str, Any] | None = None) -> Figure:
    axis = {"zeroline": False, "automargin": False, "ticks": "", "fixedrange": False}
    return {
        "data": traces,
        "layout": {
            "xaxis": axis | {"title": {"text": "Epoch"}, "rangemode": "tozero"},
            "yaxis": axis | {"title": {"text": title}} | dict(y or {}),
            "shapes": lines, "hovermode": "x unified", "showlegend": True, "uirevision": "kept", "dragmode": "zoom",
            "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "margin": {"l": 52, "r": 12, "t": 30, "b": 38}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }  # fmt: skip
