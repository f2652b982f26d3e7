"""A race: up to four runs on one clock and one chart, their samples side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.settings.layers import parameter_count
from gencmp.settings.stored import config_for_use
from gencmp.ui import charts
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component

AT_MOST = 4
VIEWS = {"cards": "Cards", "race": "Race"}
# the model's own colour and its second shade; the dashes tell them apart without colours
LOOKS = (("", "solid"), ("2", "dash"), ("", "dot"), ("2", "dashdot"))
LOSSES = {"gan": ("Generator loss", "Loss (nats)"), "vae": ("Negative ELBO, training", "Nats per image")}


def is_race(records: Sequence[ModelRecord]) -> bool:
    """Draw the choice between cards and a race; three or four runs are a race unless the address says otherwise.

    Two are cards, and offer no choice unless the address has one: their row of buttons is full.
    """
    asked = st.query_params.get("view", "")
    if not 1 < len(records) <= AT_MOST or (len(records) == 2 and asked not in VIEWS):
        return False
    view = st.segmented_control(
        "View", list(VIEWS), default=asked if asked in VIEWS else "race", format_func=VIEWS.__getitem__, required=True,
        label_visibility="collapsed", key=f"view.{','.join(record.run.id for record in records)}", width="content",
    )  # fmt: skip
    if view != asked and (asked or view != "race"):
        st.query_params["view"] = str(view)
    return view == "race"


def show_race(records: Sequence[ModelRecord], about: Callable[[ModelRecord], str]) -> None:
    """about: preset, seed and data of a run, in words."""
    variants = [_variant(record, i, records, about(record)) for i, record in enumerate(records)]
    queries = open_catalog().store.queries
    data = {
        "variants": variants,
        "measures": measures(variants),
        "at_once": {kind: queries.at_once(kind) for kind in LOSSES},
        "classes": class_names(records[0].run),
    }
    key = "race." + ",".join(record.run.id for record in records)
    component("race")(data=data | addresses(), key=key, on_changed_change=lambda: None)


def _variant(record: ModelRecord, place: int, records: Sequence[ModelRecord], about: str) -> dict[str, Any]:
    run = record.run
    shade, dash = LOOKS[sum(each.run.kind == run.kind for each in records[:place])]
    config, _ = config_for_use(run.config)
    return {
        "model": run.id, "name": run.name, "kind": run.kind, "state": run.state, "about": about,
        "tone": run.kind + shade, "dash": dash, "parameters": parameter_count(config),
    }  # fmt: skip


def measures(variants: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the chart can show, the first by default: the training loss only where all have the same."""
    kinds = {each["kind"] for each in variants}
    with_test = [each for each in variants if each["kind"] == "vae"]
    frechet = _measure("frechet", "Fréchet distance", "Fréchet distance", variants)
    test = [_measure("test", "Negative ELBO, test", "Nats per image", with_test)] if with_test else []
    if len(kinds) > 1:
        return [frechet, *test]
    name, unit = LOSSES[next(iter(kinds))]
    loss = _measure("loss", name, unit, variants, is_smooth=True)
    return [loss, *test, frechet] if test else [frechet, loss]


def _measure(
    key: str, name: str, unit: str, variants: Sequence[dict[str, Any]], is_smooth: bool = False
) -> dict[str, Any]:
    chart = charts.race(f"Race: {name}", unit, variants, is_smooth)
    return {"key": key, "name": name, "chart": chart}
