"""The table of runs: one row each, with a sparkline, to choose some of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.launcher import keep_going
from gencmp.runs.store import RunStore
from gencmp.settings.presets import PRESETS
from gencmp.ui.catalog import open_catalog
from gencmp.ui.data_words import data_words

SHOWN = 50  # runs at first, and as many more at each wish
QUEUED = 20  # of those that wait, as many are named
SPARK = 30  # points of a sparkline
SPARK_OF = {"gan": "generator_loss", "vae": "reconstruction"}


def choose_records() -> list[ModelRecord]:
    """Draw the filter and the table; returns the chosen rows."""
    left, middle, right = st.columns([2, 4, 1], vertical_alignment="center")
    kind = left.segmented_control(
        "Model", ["All", "GAN", "VAE"], default="All", required=True, label_visibility="collapsed", key="runs.kind"
    )
    wanted = middle.text_input(
        "Find", placeholder="Find by name, state or preset", label_visibility="collapsed", key="runs.find"
    )
    with right:
        queue_settings()
    asked = ("" if kind == "All" else str(kind).lower(), wanted)
    most = st.session_state.get("runs.most", SHOWN)
    own = open_catalog().recorded(most, *asked)
    found = [*own, *_shipped(*asked)]
    if not found:
        st.caption("No run fits. Clear the filter to see them all.")
        return []
    chosen = _table(found)
    if len(own) == most and (count := open_catalog().store.count(*asked)) > most:
        _more(most, count)
    return chosen


def _shipped(kind: str, wanted: str) -> list[ModelRecord]:
    """Those that ship, by the same filter."""
    return [
        record
        for record in open_catalog().shipped()
        if kind in ("", record.run.kind)
        and wanted.casefold() in f"{record.run.name} shipped {record.run.preset}".casefold()
    ]


def _table(records: Sequence[ModelRecord]) -> list[ModelRecord]:
    """The chosen ones. A choice is of row numbers, so it ends when the rows change: a run that begins must not put
    another one under the Stop button."""
    rows = pd.DataFrame([_row(record) for record in records])
    names = crc32(" ".join(record.run.id for record in records).encode())
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="multi-row", key=f"runs.table.{names}", column_config=_columns(), placeholder="–",
    )  # fmt: skip
    return [records[row] for row in event["selection"]["rows"]]


def _more(most: int, count: int) -> None:
    """How many there are, and a way to the older ones."""

    def older() -> None:
        st.session_state["runs.most"] = most + SHOWN

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"The newest {most:,} of {count:,}; older ones are found by name.")
        st.button("Show more", icon=":material/expand_more:", type="tertiary", key="runs.older", on_click=older)


def queue_settings() -> None:
    """How many runs at once, and who waits."""
    store = open_catalog().store
    with st.popover("Queue", icon=":material/low_priority:", width="stretch"):
        for kind in ("gan", "vae"):
            label, words = f"{kind.upper()} runs at once", "More at once share the processor's cores."
            number = st.number_input(label, 1, 8, store.at_once(kind), key=f"queue.{kind}", help=words)
            if number != store.at_once(kind):
                store.set_setting(f"at_once_{kind}", str(number))
                keep_going(store)
        st.text(_waiting_words(store))


def _waiting_words(store: RunStore) -> str:
    """The next few of the queue, and how many more there are."""
    waiting = sum(count for _, count in store.open_by_kind().values())
    lines = [f"{place}. {run.name}" for place, run in enumerate(store.queue(QUEUED), 1)]
    return "\n".join([*lines, f"and {waiting - QUEUED:,} more"] if waiting > QUEUED else lines) or "No run is waiting."


def _row(record: ModelRecord) -> dict[str, object]:
    run = record.run
    preset = PRESETS[run.kind][run.preset].label if run.preset in PRESETS[run.kind] else "own settings"
    return {
        "Name": run.name,
        "Model": run.kind.upper(),
        "State": "shipped" if record.is_shipped else run.state,
        "Epochs": 100 * run.epoch / run.epochs,
        "Loss": record.spark(SPARK_OF[run.kind], SPARK) or None,
        "Test": run.test.get("negative_elbo"),
        "Trained": _minutes(run.seconds),
        "Preset": preset,
        "Data": data_words(run.config, run.classes),
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
