"""The shipped study of seeds, shown: does another seed give another answer?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from gencmp.evaluation.comparison import DECISIVE, spread
from gencmp.evaluation.measures import CRITERIA, Measure, measure_from
from gencmp.files import SHIPPED
from gencmp.ui.verdict.plot import plot, strips, tone

SEED_MEASURES = ("frechet", "precision", "recall", "coverage", "confidence", "sharpness", "elbo")
MODELS = ("gan", "vae")


def seeds() -> None:
    """The shipped study: does another seed give another answer?"""
    path = SHIPPED / "study.json"
    if not path.exists():
        st.caption(
            "No study of seeds is shipped. `python -m gencmp study --seeds 5 --out study.json` makes one; the paper presets take hours."
        )
        return
    held = json.loads(path.read_text("utf-8"))
    name = st.segmented_control(
        "Measure",
        SEED_MEASURES,
        format_func=lambda n: CRITERIA[n].label,
        default="frechet",
        required=True,
        label_visibility="collapsed",
        key="seeds",
    )
    floor = _of_verdict(held["floor"], name)
    plot(_seed_traces(held["runs"], name), "seeds.chart", 190, strips(_titled(name)) | _floor_line(floor))
    st.markdown(_spread_words(held["runs"], name))
    st.caption(
        "One mark a seed of the paper's preset on MNIST, whatever was chosen above. A single seed's error is what other pictures of it would change."
    )


def _seed_traces(runs: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """A row of marks for each model, one mark a seed."""
    traces = []
    for kind in MODELS:
        found = {run["config"]["seed"]: each.value for run, each in _of_seeds(runs, kind, name)}
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": list(found.values()), "y": [kind.upper()] * len(found),
                "marker": {"size": 13, "color": tone(kind), "opacity": 0.75, "symbol": "line-ns-open", "line": {"width": 3}},
                "hovertemplate": "%{x:.3f}, seed %{customdata}<extra></extra>", "customdata": list(found),
            }
        )  # fmt: skip
    return traces


def _of_seeds(runs: Sequence[dict[str, Any]], kind: str, name: str) -> list[tuple[dict[str, Any], Measure]]:
    """The runs of one model that have this figure, and it."""
    found = [(run, _of_verdict(run["verdict"], name)) for run in runs if run["config"]["kind"] == kind]
    return [(run, each) for run, each in found if each]


def _of_verdict(verdict: dict[str, Any], name: str) -> Measure | None:
    return next((measure_from(each) for each in verdict["measures"] if each["name"] == name), None)


def _spread_words(runs: Sequence[dict[str, Any]], name: str) -> str:
    """Whether seeds fan out or coincide, computed: by this figure, and by how many of the decisive ones."""
    told, wide = [], {}
    for kind in MODELS:
        spreads = {
            each: spread([measure for _, measure in found])
            for each in (name, *DECISIVE)
            if len(found := _of_seeds(runs, kind, each)) > 1
        }
        if name in spreads:
            told.append(spreads[name].words(kind.upper()))
        wide[kind] = sum(spreads[each].fans_out for each in DECISIVE if each in spreads)
    last = (
        f"By the {len(DECISIVE)} measures that decide, the GAN's fan out in {wide['gan']}, the VAE's in {wide['vae']}."
    )
    return " ".join([*told, last])


def _titled(name: str) -> str:
    known = CRITERIA[name]
    return f"{known.label} ({known.unit})" if known.unit else known.label


def _floor_line(floor: Measure | None) -> dict[str, Any]:
    """Where real digits lie."""
    if floor is None:
        return {}
    line = {
        "type": "line", "xref": "x", "yref": "paper", "x0": floor.value, "x1": floor.value, "y0": 0, "y1": 1,
        "line": {"color": tone("real"), "width": 2, "dash": "dot"},
    }  # fmt: skip
    words = {
        "text": "real digits", "xref": "x", "yref": "paper", "x": floor.value, "y": 1, "yanchor": "bottom", "showarrow": False,
        "font": {"color": tone("real")},
    }  # fmt: skip
    return {"shapes": [line], "annotations": [words], "margin": {"l": 64, "r": 40, "t": 26, "b": 44}}
