"""Going on from a kept epoch with other settings: the epoch with its pictures, what to change, and Start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from gencmp.data.classes import nouns_of
from gencmp.errors import DamagedFile, GencmpError
from gencmp.graphics.sheets import grid, png
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.forks.fork import fork, has_other_pictures, settings_after
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run, class_names
from gencmp.settings.configs import Config
from gencmp.settings.levers import LEVERS
from gencmp.settings.setting import settings_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.fields import changes_of, field
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption

LABEL, ICON = "Go on from an epoch", "fork_right"
HELP = "Makes a new run from a kept epoch of this one, with other settings if you like. This run stays as it is."
SHOWN = 32  # pictures of an epoch: four rows


@st.dialog("Go on from an epoch", width="large")
def go_on_from(record: ModelRecord, then: Callable[[Run], None]) -> None:
    """Ask for an epoch and settings, and queue the fork. then: called with it, before a rerun."""
    kept = record.folder.kept()
    st.markdown(f"**{plain(record.run.name)}** stays as it is; a new run goes on from the epoch that you choose.")
    if not kept:
        st.caption("No epoch has been kept yet. The first one is kept as soon as it is done.")
        return
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        epoch = _choose_epoch(record, kept)
        _picture(record, epoch)
    with right:
        _settings(record, epoch, then)


def _choose_epoch(record: ModelRecord, kept: list[int]) -> int:
    if len(kept) == 1:
        st.markdown(f"Epoch {kept[0]}")
        return kept[0]
    words = "Epochs whose weights were kept; how many these are is a setting of the run."
    return int(st.select_slider("Epoch", kept, kept[-1], help=words, key=f"fork.{record.run.id}.epoch"))


def _picture(record: ModelRecord, epoch: int) -> None:
    """The epoch's samples, dark on a light page, and its figures on the test set."""
    run = record.run
    try:
        samples = record.folder.samples(epoch)
    except DamagedFile as error:
        st.warning(plain(str(error)), icon=":material/broken_image:")
    else:
        sheet = grid(samples[:SHOWN], 8)
        st.image(
            png(sheet if st.context.theme.type == "dark" else np.uint8(255) - sheet, 3),
            width="stretch",
            alt=f"Samples after epoch {epoch}",
        )
    words = f"Samples after [epoch] {epoch}, always from the same [noise]. {_figures(record, epoch)}"
    caption(words, nouns_of(class_names(run)))
    if record.folder.optimiser_after(epoch):
        caption("The [optimiser] of this epoch was kept: with nothing changed, the [fork] continues this run exactly.")
    else:
        caption(
            "The [optimiser] of this epoch was not kept: the [fork] starts a fresh one, so even with nothing changed it differs."
        )
    if has_other_pictures(run, settings_after(record, epoch)):
        st.warning(
            "The pictures in its folder have changed since, so the fork does not continue exactly.",
            icon=":material/folder:",
        )


def _figures(record: ModelRecord, epoch: int) -> str:
    """The epoch's figure on the test set; empty for the epoch that a fork starts with, which its parent measured."""
    test = next((row.test for row in record.epochs(after=epoch - 1) if row.epoch == epoch), {})
    if "negative_elbo" in test:
        return f"Test [negative ELBO]: {test['negative_elbo']:.1f} [nats] per image."
    return f"[D(x)] on the test set: {test['d_real']:.2f}." if "d_real" in test else ""


def _settings(record: ModelRecord, epoch: int, then: Callable[[Run], None]) -> None:
    now = settings_after(record, epoch)
    place = f"fork.{record.run.id}.{epoch}"
    with st.form(place, border=False):
        columns = st.columns(2)
        total = _total(columns[0], now, epoch, f"{place}.epochs")
        names = (*LEVERS[now.kind], "seed")
        typed = {name: field(columns[i % 2], now, name, f"{place}.{name}") for i, name in enumerate(names, 1)}
        if st.form_submit_button("Start", type="primary", icon=":material/play_arrow:"):
            _start(record, epoch, now, typed | {"epochs": total}, then)


def _total(place: Any, now: Config, epoch: int, key: str) -> int:
    """The field of the total number of epochs: as before, or twice as many where none would be left."""
    known = settings_of(now)["epochs"]
    limit = int(known.high or 0)
    usual = now.epochs if now.epochs > epoch else min(2 * epoch, limit)
    return int(place.number_input("Total epochs", min(epoch + 1, limit), limit, usual, help=known.help, key=key))


def _start(record: ModelRecord, epoch: int, now: Config, typed: dict[str, Any], then: Callable[[Run], None]) -> None:
    store = open_catalog().store
    try:
        run = fork(store, record, changes_of(now, typed), epoch)
    except GencmpError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    start_worker(store)
    then(run)
    st.rerun()
