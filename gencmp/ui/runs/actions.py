"""Actions on the selected runs: watch, overlay, rename, stop, resume, fork, delete (after confirmation), export."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from gencmp import events
from gencmp.errors import GencmpError, RunStateError
from gencmp.events import MEASURES
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.export import export_zip
from gencmp.runs.names import shipped_names
from gencmp.runs.run import Run, moved_words, place_words
from gencmp.settings.configs import CONFIGS
from gencmp.settings.own_folder import portable_config
from gencmp.settings.presets import preset
from gencmp.settings.setting import settings_of
from gencmp.ui import charts
from gencmp.ui.catalog import open_catalog
from gencmp.ui.forks.dialog import HELP, ICON, LABEL, go_on_from
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption
from gencmp.ui.go_on import go_on, resumable
from gencmp.ui.next_pages import show_next_pages
from gencmp.ui.rights.session import is_teacher, sees_pictures
from gencmp.ui.watch import address_of, resume, watch

# shades of the model's own colour; the dashes tell them apart without it
SHADES = {"gan": ("#D55E00", "#F59B56", "#A34700", "#E58A3C"), "vae": ("#0072B2", "#56A5DB", "#2B6A94", "#3B8FCF")}
DASHES = ("solid", "dash", "dot", "dashdot")
RACE = "Two to four runs on one clock and one chart, their samples side by side."
OVERLAY_POINTS = 600  # per curve; a chart is hardly wider in pixels


def act_on(records: Sequence[ModelRecord]) -> None:
    """The row of buttons, and the pages that look at these runs below it."""
    own = [record for record in records if not record.is_shipped]
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Watch",
            icon=":material/visibility:",
            disabled=len(records) > 4,
            help="Opens the Train page with these runs side by side.",
        ):
            _watch([record.run for record in records])
        if st.button("Race", icon=":material/flag:", disabled=not 1 < len(records) <= 4, help=RACE):
            _watch([record.run for record in records], "race")
        if is_teacher():
            _change(records, own)
        if len(records) == 1 and records[0].folder.kept() and sees_pictures(records[0].run.config["dataset"]):
            run = records[0].run
            st.download_button(
                "Export", lambda: export_zip(records[0]), file_name=f"gencmp-{run.kind}-{run.id}.zip", mime="application/zip",
                icon=":material/download:", on_click="ignore", help="Card, curves, pictures and saved weights in one zip file.",
            )  # fmt: skip
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        show_next_pages(records)


def _change(records: Sequence[ModelRecord], own: Sequence[ModelRecord]) -> None:
    """The teacher's buttons. own: those of the records that are not shipped."""
    to_resume = [r.run for r in own if resumable(r.run)]
    if to_resume and st.button("Resume", icon=":material/play_arrow:", help="From the last completed epoch."):
        asks = resume(to_resume)
        if not asks:
            st.rerun()
    go_on(own, _watch)
    one_kept = len(records) == 1 and bool(records[0].folder.kept())
    if st.button(LABEL, icon=f":material/{ICON}:", disabled=not one_kept, help=HELP, key="runs.fork"):
        go_on_from(records[0], lambda made: _watch([made]))
    stoppable = [r for r in own if r.run.is_open]
    if stoppable and st.button("Stop", icon=":material/stop:"):
        _stop(stoppable)
    if st.button("Rename", icon=":material/edit:", disabled=len(own) != 1, help="Select one run."):
        _rename(own[0])
    if st.button("Delete", icon=":material/delete:", disabled=not own or len(own) != len(records)):
        _delete(own)


def _watch(runs: Sequence[Run], view: str = "cards") -> None:
    query = {"view": view} if view == "race" or len(runs) > 2 else {}
    st.switch_page("pages/train.py", query_params={"runs": address_of(runs), **query})


def _stop(records: Sequence[ModelRecord]) -> None:
    for record in records:
        try:
            open_catalog().store.command(record.run.id, "stop")
        except RunStateError as error:  # the run has ended in the meantime
            st.toast(plain(str(error)))
    st.rerun()


@st.dialog("Rename run")
def _rename(record: ModelRecord) -> None:
    name = st.text_input("New name", record.run.name, max_chars=60)
    if st.button("Rename", type="primary"):
        try:
            open_catalog().store.rename(record.run.id, name)
        except GencmpError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()


