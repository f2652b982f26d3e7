"""A panel as a file: a picture, an HTML page, a table of curves, or JSON. The same panel always gives the same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from gencmp.panels.columns import CompareError
from gencmp.panels.facts import differences, figures, unmeasured
from gencmp.panels.html import as_html
from gencmp.panels.panel import Panel
from gencmp.panels.provenance import as_csv, provenance
from gencmp.settings.own_folder import portable_config
from gencmp.version import VERSION

FORMS = {
    "png": "image/png", "print.png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf",
    "html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json",
}  # fmt: skip
PICTURES = ("png", "print.png", "svg", "pdf")  # formats that can be a slide, or dark
DRAWN = ("png", "print.png", "pdf")  # formats that embed or rasterise their fonts


@dataclass(frozen=True)
class Look:
    """How PICTURES look. wide: a slide of 16 by 9. dark: light ink on a dark ground."""

    wide: bool = False
    dark: bool = False


def content(panel: Panel, form: str, look: Look = Look()) -> bytes:
    """The panel in one of FORMS; "print.png" has 300 dpi. Raises CompareError, and SnapshotError for html."""
    match form:
        case "csv":
            return as_csv(panel.columns)
        case "json":
            return json.dumps(as_dict(panel), indent=1, ensure_ascii=False).encode()
        case "html":
            models = [(column.record, column.epoch) for column in panel.columns if column.record]
            return as_html(panel.title, _picture(panel, "svg", Look()).decode(), models)
    if form not in FORMS:
        raise CompareError(f"Found format {form!r}, wanted one of {', '.join(FORMS)}.")
    return _picture(panel, form, look)


def _picture(panel: Panel, form: str, look: Look) -> bytes:
    from gencmp.graphics.rendering import drawn
    from gencmp.panels.layout import lay_out
    from gencmp.panels.slide import lay_out_slide

    draw = partial(lay_out_slide if look.wide else lay_out, panel)
    scale, dpi = (4, 300) if form == "print.png" else (3 if look.wide else 2, 0)  # a slide's units are fewer
    return drawn(draw, panel.title, form.removeprefix("print."), scale, look.dark, dpi=dpi)


def as_dict(panel: Panel) -> dict[str, Any]:
    """Everything in the panel except the pictures, as plain JSON values."""
    columns = []
    for column, seen in zip(panel.columns, panel.seen, strict=True):
        run = column.record.run if column.record else None
        facts: dict[str, Any] = {
            "model": column.title,
            "kind": column.kind,
            "epoch": column.epoch,
            "column": column.address,
        }
        if run and column.record:
            facts |= {
                "preset": run.preset,
                "config": portable_config(run.config),
                "data": dict(run.data),
                "versions": dict(run.versions),
            }
            facts["epochs"] = [
                {"epoch": row.epoch, "mean": dict(row.measures), "last": dict(row.last), "test": dict(row.test)}
                for row in column.record.epochs()
            ]
        facts |= {"figures": [asdict(each) for each in figures(column)], "unmeasured": unmeasured(column)}
        known = {"digits": seen.digits, "confidence": seen.confidence, "d": seen.d}
        facts["pictures"] = {name: None if value is None else value.tolist() for name, value in known.items()}
        facts["classes"] = list(column.classes)
        columns.append(facts)
    return {
        "title": panel.title, "caption": panel.caption, "order": panel.order, "view": panel.view, "at": panel.at,
        "critic": {"model": panel.critic.name, "epoch": panel.critic.epoch} if panel.critic else None,
        "columns": columns, "differences": differences(panel.columns), "provenance": provenance(panel.columns), "gencmp": VERSION,
    }  # fmt: skip
