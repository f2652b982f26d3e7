"""A panel for a slide or a report: columns of pictures, their curves, a title, a caption, and where all of it comes from.

The same columns, order and words give the same bytes, whether the page or the command line asks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from gencmp.classes import DIGITS, chosen_names
from gencmp.letters import clean
from gencmp.own_folder import portable_config
from gencmp.panels.columns import VIEWS, CompareError, columns_of
from gencmp.panels.facts import differences, figures, unmeasured
from gencmp.panels.html import as_html
from gencmp.panels.layout import Panel, draw
from gencmp.panels.orders import BROAD, DEEP, ORDERS, block_of, critic_of, look, order_words, usable
from gencmp.panels.provenance import as_csv, provenance
from gencmp.pdf import as_pdf
from gencmp.raster import as_png
from gencmp.shelf import Shelf
from gencmp.svg import as_svg
from gencmp.version import VERSION

TITLE = "GAN and VAE, side by side"
FORMS = {
    "png": "image/png", "print.png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf",
    "html": "text/html; charset=utf-8", "csv": "text/csv; charset=utf-8", "json": "application/json",
}  # fmt: skip
WORDS_AT_MOST = 400  # letters of a title or caption
MIDDLE = 50.0  # per cent: where the knife of a swipe begins


def make_panel(
    shelf: Shelf,
    names: Sequence[str],
    order: str = "seed",
    view: str = "grid",
    title: str = "",
    caption: str = "",
    at: float = MIDDLE,
) -> Panel:
    """names: as compare.column_of reads them; a swipe takes the first two, and of one column is a grid. at: where its knife
    is, per cent of the width. Raises CompareError, RunNotFound, SnapshotError.
    """  # fmt: skip
    if order not in ORDERS or view not in VIEWS:
        raise CompareError(
            f"Found order {order!r} and view {view!r}, wanted one of {', '.join(ORDERS)} and of {', '.join(VIEWS)}."
        )
    if not 0 <= at <= 100:
        raise CompareError(f"Found the knife at {at}, wanted 0 to 100 per cent of the width.")
    columns = columns_of(shelf, names)
    if view == "swipe":
        columns, view = columns[:2], "swipe" if len(columns) > 1 else "grid"
    critic = critic_of(columns, shelf)
    seen = look(columns, critic)
    panel = Panel(tuple(columns), seen, critic, usable(seen, order), view, round(at, 1))
    words = clean(caption) or _caption(panel)
    if order != panel.order and not caption:
        how = order_words(order, columns[0].nouns).split(",")[0]
        words += f" They cannot be ordered {how}: nobody can tell for all of them."
    return replace(panel, title=(clean(title) or TITLE)[:WORDS_AT_MOST], caption=words[:WORDS_AT_MOST])


def content(panel: Panel, form: str) -> bytes:
    """The panel in one of FORMS; "print.png" has 300 dots an inch. Raises CompareError, and SnapshotError for html."""
    match form:
        case "png":
            return as_png(draw(panel), 2)
        case "print.png":
            return as_png(draw(panel), 4, dpi=300)
        case "svg":
            return as_svg(draw(panel)).encode()
        case "pdf":
            return as_pdf(draw(panel))
        case "html":
            models = [(column.record, column.epoch) for column in panel.columns if column.record]
            return as_html(panel.title, as_svg(draw(panel)), models)
        case "csv":
            return as_csv(panel.columns)
        case "json":
            return json.dumps(as_dict(panel), indent=1, ensure_ascii=False).encode()
    raise CompareError(f"Found the form {form!r}, wanted one of {', '.join(FORMS)}.")


def _caption(panel: Panel) -> str:
    if panel.view == "evolution":
        return "The same pictures after more and more epochs: each row is an epoch, each place across keeps its seed."
    counts = sorted({len(column.images) for column in panel.columns})
    words = f"{' to '.join(map(str, counts[:1] + counts[1:][-1:]))} pictures each, {order_words(panel.order, panel.columns[0].nouns)}."
    if panel.view == "swipe":
        words += " They lie over each other: left of the line the first is seen, right of it the second."
    if panel.order == "digit":
        words += _by_class_words(panel)
    if panel.order == "d" and panel.critic:
        words += f" D is that of {panel.critic.name} after epoch {panel.critic.epoch}."
    if panel.order == "seed":
        words += " Each model's places keep their seeds from epoch to epoch; nothing was picked out."
    return words


def _by_class_words(panel: Panel) -> str:
    """What the columns of classes are, where that is not plain, and how much of them is shown."""
    names, shown, nouns = panel.seen[0].names, panel.seen[0].shown, panel.columns[0].nouns
    below = "" if panel.view == "swipe" else "; the numbers below count all"
    words = f" Of each {nouns.class_} at most {DEEP * block_of(len(shown))} are shown{below}."
    if len(names) > BROAD and len(shown) == BROAD:
        words += f" Of {len(names)} {nouns.classes} these are the {BROAD} that the judge sees most."
    if shown != tuple(range(10)) or nouns != DIGITS:
        words += f" From left to right: {chosen_names(names, shown)}."
    return words


def as_dict(panel: Panel) -> dict[str, Any]:
    """Everything in the panel that is no picture; plain JSON values."""
    columns = []
    for column, seen in zip(panel.columns, panel.seen, strict=True):
        run = column.record.run if column.record else None
        told: dict[str, Any] = {
            "model": column.title,
            "kind": column.kind,
            "epoch": column.epoch,
            "column": column.address,
        }
        if run and column.record:
            told |= {
                "preset": run.preset,
                "config": portable_config(run.config),
                "data": dict(run.data),
                "versions": dict(run.versions),
            }
            told["epochs"] = [
                {"epoch": row.epoch, "mean": dict(row.measures), "last": dict(row.last), "test": dict(row.test)}
                for row in column.record.epochs()
            ]
        told |= {"figures": [asdict(each) for each in figures(column)], "unmeasured": unmeasured(column)}
        known = {"digits": seen.digits, "confidence": seen.confidence, "d": seen.d}
        told["pictures"] = {name: None if value is None else value.tolist() for name, value in known.items()}
        told["classes"] = list(column.classes)
        columns.append(told)
    return {
        "title": panel.title, "caption": panel.caption, "order": panel.order, "view": panel.view, "at": panel.at,
        "critic": {"model": panel.critic.name, "epoch": panel.critic.epoch} if panel.critic else None,
        "columns": columns, "differences": differences(panel.columns), "provenance": provenance(panel.columns), "gencmp": VERSION,
    }  # fmt: skip
