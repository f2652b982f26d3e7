"""The table of runs: one row each, with a sparkline, to choose some of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from gencmp.executors.local import keep_going
from gencmp.presets import PRESETS
from gencmp.shelf import Record
from gencmp.ui.frame import shelf
from gencmp.ui.settings import data_words

SHOWN = 60  # rows; the filter finds the rest
SPARK = 30  # points of a sparkline
SPARK_OF = {"gan": "generator_loss", "vae": "reconstruction"}


def choose_records(records: Sequence[Record]) -> list[Record]:
    """Draw the filter and the table; returns the chosen rows."""
    left, middle, right = st.columns([2, 4, 1], vertical_alignment="center")
    kind = left.segmented_control(
        "Model", ["All", "GAN", "VAE"], default="All", required=True, label_visibility="collapsed", key="runs.kind"
    )
    wanted = middle.text_input(
        "Find", placeholder="Find by name, state or preset", label_visibility="collapsed", key="runs.find"
    ).lower()
    with right:
        queue_settings()
    found = [
        r
        for r in records
        if kind in ("All", r.run.kind.upper()) and wanted in f"{r.run.name} {r.run.state} {r.run.preset}".lower()
    ]
    if not found:
        st.caption("No run fits. Clear the filter to see them all.")
        return []
    shown = found[:SHOWN]
    event = st.dataframe(
        pd.DataFrame([_row(record) for record in shown]), hide_index=True, on_select="rerun", selection_mode="multi-row",
        key="runs.table", column_config=_columns(), placeholder="–",
    )  # fmt: skip
    if len(found) > SHOWN:
        st.caption(f"The newest {SHOWN} of {len(found)}; find older ones by name.")
    return [shown[row] for row in event["selection"]["rows"] if row < len(shown)]


def queue_settings() -> None:
    """How many runs at once, and who waits."""
    store = shelf().store
    with st.popover("Queue", icon=":material/low_priority:", width="stretch"):
        for kind in ("gan", "vae"):
            label, words = f"{kind.upper()} runs at once", "More at once share the processor's cores."
            number = st.number_input(label, 1, 8, store.at_once(kind), key=f"queue.{kind}", help=words)
            if number != store.at_once(kind):
                store.set_setting(f"at_once_{kind}", str(number))
                keep_going(store)
        st.text("\n".join(f"{place}. {run.name}" for place, run in enumerate(store.queue(), 1)) or "No run is waiting.")


def _row(record: Record) -> dict[str, object]:
    run = record.run
    steps = record.steps(points=SPARK)[SPARK_OF[run.kind]]
    preset = PRESETS[run.kind][run.preset].label if run.preset in PRESETS[run.kind] else "own settings"
    return {
        "Name": run.name,
        "Model": run.kind.upper(),
        "State": "shipped" if record.is_shipped else run.state,
        "Epochs": 100 * run.epoch / run.epochs,
        "Loss": steps[:: max(1, len(steps) // SPARK)] or None,
        "Test": run.test.get("negative_elbo"),
        "Trained": _minutes(run.seconds),
        "Preset": preset,
        "Data": data_words(run.config),
        "Seed": str(run.config["seed"]),
        "Created": time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created)),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "Epochs": column.ProgressColumn("Epochs done", format="%d %%", min_value=0, max_value=100, width="small"),
        "Loss": column.LineChartColumn(
            "Loss", help="Generator loss, or reconstruction, over the whole run.", width="small"
        ),
        "Test": column.NumberColumn(
            "Test ELBO",
            format="%.1f",
            help="Negative test ELBO of a VAE, in nats per image: lower is better.",
            width="small",
        ),
        "Trained": column.TextColumn("Trained for", help="Minutes and seconds of training; pauses are left out."),
    }


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
