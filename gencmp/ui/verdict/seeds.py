"""The shipped study of seeds: does another seed give another answer?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from gencmp.evaluation.comparison import spread
from gencmp.evaluation.measures import CRITERIA, Measure, measure_from
from gencmp.files import SHIPPED
from gencmp.ui.verdict.plot import plot, strips, tone

SEED_MEASURES = ("frechet", "precision", "recall", "coverage", "confidence", "sharpness", "elbo")
MODELS = ("gan", "vae")


def seeds() -> None:
    """A chart and a sentence for a measure that the user picks."""
    path = SHIPPED / "study.json"
    if not path.exists():
        st.caption(
            "No study of seeds is shipped. `python -m gencmp study --seeds 5 --out study.json` runs one, which takes hours with the paper presets."
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
        "One mark per seed of the paper preset on MNIST, independent of the models chosen above. The standard error of a single seed"
        " is the sampling error of the pictures drawn from it; all were compared with the same real digits, by the first judge."
    )


def _seed_traces(runs: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """A row of marks for each model, one mark per seed."""
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
    """The runs of one model that have this figure, each with the figure."""
    found = [(run, _of_verdict(run["verdict"], name)) for run in runs if run["config"]["kind"] == kind]
    return [(run, each) for run, each in found if each]


def _of_verdict(verdict: dict[str, Any], name: str) -> Measure | None:
    return next((measure_from(each) for each in verdict["measures"] if each["name"] == name), None)


def _spread_words(runs: Sequence[dict[str, Any]], name: str) -> str:
    """Whether the seeds differ significantly by this measure."""
    found = {kind: [measure for _, measure in _of_seeds(runs, kind, name)] for kind in MODELS}
    return " ".join(spread(some).words(kind.upper()) for kind, some in found.items() if len(some) > 1)


def _titled(name: str) -> str:
    known = CRITERIA[name]
    return f"{known.label} ({known.unit})" if known.unit else known.label


def _floor_line(floor: Measure | None) -> dict[str, Any]:
    """A dotted line at the value of real digits."""
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
