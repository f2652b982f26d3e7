"""python -m gencmp sample, export: draw pictures from a model, or write it as a folder to share."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np

from gencmp.cli.command import EPOCH, FILE, MODEL, SEED, Whole, command
from gencmp.cli.models import catalog_for
from gencmp.errors import ConfigError
from gencmp.files import SHIPPED, write_whole
from gencmp.graphics.sheets import grid, png
from gencmp.runs.card import card, command_of
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.export import export as write_export
from gencmp.runs.export import shareable
from gencmp.runs.names import cleaned


@command("sample", "generate pictures with a model")
@click.argument("model", metavar="MODEL", help=MODEL)
@click.option("--count", type=Whole(1, 100_000), default=64, help="Number of pictures.")
@click.option("--seed", type=SEED, default=0, help="Seed of the noise.")
@click.option("--epoch", type=EPOCH, show_default="the last", help="A saved epoch.")
@click.option("--out", type=FILE, required=True, help="File to write. .png: a grid; .npy: uint8 [n, 28, 28].")
def sample(model: str, count: int, seed: int, epoch: int | None, out: Path) -> dict[str, Any]:
    if out.suffix not in (".png", ".npy"):
        wanted = "wanted a name that ends in .png (a grid) or .npy (an array)"
        raise ConfigError("out", f"--out: found {out.name!r}, {wanted}.")
    path = catalog_for(model).weights(model, epoch)

    from gencmp.models.snapshot import read
    from gencmp.training.build import sample as draw

    snapshot = read(path)
    if snapshot.ignored:
        print(
            f"gencmp: ignored settings that this version does not know: {', '.join(snapshot.ignored)}", file=sys.stderr
        )
    images = draw(snapshot, count, seed)
    write_whole(out, png(grid(images, gap=1), scale=2) if out.suffix == ".png" else _npy(images))
    print(f"{len(images)} pictures of {model}, seed {seed}: {out}", file=sys.stderr)
    return {"model": model, "count": len(images), "seed": seed, "out": str(out)}


def _npy(images: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, images)
    return buffer.getvalue()


def _several(ctx: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    """The epochs in "1,2,5"."""
    return tuple(EPOCH.convert(word, option, ctx) for word in text.split(",")) if text else ()


@command("export", "write a run as a folder that can be shared")
@click.argument("model", metavar="RUN", help="Name or id of a run.")
@click.option("--out", type=FILE, required=True, help="Folder to write.")
@click.option("--as", "new_name", default="", show_default="its own", help="Name of the exported run.")
@click.option(
    "--epochs", default="", show_default="all saved ones", callback=_several,
    help="Epochs whose weights to include, such as 1,2,5; the last is always included.",
)  # fmt: skip
@click.option("--half", is_flag=True, help="Store all weights but the last in float16.")
@click.option(
    "--half-last",
    is_flag=True,
    help="Store the last weights in float16, too: half the size, the same pictures to the eye.",
)
def export(
    model: str, out: Path, new_name: str, epochs: tuple[int, ...], half: bool, half_last: bool
) -> dict[str, Any]:
    catalog = catalog_for(model)
    record = catalog.find(model)
    catalog.weights(model)  # raises an error with the reason where there are none
    name, made_by = _free_name(new_name, out, catalog, record), command_of(shareable(record.run))
    write_export(record, out, epochs, half, half_last, name=name, command=made_by)
    write_whole(out / "README.md", card(record, name, made_by, "float16" if half_last else "float32").encode())
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {size / 1e6:.1f} MB", file=sys.stderr)
    return {"run": record.run.id, "out": str(out), "bytes": size}


def _free_name(new_name: str, out: Path, catalog: Catalog, record: ModelRecord) -> str:
    """The name of the exported run. It must be free, unless the export overwrites the shipped model of that name."""
    name = cleaned(new_name) or record.run.name
    if not record.is_shipped and out.resolve() != SHIPPED / name:
        catalog.store.refuse_name(name, record.run.id)
    elif name != record.run.name:
        catalog.store.refuse_name(name)
    return name
