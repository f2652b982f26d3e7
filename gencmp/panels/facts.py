"""Facts about columns: how their models differ, what was measured, and the JSON that the page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gencmp.data.classes import chosen_names
from gencmp.evaluation.judges.panel import file_key
from gencmp.evaluation.kept_opinions import why_unjudged
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.verdicts import Verdict, floor_key, kept_verdict
from gencmp.panels.columns import Column, evolution_epochs, spans
from gencmp.panels.orders import ORDERS, critic_of, opinions_on, usable
from gencmp.runs.catalog import Catalog
from gencmp.runs.run import EpochRow, machine_differences
from gencmp.settings.configs import CONFIGS, VaeConfig
from gencmp.settings.own_folder import name_of
from gencmp.settings.setting import settings_of

SHOWN = ("legible", "edges", "blur", "specks", "recall", "frechet")  # measures of a verdict


def differences(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Settings whose values differ between the models: label, unit, and each model's value, None if it has no such setting.
    Settings that all models have come first; differences between their machines come last."""
    models = [column for column in columns if column.record]
    configs = [dict(column.record.run.config) for column in models if column.record]
    known: dict[str, Any] = {}
    for config in configs:
        known = settings_of(CONFIGS[config["kind"]]) | known
    rows = []
    for name, facts in known.items():
        values = [config.get(name) for config in configs]
        if any(value != values[0] for value in values):
            shown = [name_of(str(value)) for value in values] if name == "dataset" else values
            rows.append({"name": name, "label": facts.label, "unit": facts.unit, "values": shown})
    machines = machine_differences([column.record.run for column in models if column.record])
    machine_rows = [
        {"name": name, "label": name, "unit": "", "values": [value or "not recorded" for value in found]}
        for name, found in machines.items()
    ]
    return sorted(rows, key=lambda row: None in row["values"]) + machine_rows


def epoch_row(column: Column) -> EpochRow | None:
    rows = column.record.epochs(after=column.epoch - 1, points=1) if column.record else []
    return rows[0] if rows and rows[0].epoch == column.epoch else None


def figures(column: Column) -> list[Measure]:
    """The judges' measures of a column's weights, or of real pictures, with intervals; empty if not measured."""
    return [verdict[name] for name in SHOWN if name in verdict] if (verdict := _verdict(column)) else []


def measured_on(column: Column) -> int:
    """How many pictures `figures` are based on; 0 if not measured."""
    return verdict.count if (verdict := _verdict(column)) else 0


def _verdict(column: Column) -> Verdict | None:
    """Of real pictures, the floor: training pictures in a model's place."""
    dataset, classes, _ = column.data
    if column.record is None:
        return kept_verdict(floor_key(VaeConfig(dataset=dataset, classes=classes)), dataset)
    path = column.record.folder.weights(column.epoch)
    return kept_verdict(file_key(path), dataset) if path.is_file() else None


def unmeasured(column: Column) -> str:
    """Why a model's column has no `figures`, and what to do; empty for measured and real columns."""
    if column.record is None or figures(column):
        return ""
    if not column.classes:
        return "Cannot be measured: its data has no labels, which the judge needs for training."
    kept = column.record.folder.kept()
    if column.epoch not in kept:
        return f"Epoch {column.epoch} cannot be measured because its weights were not saved. Saved epochs: {spans(kept) or 'none'}."
    return f"Not measured yet. Run: python -m gencmp evaluate {column.name} --epoch {column.epoch}"


def unjudged(columns: Sequence[Column]) -> str:
    """Of which columns the judge's opinion is not known, and why: a sentence; empty where it is of all."""
    lacking = [column for column in columns if column.judge is None]
    if not lacking:
        return ""
    first = lacking[0]
    model = first.record or first.of
    names = " and ".join(column.title for column in lacking)
    why = why_unjudged(first.data[0], first.classes, model.run.id if model else "MODEL")
    return f"What the judge sees in {names} is not known: {why}."


def as_words(value: Any, name: str = "", classes: Sequence[str] = ()) -> str:
    """A setting's value for a table; classes are given by name."""
    if name == "classes" and value:
        return chosen_names(classes, value)
    if name == "limit" and value == 0:
        return "all"
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(map(str, value)) or "all" if isinstance(value, (list, tuple)) else str(value).replace("_", " ")


def facts(columns: Sequence[Column], catalog: Catalog) -> Mapping[str, Any]:
    """Everything the page shows about columns except pictures and curves, as plain JSON."""
    critic = critic_of(columns, catalog)
    seen = opinions_on(columns, critic)
    orders = {how: usable(seen, how) for how in ORDERS}
    described = []
    for column, each in zip(columns, seen, strict=True):
        described.append(
            {
                "name": column.name, "title": column.title, "kind": column.kind, "epoch": column.epoch,
                "count": len(column.images), "pictured": column.record.folder.pictured() if column.record else [],
                "evolution": evolution_epochs(column),
                "orders": {how: each.order(orders[how], len(column.images)) for how in ORDERS},
                "classes": column.classes, "of": column.of.run.id if column.of else "",
                "digits": _rounded(each.digits), "confidence": _rounded(each.confidence), "d": _rounded(each.d),
            }
        )  # fmt: skip
    names = [column.classes for column in columns if column.record]
    table = [
        row | {"values": [as_words(value, row["name"], each) for value, each in zip(row["values"], names, strict=True)]}
        for row in differences(columns)
    ]
    return {
        "columns": described, "differences": table, "critic": f"{critic.name}, epoch {critic.epoch}" if critic else None,
        "unordered": [how for how in ORDERS if orders[how] != how], "unjudged": unjudged(columns), "shown": seen[0].shown,
    }  # fmt: skip


def _rounded(values: np.ndarray | None) -> list[float] | None:
    return None if values is None else [round(float(value), 4) for value in values]
