"""Sweeps: runs of one kind that differ in some settings, each a line from its settings to what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import Run
from gencmp.ui import charts
from gencmp.ui.catalog import open_catalog
from gencmp.ui.glossary.explain import caption
from gencmp.ui.runs.sweep_chart import Tried, figure_of, spoken, stem_of, tried, varied, words_of

LEAST = 3  # runs: two are compared with less
NEWEST = 400  # runs in which sweeps are looked for: two of the largest
ELBO, FRECHET = "Negative ELBO", "Fréchet distance"
OUTCOMES = {"gan": (FRECHET,), "vae": (ELBO, FRECHET)}
MEANINGS = {
    ELBO: "the [negative ELBO] on the test set, in nats per image",
    FRECHET: "the [Fréchet distance] of its newest quick evaluation",
}
HOW = "`python -m gencmp sweep vae learning_rate=0.001,0.0003 latent_size=2,8` trains one, with a run for each combination."


def show_sweeps() -> None:
    """A sweep that the user picks; a sentence where there is none."""
    sweeps = families([record.run for record in open_catalog().recorded(NEWEST)])
    if not sweeps:
        st.caption(
            f"No sweep yet: {LEAST} runs or more of one kind whose names begin alike and whose settings differ. {HOW}"
            " Any runs selected in the table are drawn so, too."
        )
        return
    titles = {f"{stem}, {len(runs)} {kind.upper()}s": runs for (stem, kind), runs in sweeps.items()}
    title = st.selectbox("Sweep", list(titles), key="runs.sweep", width=420)
    _show(titles[title], "sweep")


def show_varied(records: Sequence[ModelRecord]) -> None:
    """The same of runs that were selected, where those of a kind differ in settings."""
    for kind in OUTCOMES:
        runs = [record.run for record in records if record.run.kind == kind and not record.is_shipped]
        if len(runs) >= LEAST and varied(runs):
            _show(runs, f"selected.{kind}")


def families(runs: Sequence[Run]) -> dict[tuple[str, str], list[Run]]:
    """Runs whose names begin alike, by (what they have in common, kind), in the order of their newest ones."""
    found = defaultdict(list)
    for run in runs:
        found[stem_of(run.name), run.kind].append(run)
    return {key: each for key, each in found.items() if len(each) >= LEAST and varied(each)}


def _show(runs: Sequence[Run], key: str) -> None:
    kind = runs[0].kind
    measures = OUTCOMES[kind]
    measure = measures[0]
    if len(measures) > 1:
        measure = st.segmented_control(
            "What came of it", measures, default=measure, required=True, label_visibility="collapsed", key=f"{key}.measure",
        )  # fmt: skip
    rows = tried(runs, [_outcome(run, measure) for run in runs])
    label = f"{measure} (nats per image)" if measure == ELBO else measure
    drawn = sum(row.outcome is not None for row in rows)
    if drawn > 1:
        figure = figure_of(rows, label, kind, st.context.theme.type == "dark")
        with st.container(key=f"sweep_chart_{key.replace('.', '_')}"):  # frame.css: on a phone the table says it
            st.plotly_chart(figure, key=f"{key}.chart", config=charts.STILL, alt=spoken(rows, label))
            caption(
                f"Each line is a run, from its settings to {MEANINGS[measure]}. The best run has the strongest colour."
            )
    st.caption(_words(drawn, len(rows)))
    figures = {label: st.column_config.NumberColumn(format="%.2f")}
    st.dataframe(
        pd.DataFrame([_cells(row, label) for row in rows]), hide_index=True, key=f"{key}.table", column_config=figures, placeholder="–",
    )  # fmt: skip


def _outcome(run: Run, measure: str) -> float | None:
    if measure == ELBO:
        return run.test.get("negative_elbo")
    checkup = open_catalog().store.queries.checkup(run.id)
    return float(checkup["frechet"]) if checkup else None


def _words(drawn: int, count: int) -> str:
    said = "Lower is better: the best run stands first. Runs that still train are shown as they stand."
    without = count - drawn
    if without:
        said += f" {without} of {count} runs {'has' if without == 1 else 'have'} no such figure."
    return said


def _cells(row: Tried, label: str) -> dict[str, object]:
    settings = {name: words_of(value) for name, value in row.settings.items()}
    return {"Name": row.name, label: row.outcome, **settings}
