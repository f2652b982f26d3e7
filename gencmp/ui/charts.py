"""Plotly figures as plain JSON: the same specification draws a live chart in the browser and a finished one with
st.plotly_chart. Imports neither torch nor plotly.

The `meta` of a live trace names the column it shows; the browser appends rows as they arrive. `tone` names a colour
of the palette, which the light and the dark theme each resolve to their own shade.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from typing import Any

from gencmp.events import WORDS

Figure = dict[str, Any]

# For st.plotly_chart: nothing can be sent away. STILL charts have no tool bar.
PRIVATE = {"displaylogo": False, "showSendToCloud": False, "plotlyServerURL": ""}
STILL = PRIVATE | {"displayModeBar": False}

# The legend of the VAE's losses, see sum.js
SUM: dict[str, Any] = {
    "whole": "Negative ELBO", "part": WORDS["reconstruction"], "rest": "KL", "beside": WORDS["negative_elbo"],
    "tones": {"Negative ELBO": "ink", WORDS["reconstruction"]: "vae", "KL": "vae2", WORDS["negative_elbo"]: "real"},
}  # fmt: skip


def equilibrium(real_label: float) -> dict[str, float]:
    """The losses of a GAN at equilibrium, where D cannot distinguish G's pictures from real ones, and D's lowest loss, in nats.

    With the paper's label of 0.9: D(x) = 0.45, D loss 1.376, G loss 0.799; lowest D loss 0.325
    (Goodfellow et al. 2014, section 4.1, with one-sided label smoothing).
    """
    d = real_label / 2
    at_equilibrium = -(real_label * math.log(d) + (1 - real_label) * math.log(1 - d)) - math.log(1 - d)
    smooth = real_label * math.log(real_label) + (1 - real_label) * math.log(1 - real_label) if real_label < 1 else 0.0
    return {"d": d, "discriminator_loss": at_equilibrium, "generator_loss": -math.log(d), "d_has_won": -smooth}


def live_charts(kind: str, config: Mapping[str, Any], entropy_floor: float) -> list[Figure]:
    """The charts of a run without data, the losses first."""
    return gan_charts(config) if kind == "gan" else vae_charts(entropy_floor)


def gan_charts(config: Mapping[str, Any]) -> list[Figure]:
    rest = equilibrium(config["real_label"])
    losses = _figure(
        "Losses of the GAN",
        "Loss (nats)",
        [*_curve("discriminator_loss", "gan"), *_curve("generator_loss", "gan2")],
        [
            _line(rest["discriminator_loss"], "", "gan"),
            _line(rest["generator_loss"], "", "gan2"),
            _line(rest["d_has_won"], "", "real", dash="dot"),
        ],
        ("discriminator loss", "generator loss", "D guesses", "D perfect"),
        scale={"log": True, "marks": True},
    )
    names = {  # anchored apart, since the three lines are close together when losses are high
        "discriminator_loss": ("D guesses", "gan", "bottom"),
        "generator_loss": ("G if D guesses", "gan2", "middle"),
        "d_has_won": ("D perfect", "real", "top"),
    }
    losses["layout"]["annotations"] = [_margin_label(rest[line], *name) for line, name in names.items()]
    losses["layout"]["margin"]["r"] = 88
    losses["layout"]["meta"]["curves"] = {WORDS["discriminator_loss"]: "gan", WORDS["generator_loss"]: "gan2"}
    losses["layout"]["showlegend"] = False  # drawn as the VAE's, with values: Plotly's own breaks where both would fit
    opinions = _figure(
        "What the discriminator says of real digits and of the generator's",
        "D(x): 1 real, 0 fake",
        [*_curve("d_real", "real"), *_curve("d_fake", "gan")],
        [_line(rest["d"], f"D guesses: {rest['d']:.2f}", "real")],
        ("D(x)", "D(G(z))", "D guesses"),
        y={"range": [0, 1]},
    )
    return [losses, opinions]


def vae_charts(entropy_floor: float) -> list[Figure]:
    """KL stands on top of the reconstruction, as high as it is, so that the upper edge is the negative ELBO."""
    raw, reconstruction = _curve("reconstruction", "vae", digits=1)
    whole = reconstruction | {
        "name": SUM["whole"], "line": {"width": 1.5}, "fill": "tonexty", "hovertemplate": _hover(SUM["whole"], 1),
        "meta": {"column": ["reconstruction", "kl"], "of": "steps", "tone": "ink", "fill": "vae2", "smooth": True},
    }  # fmt: skip
    test = {
        "type": "scatter", "mode": "lines+markers", "name": WORDS["negative_elbo"], "x": [], "y": [],
        "line": {"width": 1.5, "dash": "dot"}, "marker": {"size": 5, "symbol": "diamond"},
        "meta": {"column": "negative_elbo", "of": "test", "tone": "real"},
        "hovertemplate": _hover(WORDS["negative_elbo"], 1),
    }  # fmt: skip
    floor = [_line(entropy_floor, "entropy of the data", "real", dash="dot")] if entropy_floor else []
    losses = _figure(
        "Losses of the VAE",
        "Nats per image",
        [raw, reconstruction, whole, test],
        floor,
        ("reconstruction", "KL", "negative ELBO", *(["entropy of the data"] if floor else [])),
        scale={"log": True},
    )
    losses["layout"]["meta"]["sum"] = SUM
    losses["layout"]["showlegend"] = False
    kl = _figure(
        "KL divergence of the VAE", "Nats per image", _curve("kl", "vae2"), [], ("KL",), scale={"floor": 0, "least": 1}
    )
    return [losses, kl]


def overlay(curves: Sequence[tuple[str, str, Mapping[str, Sequence[float]]]], column: str, title: str) -> Figure:
    """One measure of several runs. curves: (name, colour, {"epoch": ..., column: ...}) of each run."""
    traces = [
        {
            "type": "scatter", "mode": "lines", "name": html.escape(name),  # Plotly reads some HTML
            "x": rows["epoch"], "y": rows[column],
            "line": {"width": 2, "color": colour}, "hovertemplate": "%{y:.2f}",
        }
        for name, colour, rows in curves
    ]  # fmt: skip
    figure = _figure(title, title, traces, [])
    figure["layout"] |= {"showlegend": True, "height": 340, "margin": {"l": 56, "r": 16, "t": 36, "b": 40}}
    return figure


def race(
    name: str,
    title: str,
    variants: Sequence[Mapping[str, str]],
    is_smooth: bool,
    lines: Sequence[tuple[float, str]] = (),
    between: tuple[float, float] | None = None,
    digits: int = 1,
) -> Figure:
    """One measure of several variants, without data. variants: of each the model's id, name, tone and dash.

    lines: values to compare with, each with its name. between: the ends of the axis, where they are known.
    """
    marks = {"mode": "lines"} if is_smooth else {"mode": "lines+markers", "marker": {"size": 6}}
    traces = [
        {
            "type": "scatter", "name": html.escape(each["name"]), "x": [], "y": [], "line": {"width": 2, "dash": each["dash"]},
            "meta": {"column": "y", "of": each["model"], "tone": each["tone"], "smooth": is_smooth or None},
            "hovertemplate": _hover(html.escape(each["name"]), digits), **marks,
        }
        for each in variants
    ]  # fmt: skip
    named = [_line(value, label, "real") for value, label in lines]
    if between:
        figure = _figure(name, title, traces, named, y={"range": list(between)})
    else:
        figure = _figure(name, title, traces, named, scale={"log": not lines, "marks": True})
    figure["layout"]["showlegend"] = False
    return figure


def spoken(figure: Figure) -> str:
    """A chart for those who cannot see it: its name, and the values of each trace."""
    layout = figure["layout"]
    titles = [layout[axis]["title"]["text"] for axis in ("yaxis", "xaxis") if "title" in layout.get(axis, {})]
    name = layout.get("meta", {}).get("name") or ", ".join(titles)
    return ". ".join([name, *filter(None, map(_spoken_trace, figure["data"]))])


def _spoken_trace(trace: Figure) -> str:
    """Each mark with its name where marks have names, else the curve's last value."""
    rows = list(zip(trace["x"], trace["y"], strict=True))
    if any(isinstance(y, str) for _, y in rows):
        return ", ".join(f"{y}: {x:.3g}" for x, y in rows)
    name = trace.get("name", "")
    if trace["type"] == "bar":
        return f"{name}: " + ", ".join(
            f"{mark} {y:.3g}" for mark, (_, y) in zip(trace["customdata"], rows, strict=True)
        )
    values = [y for _, y in rows if y is not None]
    return f"{name}: last {values[-1]:.3g}" if values else ""


