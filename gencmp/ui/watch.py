"""Watching runs side by side: the runs in the page's address, their buttons, and a live card for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from gencmp.errors import GencmpError, RunNotFound
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.forks.repeat import repeat
from gencmp.runs.launcher import start_worker
from gencmp.runs.pairs import runs_to_watch
from gencmp.runs.run import Run, class_names
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import config_of
from gencmp.settings.presets import preset_title
from gencmp.ui import charts
from gencmp.ui.catalog import open_catalog
from gencmp.ui.changed_data import ask, changed_of
from gencmp.ui.components import addresses, component
from gencmp.ui.data_words import data_words
from gencmp.ui.forks.ghosts import ghosts_of, parent_of
from gencmp.ui.frame import plain
from gencmp.ui.go_on import can_go_on, cure, go_on, resumable
from gencmp.ui.next_pages import show_next_pages
from gencmp.ui.race.view import is_race, show_race
from gencmp.ui.rights.session import is_teacher, may_stop

MOVED = "watch.moved"  # whether the address names other runs than the page was drawn with


def address_of(runs: Sequence[Run]) -> str:
    return ",".join(run.id for run in runs)


def runs_in_address(live_only: bool = False) -> list[ModelRecord]:
    """The runs in the page's address. If it names none, the live runs or (unless live_only) those last made, which are then
    put there."""
    wanted, queries = st.query_params.get("runs", ""), open_catalog().store.queries
    if not wanted and (queries.is_open() or not live_only) and (runs := runs_to_watch(queries)):
        st.query_params["runs"] = wanted = address_of(runs)
    found = []
    for run_id in filter(None, wanted.split(",")):
        try:
            found.append(open_catalog().find(run_id))
        except RunNotFound:
            st.warning(
                "A run in this page's address was not found. It may have been deleted, or trained on another computer.",
                icon=":material/search_off:",
            )
    return found


@st.fragment
def watch(
    records: Sequence[ModelRecord],
    buttons: bool = True,
    is_out_of_date: Callable[[], bool] = lambda: False,
    more_buttons: Callable[[Sequence[ModelRecord]], None] = lambda records: None,
    above: Callable[[ModelRecord], None] = lambda record: None,
) -> None:
    """A column for each run, or a race of them. The live cards report a change of state, which reruns this fragment and its
    buttons.

    A single run stands beside the shipped model of its kind: what a healthy one looks like on the same charts; a fork beside
    its parent.

    more_buttons: draws further ones beside those of every page. above: draws what stands above a run's card.
    is_out_of_date: whether the page around it must be drawn anew, too.
    """
    if st.session_state.pop(MOVED, False) or is_out_of_date():
        st.rerun()
    now = [open_catalog().find(record.run.id) for record in records]
    if buttons:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_bar"):
            _bar(now, more_buttons)
            show_next_pages(now)
            as_race = is_race(now)
        if as_race:
            show_race(now, about)
            return
    shown = [(record, "") for record in now] + [(each, "For comparison") for each in beside(now)]
    for column, (record, role) in zip(st.columns(max(2, len(shown)), gap="large"), shown, strict=False):
        with column:
            above(record)
            live_run(record, key=f"live.{record.run.id}", role=role)


def beside(records: Sequence[ModelRecord]) -> list[ModelRecord]:
    """For a single run, its parent, or the shipped model of the same kind; of the other kind, for a shipped model by itself."""
    if len(records) != 1:
        return []
    [one] = records
    if parent := parent_of(one.run, open_catalog()):
        return [parent]
    shipped = [each for each in open_catalog().shipped() if each.run.id != one.run.id]
    return [each for each in shipped if one.is_shipped or each.run.kind == one.run.kind][:1]


def _bar(records: Sequence[ModelRecord], more_buttons: Callable[[Sequence[ModelRecord]], None]) -> None:
    """The buttons that can do something for these runs, now or soon; a student stops their own."""
    if not is_teacher():
        if mine := [each.run for each in records if each.run.is_open and may_stop(each.run.id)]:
            _button(
                "Stop", "stop", lambda: _command(mine, "stop"), help="Keeps everything up to the last completed epoch."
            )
        return
    runs, own = [record.run for record in records], [record for record in records if not record.is_shipped]
    live = [run for run in runs if run.is_live]
    running, paused = [r for r in live if r.state != "paused"], [r for r in live if r.state == "paused"]
    stoppable = [run for run in runs if run.is_open or run.state == "lost"]
    to_resume = [run for run in runs if resumable(run)]
    if paused:
        _button(
            "Continue", "play_arrow", lambda: _command(paused, "go on"), help="Lets what is paused go on at full speed."
        )
    if running or (not paused and any(run.is_open for run in runs)):
        _button("Pause", "pause", lambda: _command(running, "pause"), disabled=not running)
    if to_resume and not stoppable:
        _button(
            "Resume",
            "play_arrow",
            lambda: resume(to_resume),
            help="From the last completed epoch.",
        )
    elif can_go_on(own):
        go_on(own, _show)
    elif stoppable:
        _button(
            "Stop",
            "stop",
            lambda: _command(stoppable, "stop"),
            help="Keeps everything up to the last completed epoch. You can resume later.",
        )
    more_buttons(records)
    _button(
        "Repeat with another seed",
        "casino",
        lambda: _repeat(records),
        help="Same settings, next seed: shows how much of the result is chance. The earlier curves stay on its charts, faintly.",
    )


def _show(runs: Sequence[Run]) -> None:
    st.query_params["runs"] = address_of(runs)


def _move_to(runs: Sequence[Run]) -> None:
    """From a callback, which cannot rerun the page: the fragment does it."""
    _show(runs)
    st.session_state[MOVED] = True


def _button(
    label: str, icon: str, act: Callable[[], bool | None], disabled: bool = False, help: str | None = None
) -> None:
    if st.button(label, icon=f":material/{icon}:", disabled=disabled, help=help, key=f"bar.{label}"):
        asks = act()
        if not asks:
            st.rerun()


def _each(runs: Sequence[Run], act: Callable[[Run], None]) -> None:
    """Act on every run; a run whose state has changed since the button was drawn shows its error and is skipped."""
    for run in runs:
        try:
            act(run)
        except GencmpError as error:
            st.toast(plain(str(error)))


def _command(runs: Sequence[Run], verb: str) -> None:
    _each(runs, lambda run: open_catalog().store.command(run.id, verb))


def resume(runs: Sequence[Run]) -> bool:
    """Queue the runs again, each with a worker. Asks first, and returns True, if the pictures of any have changed."""
    changed = changed_of(runs)
    to_ask = [run for run in runs if run.id in changed]

    def requeue(run: Run) -> None:
        refuse_lost_state(run, open_catalog().store.queries.folder(run.id))
        if run.id in changed:
            open_catalog().store.accept_data(run.id, changed[run.id])
        open_catalog().store.requeue(run.id)
        start_worker(open_catalog().store)

    def start_new() -> None:
        queued: list[Run] = []
        _each(to_ask, lambda run: _queue(run, int(run.config["seed"]), queued))
        if "runs" in st.query_params:  # on the Train page, which then shows the new runs
            st.query_params["runs"] = address_of(queued)

    _each([run for run in runs if run.id not in changed], requeue)
    if to_ask:
        ask(to_ask, lambda: _each(to_ask, requeue), start_new)
    return bool(to_ask)


def _queue(run: Run, seed: int, queued: list[Run]) -> None:
    """Queue a new run with the same settings, and append it to `queued`."""
    queued.append(open_catalog().store.create(config_of(run).replace(seed=seed), run.preset, based_on=run.based_on))
    start_worker(open_catalog().store)


def _repeat(records: Sequence[ModelRecord]) -> None:
    store, queued = open_catalog().store, []
    by_id = {record.run.id: record for record in records}

    def again(run: Run) -> None:
        queued.append(repeat(store, by_id[run.id], (int(run.config["seed"]) + 1) % 2**31))
        start_worker(store)

    _each([record.run for record in records], again)
    _show(queued)


def live_run(record: ModelRecord, key: str, on_change: Callable[[], None] | None = None, role: str = "") -> None:
    """A live card of a run or a shipped model; the browser fetches updates itself (see routes/runs.py).

    on_change: called, before a rerun, when the run's state has changed. role: why a card is there that nobody asked for.
    """
    run = record.run
    # the state restarts polling in a card of an ended run that is resumed
    data = {
        "model": run.id,
        "kind": run.kind,
        "state": run.state,
        "about": about(record),
        "role": role,
        "classes": class_names(run),
        "ghosts": ghosts_of(run, open_catalog()),
        "charts": charts.live_charts(run.kind, run.config, run.entropy_floor),
    }
    component("train", "live")(
        data=data | addresses(), key=key, on_changed_change=on_change or (lambda: None),
        on_cure_change=lambda: cure(open_catalog().find(run.id), _move_to),
    )  # fmt: skip


def about(record: ModelRecord) -> str:
    """Preset, seed and data of a run, for its card: "preset D too strong, seed 0, MNIST, 20,000 images"."""
    run = record.run
    title = preset_title(run.kind, run.preset, run.config, run.based_on)
    preset = title if title == "own settings" else f"preset {title}"
    return ", ".join([preset, f"seed {run.config['seed']}", data_words(run.config, run.classes)])
