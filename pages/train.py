"""Train: choose settings, press Start, and watch both models learn."""

import streamlit as st

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.device_probe import device_trouble
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.beside import fork_row
from gencmp.ui.rights.corner import watching
from gencmp.ui.rights.session import is_teacher, may_start
from gencmp.ui.train.address import form_start, has_settings, keep_in_address
from gencmp.ui.train.before_start import is_out_of_date, say_before_start
from gencmp.ui.train.by_hand import by_hand, start_paused, will_pause
from gencmp.ui.train.cluster_line import cluster_line
from gencmp.ui.train.levers import levers
from gencmp.ui.train.race_form import race_button
from gencmp.ui.train.settings_form import choose_runs, show_disk_use
from gencmp.ui.watch import address_of, runs_in_address, watch

store = open_catalog().store
keep_going(store)


def above(record: ModelRecord) -> None:
    """What stands above a run's card."""
    if is_teacher():
        by_hand(record)
    fork_row(record)


st.title("Watch both learn")
cluster_line(store)
# a link to settings, as for a lesson, is not answered with a run that has ended
records = runs_in_address(live_only=has_settings())
with st.container(key="train_watching" if records else "train_first"):  # phones show the runs first
    controls, stage = st.columns([1, 4.4], gap="large")
presets: dict[str, str] = {}


def form() -> None:
    """The settings, and what starts runs with them."""
    shown = [record.run for record in records]
    chosen, wanted, place = choose_runs(form_start(shown))
    presets.update(wanted)
    if chosen:
        keep_in_address(presets, {kind: config for kind, (config, _) in chosen.items()}, shown)
    start, below = place.container(), place.container()
    paused = is_teacher() and start_paused(below)
    enough = show_disk_use(below, [config for config, _ in chosen.values()])
    with below:
        say_before_start(presets)
    style = {"type": "primary", "icon": ":material/play_arrow:", "width": "stretch"}
    if start.button("Start", disabled=not (chosen and enough), key="start", **style):
        with below, st.spinner("Checking the device", show_time=False):
            trouble = {device_trouble(config.device) for config, _ in chosen.values()} - {""}
        if trouble:
            below.error(" ".join(sorted(trouble)), icon=":material/memory:")
        else:
            runs = [store.create(c, name, based_on=presets[kind], paused=paused) for kind, (c, name) in chosen.items()]
            if paused:
                will_pause(runs)
            for _ in runs:
                start_worker(store)
            st.query_params["runs"] = address_of(runs)
            st.query_params.pop("view", None)
            st.rerun()
    if is_teacher():
        race_button(chosen)


with controls:
    if may_start():
        form()
    else:
        watching("You are watching. Runs are started by the teacher.", "train")
with stage:
    if records:
        watch(
            records, is_out_of_date=lambda: bool(presets) and is_out_of_date(presets), more_buttons=levers, above=above
        )
    else:
        words = "No run is training" if store.queries.count() else "No runs yet"
        if may_start():
            words += ". Press Start, or choose a run on the Runs page" if store.queries.count() else ". Press Start"
        st.caption(f"{words}. Below are the shipped models, trained to the end with the paper's settings.")
        shipped = list(open_catalog().shipped_pair().values()) or open_catalog().shipped()
        watch(shipped, buttons=False, above=fork_row)
