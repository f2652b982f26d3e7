"""A run that is stepped by hand, or runs in slow motion: its buttons, and its networks in motion (static/train/machine.js).

The drawing is the browser's: it hears the news that the run's card fetches. Only what is pressed comes here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import Run, class_names
from gencmp.runs.store import config_of
from gencmp.settings.configs import Config
from gencmp.settings.layers import Shape, network_layers
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.frame import plain

START_PAUSED = "Pauses before the first step. You can then step by hand, D and G in turn, or watch in slow motion."
BEGAN = "by_hand.began"  # in the session: the ids of runs that it started paused


def start_paused(place: DeltaGenerator) -> bool:
    """The choice to start paused, which the address keeps for a link to a lesson by hand."""
    asked = st.query_params.get("paused") == "1"
    chosen = place.checkbox("Start paused", asked, key="start_paused", help=START_PAUSED)
    if chosen:
        st.query_params["paused"] = "1"
    else:
        st.query_params.pop("paused", None)
    return chosen


def will_pause(runs: Sequence[Run]) -> None:
    """Remember runs that start paused, so that their buttons stand there at once."""
    st.session_state.setdefault(BEGAN, set()).update(run.id for run in runs)


def is_by_hand(run: Run) -> bool:
    """Whether it is paused, in slow motion, or about to start paused."""
    began: set[str] = st.session_state.get(BEGAN, set())
    if run.state in ("queued", "starting"):
        return run.id in began
    began.discard(run.id)  # a resumed run does not start paused
    return run.state == "paused" or (run.is_live and open_catalog().store.moments.newest(run.id) is not None)


def by_hand(record: ModelRecord) -> None:
    """The machine above a run's card, while it is stepped by hand; nothing for any other run."""
    if not record.is_shipped and is_by_hand(record.run):
        _machine(record.run)


@st.fragment  # a press reruns this alone: the card beside it and its charts stay as they are
def _machine(run: Run) -> None:
    key = f"by_hand.{run.id}"
    data = {
        "model": run.id,
        "kind": run.kind,
        "classes": class_names(run),
        "networks": layers_of(config_of(run)),
    }
    component("train", "machine")(
        data=data | addresses(),
        key=key,
        on_asked_change=lambda: take(run.id, st.session_state.get(key, {}).get("asked")),
    )


def layers_of(config: Config) -> dict[str, list[dict[str, Any]]]:
    """Network name -> its layers, from input to output, as machine.js draws them."""
    return {
        name: [_drawn(layers[0].inputs), *(_drawn(layer.outputs, layer.kind) for layer in layers)]
        for name, layers in network_layers(config).items()
    }


def _drawn(shape: Shape, made_by: str = "") -> dict[str, Any]:
    """made_by: the kind of layer that gives these numbers."""
    drawn: dict[str, Any] = {"neurons": shape[0]} if len(shape) == 1 else {"maps": shape[0], "side": shape[1]}
    return drawn | {"kind": made_by}


def take(run_id: str, message: object) -> None:
    """Pass on what the browser asks for, once: it sends a message again, with the same number, if nothing has come of it."""
    if not isinstance(message, Mapping) or st.session_state.get(f"by_hand.number.{run_id}") == message.get("number"):
        return
    st.session_state[f"by_hand.number.{run_id}"] = message.get("number")
    try:
        _command(run_id, message)
    except GencmpError as error:
        st.toast(plain(str(error)))


def _command(run_id: str, message: Mapping[str, Any]) -> None:
    store = open_catalog().store
    match message:
        case {"phases": int(phases)}:
            store.step(run_id, phases=phases)
        case {"steps": int(steps)}:
            store.step(run_id, steps=steps)
        case {"rate": int() | float() as rate}:
            store.slow(run_id, rate)
        case {"hold": True}:
            store.command(run_id, "pause")
