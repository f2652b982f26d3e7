"""A panel's texts and numbers: where each column comes from, its measures, and its curves as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from gencmp.data.classes import TITLES, chosen_names
from gencmp.evaluation.measures import Measure
from gencmp.events import MEASURES, SPREAD
from gencmp.panels.columns import Column
from gencmp.panels.facts import epoch_row, figures, measured_on
from gencmp.runs.card import data_words
from gencmp.runs.run import trained_on
from gencmp.settings.configs import SHIFTED_DATA, SHIPPED_DATA
from gencmp.version import VERSION

ARROWS = {"higher": "↑", "lower": "↓", "nearer floor": "≈"}
AUTHORS = {
    SHIPPED_DATA: " (LeCun et al. 1998)",
    SHIFTED_DATA: " (LeCun et al. 1998, each digit moved by up to 4 pixels)",
}
ARROWS_MEAN = "↑ higher, ↓ lower, ≈ closer to real is better"


def provenance(columns: Sequence[Column]) -> list[str]:
    """One sentence per column, then one for the whole panel."""
    lines = []
    for column in columns:
        if column.record is None:
            lines.append(f"{column.title}: {_shown_of(column)}.")
            continue
        run = column.record.run
        made = (
            f"{run.kind.upper()}, preset {run.preset}, seed {run.config['seed']}, epoch {column.epoch} of {run.epochs}"
        )
        with_ = ", ".join(f"{name} {number}" for name, number in run.versions.items() if name in ("gencmp", "torch"))
        device = f" {trained_on(run)}" if trained_on(run) else ""
        lines.append(
            f"{column.title}: {made}, trained{device} on {data_words(run)}{f' with {with_}' if with_ else ''}."
        )
    return [*lines, f"Made by gencmp {VERSION}, a reproduction of S. Verma's comparison of GAN and VAE on MNIST."]


def slide_source(columns: Sequence[Column]) -> str:
    """One line for a slide: whose pictures these are, and what made them."""
    words = []
    for column in columns:
        run = column.record.run if column.record else None
        words.append(
            ", ".join(
                filter(
                    None,
                    (
                        f"{column.title}: preset {run.preset}",
                        f"seed {run.config['seed']}",
                        data_words(run),
                        trained_on(run),
                    ),
                )
            )
            if run
            else column.title
        )
    arrows = [ARROWS_MEAN] if any(map(measured_on, columns)) else []
    return " · ".join([*dict.fromkeys(words), *arrows, f"gencmp {VERSION}"])


def _shown_of(column: Column) -> str:
    """How many real pictures are shown, of how many, and from which data."""
    dataset, classes, _ = column.data
    source = f", {TITLES[dataset]}{AUTHORS.get(dataset, '')}" if dataset in TITLES else ""
    only = f", only {chosen_names(column.classes, classes)}" if classes else ""
    shown = len(column.images)
    count = f"the first {shown} of {column.total:,}" if shown < column.total else f"all {shown}"
    return f"{count}{source}{only}"


def shown_figures(column: Column) -> list[str]:
    """The measures of this epoch as text with units; those of a verdict with an arrow for the direction that is better."""
    return [" ".join(filter(None, parts)) for parts in figures_in_parts(column)]


def figures_in_parts(column: Column) -> list[tuple[str, str, str]]:
    """The same measures as (arrow, name, value), so that a page can align them; the arrow is "" where none is better."""
    row = epoch_row(column)
    parts = []
    if row and "negative_elbo" in row.test:
        parts.append(("", "Test negative ELBO", f"{row.test['negative_elbo']:.1f} nats per image"))
    if row and "d_real" in row.test:
        parts.append(("", f"Mean D(x) on test {column.nouns.pictures}", f"{row.test['d_real']:.2f}"))
    return parts + [_in_parts(each) for each in figures(column)]


def figures_note(column: Column) -> str:
    """What a verdict's figures are of, and what their arrows mean; empty if not measured."""
    count, pictures = measured_on(column), column.nouns.pictures
    of = (
        f"{count:,} generated against {count:,} real" if column.record else f"{count:,} training against {count:,} test"
    )
    return f"{of} {pictures}; 95 % intervals. {ARROWS_MEAN}" if count else ""


def _in_parts(each: Measure) -> tuple[str, str, str]:
    digits = 3 if abs(each.value) < 0.095 else 2 if abs(each.value) < 10 else 1
    unit = "" if each.unit in ("", "share") else f" {each.unit}"
    return (
        ARROWS[each.better],
        each.label,
        f"{each.value:.{digits}f} ({each.low:.{digits}f} to {each.high:.{digits}f}){unit}",
    )


def as_csv(columns: Sequence[Column]) -> bytes:
    """Every epoch of every column, one row per number. value: mean over the epoch; last: its last minibatch."""
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(("model", "kind", "epoch", "measure", "of", "value", "last", "unit"))
    for column in columns:
        for row in column.record.epochs() if column.record else []:
            named = (_without_formula(column.title), column.kind, row.epoch)
            for name in MEASURES[column.kind]:
                table.writerow(
                    (*named, name, "training", row.measures.get(name), row.last.get(name), _unit(name, column.kind))
                )
            for name, value in row.test.items():
                of, unit = ("samples", "pixels") if name == SPREAD else ("test", _unit(name, column.kind))
                table.writerow((*named, name, of, value, "", unit))
    return buffer.getvalue().encode()


def _without_formula(words: str) -> str:
    """Prefix a name that a spreadsheet would take for a formula with an apostrophe."""
    return f"'{words}" if words[:1] in "=+-@\t\r" and words else words


def _unit(name: str, kind: str) -> str:
    return "chance" if name.startswith("d_") else "nats per image" if kind == "vae" else "nats"