@st.dialog("Delete permanently?")
def _delete(records: Sequence[ModelRecord]) -> None:
    st.write(f"**{len(records)}** run{'s' if len(records) > 1 else ''}, with weights, pictures and curves:")
    st.text("\n".join(record.run.name for record in records[:8]) + ("\n…" if len(records) > 8 else ""))
    confirmed = st.checkbox("I understand that this cannot be undone.")
    if st.button("Delete", type="primary", disabled=not confirmed, icon=":material/delete_forever:"):
        try:
            for record in records:
                open_catalog().store.delete(record.run.id)
        except GencmpError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()


TERMS = {  # of the measures
    "discriminator_loss": "discriminator loss", "generator_loss": "generator loss", "d_real": "D(x)", "d_fake": "D(G(z))",
    "reconstruction": "reconstruction", "kl": "KL",
}  # fmt: skip


def overlay(records: Sequence[ModelRecord]) -> None:
    """One chart per kind with the curves of several runs; one measure at a time."""
    for kind in ("gan", "vae"):
        chosen = [record for record in records if record.run.kind == kind]
        if not chosen:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            column = st.segmented_control(
                f"{kind.upper()} measure", MEASURES[kind], format_func=events.WORDS.__getitem__, default=MEASURES[kind][1 if kind == "gan" else 0],
                required=True, label_visibility="collapsed", key=f"overlay.{kind}",
            )  # fmt: skip
            tools = st.toggle("Chart tools", key=f"overlay.tools.{kind}", help="Zoom, move, save as a picture.")
        curves = [(r.run.name, look(kind, i)[0], _by_epoch(r)) for i, r in enumerate(chosen)]
        unit = "" if column.startswith("d_") else " (nats per image)" if kind == "vae" else " (nats)"
        figure = charts.overlay(curves, column, events.WORDS[column] + unit)
        for i, trace in enumerate(figure["data"]):
            trace["line"]["dash"] = look(kind, i)[1]
        config = charts.PRIVATE | {"displayModeBar": tools}
        st.plotly_chart(figure, key=f"overlay.chart.{kind}", config=config, alt=charts.spoken(figure))
        caption(f"[{events.WORDS[column]}|{TERMS[column]}] of each run by [epoch].")


def look(kind: str, i: int) -> tuple[str, str]:
    """The colour and the dash of the i-th run of a kind; sixteen runs look different."""
    return SHADES[kind][i % 4], DASHES[(i + i // 4) % 4]


def _by_epoch(record: ModelRecord) -> dict[str, list[float]]:
    rows, run = record.steps(points=OVERLAY_POINTS), record.run
    return rows | {"epoch": [step / run.steps * run.epochs for step in rows["step"]]}


def show_one(record: ModelRecord) -> None:
    """One run: curves, replay and settings, with those that differ from the paper's first."""
    if not record.is_shipped and record.run.name in shipped_names():
        st.caption(
            f"A shipped model has the same name. On the command line, use the id {record.run.id}, or rename this run."
        )
    watch([record], buttons=False)
    paper = preset(record.run.kind, "paper").config.to_dict()
    known = settings_of(CONFIGS[record.run.kind])
    config = record.run.config if is_teacher() else portable_config(record.run.config)
    rows = [
        {
            "Setting": facts.label,
            "This run": _words(config.get(name, paper[name])),
            "Paper preset": _words(paper[name]),
            "Unit": facts.unit,
        }
        for name, facts in known.items()
    ]
    rows.sort(key=lambda row: row["This run"] == row["Paper preset"])
    with st.expander("Settings", icon=":material/tune:"):
        st.dataframe(pd.DataFrame(rows), hide_index=True)
        facts = (
            [f"{record.run.device}, {record.run.threads} threads, matmuls in {record.run.precision}"]
            if record.run.device
            else []
        )
        facts += filter(None, [_where(record.run), _data_words(record.run)])
        st.caption(" · ".join([*facts, *(f"{name} {number}" for name, number in record.run.versions.items())]))


def _where(run: Run) -> str:
    """For a run that trained on a cluster: where, and whether on several kinds of processor."""
    words = f"trained {place_words(run)}" if run.place.get("node") else ""
    return plain(" ".join(filter(None, (words, moved_words(run)))))


def _data_words(run: Run) -> str:
    """For a run on the user's own data: its size, and whether it changed during the run."""
    changed = run.data.get("changed_after_epoch", "")
    parts = [run.data.get("summary", ""), f"the pictures changed after epoch {changed}" if changed else ""]
    return plain(", ".join(filter(None, parts)))


def _words(value: object) -> str:
    return " ".join(map(str, value)) or "all" if isinstance(value, (list, tuple)) else str(value)
