"""The verdict, shown: the answer, the table, the bounds, the seeds; and measuring what has not been measured yet."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from gencmp.answer import DECISIVE, Row, compare, sentence, shown
from gencmp.charts import TONES
from gencmp.errors import GencmpError
from gencmp.files import ROOT, SHIPPED, home
from gencmp.measures import CRITERIA, Verdict, file_key, kept_judgement
from gencmp.runs import config_of
from gencmp.shelf import Record

BOUNDS = ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p")
SEED_MEASURES = ("frechet", "precision", "recall", "coverage", "confidence", "sharpness")


def judged(record: Record) -> tuple[Verdict | None, Verdict | None]:
    """The kept verdict on a model's last epoch, and the floor of its data; None where it has not been measured."""
    kept = record.folder.kept()
    return kept_judgement(file_key(record.folder.weights(kept[-1])), config_of(record.run)) if kept else (None, None)


def answer(rows: Sequence[Row]) -> None:
    """The answer in one sentence, then in words, criterion by criterion."""
    st.subheader(sentence(rows), anchor=False)
    st.table(
        pd.DataFrame(
            [
                {
                    "Criterion": row.gan.label,
                    "GAN": _with_unit(shown(row.gan), row.gan.unit),
                    "VAE": _with_unit(shown(row.vae), row.vae.unit),
                    "Real digits": shown(row.floor) if row.floor else "–",
                    "Better": _better(row),
                    "In words": row.saying,
                }
                for row in sorted(rows, key=lambda row: row.name not in DECISIVE)
            ]
        ).set_index("Criterion")
    )
    st.caption(
        "± is half of a 95 % interval. “Real digits” are training digits in a model's place: what a perfect model would reach."
        " Under 1.96 errors of the difference nobody can tell."
    )
    with st.expander("How each is measured, and where it comes from", icon=":material/function:"):
        st.table(
            pd.DataFrame(
                [{"Criterion": c.label, "How": c.how, "Source": c.source} for c in CRITERIA.values()]
            ).set_index("Criterion")
        )


def _better(row: Row) -> str:
    colour = {"GAN": "orange", "VAE": "blue"}.get(row.better)
    return f":{colour}[**{row.better}**], {abs(row.errors):.0f} errors" if colour else "cannot tell"


def _with_unit(value: str, unit: str) -> str:
    return f"{value} {unit}" if unit and unit != "share" else value


def bounds(vae: Verdict) -> None:
    """ELBO <= IWAE <= log p(x), with their intervals."""
    measures = [vae[name] for name in BOUNDS if name in vae]
    if not measures:
        return
    st.subheader("How near the VAE's bound comes", anchor=False)
    gap = vae["bound_gap"] if "bound_gap" in vae else None
    words = f" Digit by digit the ELBO misses {shown(gap)} nats of log p(x)." if gap else ""
    st.caption(
        f"More draws tighten the bound; with two latent numbers, log p(x) itself can be summed over the plane.{words}"
    )
    error = {
        "type": "data", "symmetric": False, "array": [m.high - m.value for m in measures], "arrayminus": [m.value - m.low for m in measures],
    }  # fmt: skip
    trace = {
        "type": "scatter", "mode": "markers", "x": [m.value for m in measures], "y": [m.label for m in measures], "error_x": error,
        "marker": {"size": 10, "color": TONES["vae"]}, "hovertemplate": "%{x:.1f} nats per image<extra>%{y}</extra>",
    }  # fmt: skip
    _plot([trace], "Nats per image of 500 test digits", "bounds", 260)


