"""Models that have not been evaluated yet: a button that queues the evaluation, and its progress.

A worker process measures and writes its progress to the store; all viewers see the same bar.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from gencmp.data.classes import Nouns, nouns_of
from gencmp.errors import GencmpError
from gencmp.evaluation.judges.panel import PANEL, expected_seconds, file_key, missing_members
from gencmp.evaluation.measures import why_not_kept
from gencmp.evaluation.verdicts import COUNT, was_measured_otherwise
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import class_names
from gencmp.ui.catalog import open_catalog
from gencmp.ui.frame import plain
from gencmp.ui.rights.corner import watching
from gencmp.ui.rights.session import for_visitor, is_teacher

UNNAMED = (
    "These pictures have no labels, so no judge can be trained and nothing can be measured."
    " Put them into one folder per class, with any names, and train again."
)
LAST_TIME = {"failed": "Measuring failed.", "lost": "Measuring was interrupted.", "stopped": "Measuring was stopped."}


def measure(chosen: Sequence[ModelRecord], missing: Sequence[ModelRecord]) -> None:
    """Offer to measure those of the chosen models that are not, which share their data; show the progress meanwhile."""
    classes = class_names(missing[0].run)
    if not classes:
        st.info(UNNAMED, icon=":material/label_off:")
        return
    store = open_catalog().store
    job = store.evaluations.of([record.run.id for record in missing])
    if job and job.is_open:
        keep_going(store)  # its worker may have died before it began
        _progress(job.id)
        return
    said = _what_is_missing(chosen, missing)
    if reason := why_not_kept():
        st.info(plain(f"{said} {reason}"), icon=":material/lock:")
        return
    if job and job.state in LAST_TIME:
        _say_how_it_ended(job)
    if not is_teacher():
        st.info(said, icon=":material/straighten:")
        watching("Measuring is started by the teacher.", "verdict")
        return
    said = f"{said} {_how_long(missing[0].run.config['dataset'], nouns_of(classes))}"
    st.info(said, icon=":material/straighten:")
    st.button("Measure now", type="primary", icon=":material/straighten:", on_click=_queue, args=(missing,))


def _what_is_missing(chosen: Sequence[ModelRecord], missing: Sequence[ModelRecord]) -> str:
    """Which models are not measured, which are, and whether that is only because the method has changed."""
    names = " and ".join(_kind(record) for record in missing)
    done = [record for record in chosen if record not in missing]
    said = f"Not measured yet: {names}."
    if all(was_measured_otherwise(file_key(record.folder.weights(record.folder.kept()[-1]))) for record in missing):
        said = f"Measured by an earlier version or by other judges, so the figures no longer compare: {names}. Measure again."
    return " ".join([said, *(f"The {_kind(record)} is measured already." for record in done)])


def _kind(record: ModelRecord) -> str:
    return record.run.kind.upper()


def _queue(records: Sequence[ModelRecord]) -> None:
    store = open_catalog().store
    store.evaluations.add([(record.run.id, record.folder.kept()[-1]) for record in records], COUNT)
    start_worker(store)


def _say_how_it_ended(job: EvaluationJob) -> None:
    say = st.info if job.state == "stopped" else st.error
    words = " ".join(filter(None, (LAST_TIME[job.state], job.reason)))
    say(plain(for_visitor(words)), icon=":material/stop_circle:" if job.state == "stopped" else ":material/error:")


def _how_long(dataset: str, nouns: Nouns) -> str:
    lacking = missing_members(dataset)
    if not lacking:
        return "It takes about two minutes on two cores."
    judges = (
        "five judges"
        if len(lacking) == len(PANEL)
        else f"{len(lacking)} more judges"
        if len(lacking) > 1
        else "one more judge"
    )
    minutes = expected_seconds(*lacking) / 60
    return (
        f"For these {nouns.pictures} {judges}, classifiers in whose features distances are measured, must be trained first:"
        f" about {max(1, round(minutes))} to {max(2, round(2 * minutes))} minutes on two cores, once. Measuring then takes about two minutes."
    )


@st.fragment(run_every=1)
def _progress(job_id: int) -> None:
    store = open_catalog().store
    try:
        job = store.evaluations.get(job_id)
    except GencmpError:
        st.rerun()  # somebody else has started it again
    if not job.is_open:
        st.rerun()
    st.progress(job.share, plain(job.progress_words(store.clock())))
    if not is_teacher():
        return
    st.button(
        "Stop", icon=":material/stop:", disabled=job.wants_stop, on_click=_stop, args=(job_id,), key="measuring.stop"
    )


def _stop(job_id: int) -> None:
    """If it has ended in the meantime, the page shows that instead."""
    try:
        open_catalog().store.evaluations.stop(job_id)
    except GencmpError:
        return
