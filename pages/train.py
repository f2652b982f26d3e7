"""Train: choose, press Start, and watch both models learn."""

import streamlit as st

from gencmp.runs.device_probe import device_trouble
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.ui.catalog import open_catalog
from gencmp.ui.train.settings_form import choose_runs, say_room
from gencmp.ui.watch import address_of, runs_in_address, watch

store = open_catalog().store
keep_going(store)

st.title("Watch both learn")
records = runs_in_address()
with st.container(key="train_watching" if records else "train_first"):  # phones show the runs first
    controls, stage = st.columns([1, 4.4], gap="large")
with controls:
    chosen, place = choose_runs()
    start, room = place.container(), place.container()
    enough = say_room(room, [config for config, _ in chosen.values()])
    look = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    if start.button("Start", disabled=not (chosen and enough), key="start", **look):
        with room, st.spinner("Looking at the device", show_time=False):
            trouble = {device_trouble(config.device) for config, _ in chosen.values()} - {""}
        if trouble:
            room.error(" ".join(sorted(trouble)), icon=":material/memory:")
        else:
            runs = [store.create(config, name) for config, name in chosen.values()]
            for _ in runs:
                start_worker(store)
            st.query_params["runs"] = address_of(runs)
            st.rerun()
with stage:
    if records:
        watch(records)
    else:
        words = (
            "No run is live. Press Start, or choose one on the Runs page"
            if store.count()
            else "Nothing trained yet. Press Start"
        )
        st.caption(f"{words}; below are the shipped models: the paper's own settings, trained to the end.")
        watch(open_catalog().shipped(), buttons=False)
