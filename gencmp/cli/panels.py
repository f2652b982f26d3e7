"""python -m gencmp panel, figures: the commands that make pictures for a slide or a report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gencmp.cli.models import catalog_for
from gencmp.files import write_whole
from gencmp.graphics.words import advice
from gencmp.panels.columns import VIEWS, CompareError, column_address
from gencmp.panels.facts import unmeasured
from gencmp.panels.forms import DRAWN, FORMS, content
from gencmp.panels.orders import ORDERS
from gencmp.panels.panel import MIDDLE, Panel, make_panel


def register(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands to the command line; `command` makes one."""
    panel = command(
        commands, "panel", _panel, "put models side by side as a picture, a page or numbers, as Compare does"
    )
    panel.add_argument(
        "columns", metavar="MODEL", nargs="+", help="a run, paper-gan or paper-vae, MODEL@EPOCH, or real; up to four"
    )
    panel.add_argument(
        "--out", type=Path, required=True, help=".png, .svg, .pdf, .html (works offline), .csv (curves) or .json"
    )
    panel.add_argument("--order", choices=tuple(ORDERS), default="seed", help="of the pictures (default seed)")
    panel.add_argument(
        "--view", choices=VIEWS, default="grid",
        help="evolution: epochs down, the same pictures across; swipe: the first two over each other (default grid)",
    )  # fmt: skip
    panel.add_argument(
        "--at", type=float, default=MIDDLE, help="where a swipe's divider is, per cent of the width (default 50)"
    )
    panel.add_argument("--title", default="", help="at the top")
    panel.add_argument("--caption", default="", help="below the title (default: what is shown)")
    panel.add_argument("--print", dest="for_print", action="store_true", help="a .png of 300 dots an inch")

    figures = command(commands, "figures", _figures, "redo the paper's figures from the shipped models")
    figures.add_argument("--out", type=Path, required=True, help="the folder to write")


def _panel(options: argparse.Namespace) -> dict[str, Any]:
    form = options.out.suffix.lstrip(".").lower()
    form = "print.png" if options.for_print and form == "png" else form
    if form not in FORMS:
        raise CompareError(
            f"--out: found {options.out.name!r}, wanted a name that ends in .png, .svg, .pdf, .html, .csv or .json."
        )
    panel = make_panel(
        catalog_for(*(column_address(name)[0] for name in options.columns)),
        options.columns,
        options.order,
        options.view,
        options.title,
        options.caption,
        options.at,
    )
    made = content(panel, form)
    write_whole(options.out, made)
    print(f"{options.out}: {len(made) / 1000:,.0f} kB", file=sys.stderr)
    _warn(panel, form)
    return {"out": str(options.out), "bytes": len(made), "columns": [column.address for column in panel.columns]}


def _warn(panel: Panel, form: str) -> None:
    """What the panel lacks, and what to do about it."""
    for column in panel.columns:
        if words := unmeasured(column):
            print(f"{column.title}: {words}", file=sys.stderr)
    if form in DRAWN:
        from gencmp.graphics.fonts import missing

        if words := advice(missing(panel.words)):
            print(words, file=sys.stderr)


def _figures(options: argparse.Namespace) -> dict[str, Any]:
    from gencmp.panels.paper_figures import paper_figures

    made = paper_figures(catalog_for())
    files = {f"{figure.name}.{form}": data for figure in made for form, data in figure.files().items()}
    for name, data in files.items():
        write_whole(options.out / name, data)
    print(f"{options.out}: {len(files)} files", file=sys.stderr)
    return {"out": str(options.out), "files": sorted(files)}
