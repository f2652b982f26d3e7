"""Measuring what has not been measured yet: a button, and then the progress of a process of its own. Torch stays out of the server."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence

import streamlit as st

from gencmp.console import utf8_environment
from gencmp.data.classes import Nouns, nouns_of
from gencmp.evaluation.measures import why_not_kept
from gencmp.evaluation.verdicts import judge_key
from gencmp.files import ROOT, home
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.ui.frame import plain

TRUSTED = 0.03  # of the work: before that its pace says nothing of its end
UNNAMED = (
    "These pictures have no labels, so no judge can learn to tell them apart, and nothing here can be measured."
    " Put them into a folder for each class, named as you like, and train again."
)
SAID = re.compile(r"\s*(\d+)%\s+(.*)")  # a line of progress, as `python -m gencmp evaluate` writes it to a file


def measure(records: Sequence[ModelRecord]) -> None:
    """Offer to measure these models, of the same data; then follow it."""
    names = " and ".join(record.run.kind.upper() for record in records)
    dataset, classes = records[0].run.config["dataset"], class_names(records[0].run)
    if not classes:
        st.info(UNNAMED, icon=":material/label_off:")
        return
    if lost := why_not_kept():
        st.info(plain(f"Not measured yet: {names}, and not here. {lost}"), icon=":material/lock:")
        return
    st.info(f"Not measured yet: {names}. {_how_long(dataset, nouns_of(classes))}", icon=":material/straighten:")
    if st.button("Measure now", type="primary", icon=":material/straighten:", disabled="measuring" in st.session_state):
        with open(home() / "evaluate.log", "wb") as file:
            command = [sys.executable, "-m", "gencmp", "evaluate", *(record.run.id for record in records)]
            process = subprocess.Popen(command, stdout=file, stderr=file, cwd=ROOT, env=utf8_environment())
        st.session_state["measuring"] = process, time.monotonic()
        st.rerun()
    if "measuring" in st.session_state:
        _progress()


def _how_long(dataset: str, nouns: Nouns) -> str:
    if judge_key(dataset):
        return "It takes about a minute on two cores."
    return (
        f"The judge of these {nouns.pictures}, who finds distances between pictures and names the {nouns.classes}, must be trained first:"
        " 5 to 10 minutes on two cores, once. Measuring then takes about a minute."
    )


@st.fragment(run_every=2)
def _progress() -> None:
    process, began = st.session_state["measuring"]
    lines = (home() / "evaluate.log").read_text("utf-8", errors="replace").replace("\r", "\n").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "")
    if process.poll() is None:
        share, words = progress_of(last, time.monotonic() - began)
        st.progress(share, plain(words))
        return
    del st.session_state["measuring"]
    if process.returncode:
        st.session_state["measured"] = last
    st.rerun()


def progress_of(line: str, seconds: float) -> tuple[float, str]:
    """The share done and what to say of it, from the newest line of the process, which has run for so many seconds."""
    found = SAID.fullmatch(line)
    if not found:
        return 0.0, "Starting, about 5 s"
    share = min(int(found[1]) / 100, 1.0)
    return share, f"{found[2]}{_left(seconds * (1 - share) / share) if share >= TRUSTED else ''}"


def _left(seconds: float) -> str:
    if seconds < 90:
        return f" · about {max(10, round(seconds, -1)):.0f} s left"
    return f" · about {seconds / 60:.0f} minutes left"


def trouble() -> None:
    """What went wrong while measuring, once."""
    if words := st.session_state.pop("measured", ""):
        st.error("Measuring has failed; the terminal's log has more.", icon=":material/error:")
        st.text(words)
