"""The runs of a lesson: queued with one button, found again by their settings, and shown live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from gencmp.errors import GencmpError
from gencmp.lessons.history import figures_of, history_of
from gencmp.lessons.lesson import Chart, Lesson, Results
from gencmp.lessons.sets import LARGEST_SEED, RunSet, newest_set, set_of_seed
from gencmp.runs.catalog import ModelRecord, StoredRun
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import class_names
from gencmp.ui import charts
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import explained
from gencmp.ui.learn.cards import minutes
from gencmp.ui.learn.parts import go_to, paragraph
from gencmp.ui.learn.scatter import show_clouds
from gencmp.ui.learn.together.seat import seat
from gencmp.ui.race.view import LOOKS
from gencmp.ui.rights.session import may_start

NUMBERS = {2: "Two", 3: "Three", 4: "Four"}


def found_set(lesson: Lesson) -> RunSet:
    """The runs of the seed in the address, else those last made, else none yet."""
    asked = st.query_params.get("seed", "")
    queries = open_catalog().store.queries
    if asked.isdecimal() and int(asked) <= LARGEST_SEED:
        return set_of_seed(lesson, queries, int(asked))
    return newest_set(lesson, queries)


def records_of(found: RunSet) -> dict[str, ModelRecord]:
    """The stored runs by variant."""
    return {key: StoredRun(open_catalog().store, run) for key, run in found.runs.items()}


def results_of(lesson: Lesson, found: RunSet) -> Results:
    """The figures of each variant."""
    return {key: figures_of(history_of(record), lesson.figures) for key, record in records_of(found).items()}


@st.fragment
def show_runs(lesson: Lesson) -> None:
    """The button, or the runs that it has queued; redrawn when the state of one changes."""
    keep_going(open_catalog().store)
    found = found_set(lesson)
    if not found.is_whole(lesson):
        _offer(lesson, found)
        return
    _live(lesson, found)
    if lesson.key == "positions" and not found.is_open:
        show_clouds(lesson, records_of(found))
    if not seat().follows:
        _buttons(lesson, found)


def _offer(lesson: Lesson, found: RunSet) -> None:
    rows = "".join(
        f"<li><strong>{escape(each.label)}</strong><span>{explained(each.differs)}</span></li>"
        for each in lesson.variants
    )
    paragraph(f"{NUMBERS[len(lesson.variants)]} runs answer the question. This is where they differ:")
    st.html(f'<ul class="gl-variants">{rows}</ul>')
    sizes = {(each.config.limit, each.config.epochs) for each in lesson.variants}
    length = " or ".join(f"{epochs} [epochs|epoch] of {limit:,} digits" for limit, epochs in sorted(sizes))
    paragraph(f"Each trains {length}. All start from [seed] {found.seed}, and stay on the Runs page.", "gl-small")
    if seat().follows:
        paragraph("Your teacher starts the runs. They will appear here.")
        return
    if not may_start():
        paragraph(
            "The teacher starts runs here. Until then, the other lessons and the claim of this one are open to you."
        )
        return
    words = f"{minutes(lesson).capitalize()} on two cores, if nothing else trains."
    if st.button("Run it", type="primary", icon=":material/play_arrow:", help=words, key="learn.run"):
        queue(lesson, found)
        st.rerun()


def queue(lesson: Lesson, found: RunSet) -> None:
    """Queue the variants that this set lacks, with a worker for each; an error is shown, and stops it."""
    store = open_catalog().store
    st.query_params["seed"] = str(found.seed)
    for variant in lesson.variants:
        if variant.key in found.runs:
            continue
        try:
            store.create(variant.config.replace(seed=found.seed), stem=f"Lesson {lesson.number}: {variant.label}")
        except GencmpError as error:
            st.error(plain(str(error)))
            return
        start_worker(store)


def _live(lesson: Lesson, found: RunSet) -> None:
    variants = _variants(lesson, found)
    queries = open_catalog().store.queries
    kinds = {each["kind"] for each in variants}
    data = {
        "variants": variants,
        "charts": [_chart(each, variants, lesson) for each in lesson.charts],
        "at_once": {kind: queries.at_once(kind) for kind in kinds},
        "classes": class_names(next(iter(found.runs.values()))),
    }
    key = f"learn.runs.{found.seed}.{','.join(each['model'] for each in variants)}"
    component("learn", "lesson")(data=data | addresses(), key=key, on_changed_change=lambda: None)


def _variants(lesson: Lesson, found: RunSet) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for variant in lesson.variants:
        run = found.runs[variant.key]
        shade, dash = LOOKS[sum(each["kind"] == run.kind for each in made)]
        made.append(
            {
                "model": run.id, "name": run.name, "label": variant.label, "about": variant.differs, "kind": run.kind,
                "state": run.state, "tone": run.kind + shade, "dash": dash,
            }
        )  # fmt: skip
    return made


def _chart(chart: Chart, variants: Sequence[Mapping[str, Any]], lesson: Lesson) -> dict[str, Any]:
    named = [{**each, "name": each["label"]} for each in variants]
    digits = 1 if chart.measure in ("frechet", "reconstruction") else 3
    spec = charts.race(chart.title, chart.unit, named, chart.is_smooth, chart.lines, chart.between, digits)
    spec["layout"]["xaxis"]["range"] = [0, max(each.config.epochs for each in lesson.variants)]
    return {"measure": chart.measure, "title": chart.title, "look": chart.look, "chart": spec}


def _buttons(lesson: Lesson, found: RunSet) -> None:
    store = open_catalog().store
    with st.container(horizontal=True, key="learn_bar"):
        if found.is_open:
            if may_start() and st.button(
                "Stop", icon=":material/stop:", help="Ends all runs of this lesson.", key="learn.stop"
            ):
                _stop(found)
                st.rerun()
            return
        if st.button("What came of it", type="primary", icon=":material/lightbulb:", key="learn.to_reveal"):
            go_to("reveal")
        if not may_start():
            return
        resumable = [run for run in found.runs.values() if run.state in ("stopped", "lost")]
        words = "Goes on from the last completed epochs."
        if resumable and st.button("Resume", icon=":material/play_arrow:", help=words, key="learn.resume"):
            for run in resumable:
                store.requeue(run.id)
                start_worker(store)
            st.rerun()
        words = "The same settings, the next seed: shows how much of the outcome is chance."
        if st.button("Again with another seed", icon=":material/casino:", help=words, key="learn.again"):
            seed = (found.seed + 1) % (LARGEST_SEED + 1)
            queue(lesson, set_of_seed(lesson, store.queries, seed))
            st.rerun()
    for run in found.runs.values():
        if run.state == "failed":
            st.caption(f"{plain(run.name)}: {plain(run.reason)}")


def _stop(found: RunSet) -> None:
    for run in found.runs.values():
        if run.is_open or run.state == "lost":
            try:
                open_catalog().store.command(run.id, "stop")
            except GencmpError as error:  # it has ended meanwhile
                st.toast(plain(str(error)))