def seeds() -> None:
    """The shipped study: does another seed give another answer?"""
    path = SHIPPED / "study.json"
    if not path.exists():
        st.caption(
            "No study of seeds is shipped. `python -m gencmp study --seeds 5 --out study.json` makes one; the paper presets take hours."
        )
        return
    runs = json.loads(path.read_text("utf-8"))["runs"]
    name = st.segmented_control(
        "Measure",
        SEED_MEASURES,
        format_func=lambda n: CRITERIA[n].label,
        default="frechet",
        required=True,
        label_visibility="collapsed",
        key="seeds",
    )
    traces = []
    for kind in ("gan", "vae"):
        chosen = [run for run in runs if run["config"]["kind"] == kind]
        values = [next(m["value"] for m in run["verdict"]["measures"] if m["name"] == name) for run in chosen]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "x": values, "y": [kind.upper()] * len(values),
                "marker": {"size": 13, "color": TONES[kind], "opacity": 0.75, "symbol": "line-ns-open", "line": {"width": 3}},
                "hovertemplate": "%{x:.3f}, seed %{customdata}<extra></extra>", "customdata": [run["config"]["seed"] for run in chosen],
            }
        )  # fmt: skip
    _plot(traces, CRITERIA[name].label, "seeds.chart", 190)
    st.caption(_spread(runs, name))


def _spread(runs: Sequence[dict[str, Any]], name: str) -> str:
    words = []
    for kind in ("gan", "vae"):
        values = [
            next(m["value"] for m in r["verdict"]["measures"] if m["name"] == name)
            for r in runs
            if r["config"]["kind"] == kind
        ]
        words.append(f"{kind.upper()}: {len(values)} seeds, {min(values):.3g} to {max(values):.3g}")
    return "; ".join(words) + ". One line a seed of the paper's preset."


def _plot(traces: list[dict[str, Any]], title: str, key: str, height: int) -> None:
    layout = {
        "height": height, "showlegend": False, "margin": {"l": 160, "r": 16, "t": 8, "b": 44}, "xaxis": {"title": {"text": html.escape(title)}},
        "yaxis": {"autorange": "reversed"}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
    }  # fmt: skip
    st.plotly_chart({"data": traces, "layout": layout}, key=key, config={"displaylogo": False, "displayModeBar": False})


# Measuring


def measure(records: Sequence[Record]) -> None:
    """A button, and then the progress of a process of its own: torch stays out of the server."""
    names = " and ".join(record.run.kind.upper() for record in records)
    st.info(f"Not measured yet: {names}. It takes about a minute on two cores.", icon=":material/straighten:")
    if st.button("Measure now", type="primary", icon=":material/straighten:"):
        log = home() / "evaluate.log"
        with open(log, "wb") as file:
            command = [sys.executable, "-m", "gencmp", "evaluate", *(record.run.id for record in records)]
            st.session_state["measuring"] = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT)
    if "measuring" in st.session_state:
        _progress()


@st.fragment(run_every=2)
def _progress() -> None:
    process: subprocess.Popen = st.session_state["measuring"]
    lines = (home() / "evaluate.log").read_text("utf-8", errors="replace").replace("\r", "\n").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "Starting, about 5 s")
    if process.poll() is None:
        st.text(last.strip())
        return
    del st.session_state["measuring"]
    if process.returncode:
        st.session_state["measured"] = last
    st.rerun()


def trouble() -> None:
    """What went wrong while measuring, once."""
    if words := st.session_state.pop("measured", ""):
        st.error("Measuring has failed; the terminal's log has more.", icon=":material/error:")
        st.text(words)


def rows_of(gan: Record, vae: Record) -> tuple[list[Row], Verdict] | None:
    """The comparison, and the VAE's verdict; None while something is not measured. Raises GencmpError for data that differ."""
    if (gan.run.config["dataset"], gan.run.config["digits"]) != (vae.run.config["dataset"], vae.run.config["digits"]):
        raise GencmpError(
            "These two learnt from different data, so their figures cannot be compared. Choose two of the same data."
        )
    (judged_gan, floor), (judged_vae, _) = judged(gan), judged(vae)
    return (compare(judged_gan, judged_vae, floor), judged_vae) if judged_gan and judged_vae and floor else None