def _hover(name: str, digits: int) -> str:
    return f"%{{y:.{digits}f}}<extra>{name}</extra>"


def _curve(column: str, tone: str, digits: int = 2) -> list[Figure]:
    """Two traces of a measure: faint raw values and a strong smoothed line."""
    common = {"type": "scatter", "mode": "lines", "x": [], "y": [], "legendgroup": column}
    raw = common | {"line": {"width": 1}, "opacity": 0.28, "hoverinfo": "skip", "showlegend": False}
    strong = common | {
        "name": WORDS[column],
        "line": {"width": 2},
        "hovertemplate": _hover(WORDS[column], digits),
    }
    meta = {"column": column, "of": "steps", "tone": tone}
    return [raw | {"meta": meta | {"smooth": False}}, strong | {"meta": meta | {"smooth": True}}]


def _line(y: float, label: str, tone: str, dash: str = "dash") -> Figure:
    """A horizontal reference line, labelled above unless `label` is empty."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": {"width": 1, "dash": dash}, "layer": "below",
        "label": {"text": label, "textposition": "end", "yanchor": "bottom", "font": {"size": 11}}, "tone": tone,
    }  # fmt: skip


def _margin_label(y: float, label: str, tone: str, anchor: str) -> Figure:
    """A label in the right margin, where no curve crosses it."""
    return {
        "xref": "paper", "x": 1, "xanchor": "left", "xshift": 9, "y": y,  # clear of the last epoch's number
        "yanchor": anchor, "text": label, "showarrow": False,
        "font": {"size": 11}, "tone": tone,
    }  # fmt: skip


def _figure(
    name: str,
    title: str,
    traces: list[Figure],
    lines: list[Figure],
    terms: Sequence[str] = (),
    y: Mapping[str, Any] | None = None,
    scale: Mapping[str, Any] | None = None,
) -> Figure:
    """name: for those who cannot see the chart. title: of its vertical axis. terms: of the glossary, which explain its lines.

    scale: for a vertical axis that the browser chooses, see scale.js. log: whether it may be logarithmic; marks: whether the
    reference lines are always inside; floor: where it starts, if not just below the lowest value;
    least: its least height.
    """
    axis = {"zeroline": False, "automargin": False, "ticks": "", "fixedrange": False}
    return {
        "data": traces,
        "layout": {
            "xaxis": axis | {"title": {"text": "Epoch"}, "rangemode": "tozero", "unifiedhovertitle": {"text": "Epoch %{x:.2f}"}},
            "yaxis": axis | {"title": {"text": title}} | dict(y or {}),
            "shapes": lines, "meta": {"name": name, "terms": list(terms)} | ({"scale": dict(scale)} if scale else {}),
            "hovermode": "x unified", "showlegend": True, "uirevision": "kept", "dragmode": "zoom",
            # left of zero by a hair: it may then be wider than the axis, where a phone would need two lines
            "legend": {"orientation": "h", "x": -0.01, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "margin": {"l": 52, "r": 12, "t": 30, "b": 38}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }  # fmt: skip
