"""python -m gencmp data FOLDER: what a folder of your own data contains and how it would be read, before training on it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gencmp.cli.command import FILE, command, say
from gencmp.cli.progress_bar import progress_bar
from gencmp.data.arrays import SIDE
from gencmp.data.own_data import read_own
from gencmp.data.survey import Strip
from gencmp.errors import ConfigError
from gencmp.files import write_whole
from gencmp.graphics.sheets import grid, png

SCALE = 2  # screen pixels per pixel
GAP, LETTERS = 8, 14  # screen pixels
DOWN = 13  # rows per column


@command("data", "show what a folder of your own data contains: pictures, classes, what is left out and why")
@click.argument(
    "folder", metavar="FOLDER", type=FILE, help="A folder of IDX files, or of pictures in folders named by class."
)
@click.option("--sheet", type=FILE, help=".png file to write: some pictures of each class, as gencmp reads them.")
def data(folder: Path, sheet: Path | None) -> dict[str, Any]:
    if sheet and sheet.suffix != ".png":
        raise ConfigError("sheet", f"--sheet: found {sheet.name!r}, wanted a name that ends in .png.")
    with progress_bar() as progress:
        own = read_own(folder.resolve(), lambda words: progress(0.0, words))
    say("\n".join([own.survey.headline(), *filter(None, [own.survey.class_words()]), *own.survey.remarks()]))
    if sheet:
        write_whole(sheet, sheet_png(own.sheet()))
    return own.survey.to_dict()


def sheet_png(strips: Sequence[Strip]) -> bytes:
    """One row per class, its name to the left of its pictures, light on dark; many classes fill several columns."""
    font = ImageFont.load_default(LETTERS)
    names = [strip.name or "no label" for strip in strips]
    rows = [
        grid(strip.images, columns=min(8, len(strip.images)), gap=2).repeat(SCALE, 0).repeat(SCALE, 1)
        for strip in strips
    ]
    left = GAP + round(max(font.getlength(name) for name in names)) + GAP
    width, height = left + max(row.shape[1] for row in rows) + GAP, max(row.shape[0] for row in rows) + GAP
    down = min(DOWN, len(rows))
    sheet = Image.new("L", (width * -(-len(rows) // down), height * down + GAP))
    draw = ImageDraw.Draw(sheet)
    for place, (name, row) in enumerate(zip(names, rows, strict=True)):
        x, y = place // down * width, place % down * height + GAP
        draw.text((x + GAP, y + SIDE * SCALE // 2), name, fill=255, font=font, anchor="lm")
        sheet.paste(Image.fromarray(row), (x + left, y))
    return png(np.asarray(sheet))
