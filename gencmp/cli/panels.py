"""python -m gencmp panel, figures: make pictures for slides and reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gencmp.cli.command import FILE, command
from gencmp.cli.models import catalog_for
from gencmp.files import write_whole
from gencmp.graphics.words import advice
from gencmp.panels.columns import VIEWS, CompareError, column_address
from gencmp.panels.facts import unmeasured
from gencmp.panels.forms import DRAWN, FORMS, PICTURES, Look, content
from gencmp.panels.orders import ORDERS
from gencmp.panels.panel import MIDDLE, Panel, make_panel


@command("panel", "put models side by side in one file, as the Compare page does")
@click.argument(
    "columns", metavar="MODEL...", nargs=-1, required=True,
    help="A run, paper-gan or paper-vae, MODEL@EPOCH for an earlier epoch, or real for real digits; up to four.",
)  # fmt: skip
@click.option(
    "--out",
    type=FILE,
    required=True,
    help="File to write: .png, .svg, .pdf, .html (works offline), .csv (curves) or .json.",
)
@click.option("--order", type=click.Choice(tuple(ORDERS)), default="seed", help="Order of the pictures.")
@click.option(
    "--view", type=click.Choice(VIEWS), default="grid",
    help="evolution: one row per epoch, the same pictures across; swipe: the first two models over each other.",
)  # fmt: skip
@click.option("--at", type=float, default=MIDDLE, help="Position of the divider of a swipe, in per cent of the width.")
@click.option("--title", default="", show_default=False, help="Title at the top.")
@click.option("--caption", default="", show_default="what is shown", help="Caption below the title.")
@click.option("--print", "for_print", is_flag=True, help="Make a .png of 300 dots per inch.")
@click.option("--wide", is_flag=True, help="Make a slide of 16 by 9, with large words (.png, .svg, .pdf).")
@click.option("--dark", is_flag=True, help="Light on dark (.png, .svg, .pdf).")
def panel(
    columns: tuple[str, ...], out: Path, order: str, view: str, at: float, title: str, caption: str,
    for_print: bool, wide: bool, dark: bool,
) -> dict[str, Any]:  # fmt: skip
    form = out.suffix.lstrip(".").lower()
    form = "print.png" if for_print and form == "png" else form
    if form not in FORMS:
        wanted = "wanted a name that ends in .png, .svg, .pdf, .html, .csv or .json"
        raise CompareError(f"--out: found {out.name!r}, {wanted}.")
    if (wide or dark) and form not in PICTURES:
        raise CompareError(f"--out: found {out.name!r}, wanted .png, .svg or .pdf with --wide or --dark.")
    catalog = catalog_for(*(column_address(name)[0] for name in columns))
    drawn = make_panel(catalog, list(columns), order, view, title, caption, at)
    made = content(drawn, form, Look(wide, dark))
    write_whole(out, made)
    print(f"{out}: {len(made) / 1000:,.0f} kB", file=sys.stderr)
    _warn(drawn, form)
    return {"out": str(out), "bytes": len(made), "columns": [column.address for column in drawn.columns]}


def _warn(panel: Panel, form: str) -> None:
    """Print what the panel lacks, and how to fix it."""
    for column in panel.columns:
        if words := unmeasured(column):
            print(f"{column.title}: {words}", file=sys.stderr)
    if form in DRAWN:
        from gencmp.graphics.fonts import missing

        if words := advice(missing(panel.words)):
            print(words, file=sys.stderr)


@command("figures", "reproduce the paper's figures with the shipped models")
@click.option("--out", type=FILE, required=True, help="Folder to write.")
def figures(out: Path) -> dict[str, Any]:
    from gencmp.panels.paper_figures import paper_figures

    made = paper_figures(catalog_for())
    files = {f"{figure.name}.{form}": data for figure in made for form, data in figure.files().items()}
    for name, data in files.items():
        write_whole(out / name, data)
    print(f"{out}: {len(files)} files", file=sys.stderr)
    return {"out": str(out), "files": sorted(files)}
