"""The table of runs, one row each with a sparkline, in which the user selects some."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.executors.choice import on_cluster
from gencmp.runs.launcher import keep_going
from gencmp.runs.run import place_words
from gencmp.runs.store import RunStore
from gencmp.settings.presets import preset_title
from gencmp.ui.catalog import open_catalog
from gencmp.ui.data_words import data_words
from gencmp.ui.glossary.explain import meaning

TABLE, TREE, SWEEP = "table", "tree", "sweep"
SHOWN = 50  # runs shown at first, and added by each "Show more"
QUEUED = 20  # waiting runs listed by name
SPARK = 30  # points of a sparkline
SPARK_OF = {"gan": "generator_loss", "vae": "reconstruction"}


def choose_view(place: Any) -> str:
    """Whether the runs are shown as a table, as a tree or by sweep. place: a row of controls."""
    views = {
        TABLE: ":material/table_rows: Table", TREE: ":material/account_tree: Family tree", SWEEP: ":material/ssid_chart: Sweeps",
    }  # fmt: skip
    view = place.segmented_control(
        "View", list(views), format_func=views.__getitem__, default=TABLE, required=True, label_visibility="collapsed",
        key="runs.view", width="content",
    )  # fmt: skip
    return str(view)


def choose_records(place: Any) -> list[ModelRecord]:
    """Draw the filter and the table; returns the selected runs. place: a row of controls."""
    kind = place.segmented_control(
        "Model", ["All", "GAN", "VAE"], default="All", required=True, label_visibility="collapsed", key="runs.kind", width="content",
    )  # fmt: skip
    with place:
        queue_settings()
    wanted = place.text_input(
        "Find", placeholder="Search by name, state or preset", label_visibility="collapsed", key="runs.find"
    )
    asked = ("" if kind == "All" else str(kind).lower(), wanted)
    limit = st.session_state.get("runs.limit", SHOWN)
    own = open_catalog().recorded(limit, *asked)
    found = [*own, *_shipped(*asked)]
    if not found:
        st.caption("No runs match. Clear the filter to see all runs.")
        return []
    chosen = _table(found)
    if len(own) == limit and (count := open_catalog().store.queries.count(*asked)) > limit:
        _more(limit, count)
    return chosen


def _shipped(kind: str, wanted: str) -> list[ModelRecord]:
    """The shipped models that match the filter."""
    return [
        record
        for record in open_catalog().shipped()
        if kind in ("", record.run.kind)
        and wanted.casefold() in f"{record.run.name} shipped {record.run.preset}".casefold()
    ]


def _table(records: Sequence[ModelRecord]) -> list[ModelRecord]:
    """Draw the table; returns the selected runs. Streamlit stores row numbers, so the selection is dropped when the rows
    change: otherwise a new run would shift the selection, and Stop would act on another run."""
    # also keeps the table's own tool bar, which floats above its right end, off the Queue button
    st.caption("Select a run to see its curves, pictures and settings. Select several to overlay their curves.")
    rows = pd.DataFrame([_row(record) for record in records])
    if not any(record.run.place.get("node") for record in records):
        del rows["On"]
    names = crc32(" ".join(record.run.id for record in records).encode())
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="multi-row", key=f"runs.table.{names}", column_config=_columns(), placeholder="–",
    )  # fmt: skip
    return [records[row] for row in event["selection"]["rows"]]


def _more(limit: int, count: int) -> None:
    """How many runs there are, and a button to show older ones."""

    def show_more() -> None:
        st.session_state["runs.limit"] = limit + SHOWN

    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Showing the newest {limit:,} of {count:,} runs. Search finds older ones, too.")
        st.button("Show more", icon=":material/expand_more:", type="tertiary", key="runs.older", on_click=show_more)


def queue_settings() -> None:
    """How many runs may train at once, and which are waiting."""
    store = open_catalog().store
    with st.popover("Queue", icon=":material/low_priority:"):
        for kind in () if on_cluster() else ("gan", "vae"):
            label, words = (
                f"{kind.upper()} runs at once",
                "Runs that train at the same time share the processor's cores.",
            )
            number = st.number_input(label, 1, 8, store.queries.at_once(kind), key=f"queue.{kind}", help=words)
            if number != store.queries.at_once(kind):
                store.set_setting(f"at_once_{kind}", str(number))
                keep_going(store)
        st.text(_waiting_words(store))
        if on_cluster():
            st.caption("As many train at once as the cluster has places; whoever has fewest at work is next.")


def _waiting_words(store: RunStore) -> str:
    """The next runs in the queue, and how many more there are."""
    waiting = sum(count for _, count in store.queries.open_by_kind().values())
    lines = [f"{place}. {run.name}" for place, run in enumerate(store.queries.queue(QUEUED), 1)]
    return (
        "\n".join([*lines, f"and {waiting - QUEUED:,} more"] if waiting > QUEUED else lines) or "No runs are waiting."
    )


def _row(record: ModelRecord) -> dict[str, object]:
    run = record.run
    return {
        "Name": run.name,
        "Model": run.kind.upper(),
        "State": "shipped" if record.is_shipped else run.state_word,
        "Epoch": f"{run.epoch_now} of {run.epochs}",
        "Loss": record.spark(SPARK_OF[run.kind], SPARK) or None,
        "Test": run.test.get("negative_elbo"),
        "Trained": _minutes(run.seconds),
        "Preset": preset_title(run.kind, run.preset, run.config, run.based_on),
        "Data": data_words(run.config, run.classes),
        "Seed": str(run.config["seed"]),
        "On": place_words(run).removeprefix("on ") or None,
        "Created": time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created)),
    }


def _columns() -> dict[str, Any]:
    column = st.column_config
    return {
        "Epoch": column.TextColumn(
            "Epoch", help="As on the Train page: the epoch that is being trained, or the last one."
        ),
        "Loss": column.LineChartColumn(
            "Loss", help="Generator loss (GAN) or reconstruction loss (VAE) over the whole run.", width="small"
        ),
        "Test": column.NumberColumn(
            "Negative ELBO",
            format="%.1f",
            help="Of a VAE, on the test set, in nats per image. Lower is better.",
        ),
        "Seed": column.TextColumn("Seed", help=meaning("seed")),
        "On": column.TextColumn("Trained on", help="The node of the cluster, its processor and its precision."),
        "Trained": column.TextColumn("Trained for", help="Training time in minutes and seconds, without pauses."),
    }


def _minutes(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)  # as on the Train page
    return f"{minutes}:{rest:02d}"
