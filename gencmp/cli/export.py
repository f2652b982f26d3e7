"""python -m gencmp sample, export: what is taken out of a model, as pictures or as a folder to be shared."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from gencmp.cli.models import catalog_for
from gencmp.errors import ConfigError, RunStateError
from gencmp.files import SHIPPED, write_whole
from gencmp.graphics.sheets import grid, png
from gencmp.runs.card import card, command_of
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.export import export, shareable
from gencmp.runs.names import cleaned


def register(commands: Any, command: Callable[..., argparse.ArgumentParser], whole: Callable[[int, int], Any]) -> None:
    """Add the commands to the command line; `command` makes one, `whole` an option's type."""
    drawn = command(commands, "sample", _sample, "draw pictures from a model")
    drawn.add_argument("model", metavar="MODEL", help="a run, a .safetensors file, or paper-gan or paper-vae")
    drawn.add_argument("--count", type=whole(1, 100_000), default=64, help="how many (default 64)")
    drawn.add_argument("--seed", type=whole(0, 2**31 - 1), default=0, help="of the noise (default 0)")
    drawn.add_argument("--epoch", type=whole(1, 10_000), help="a kept epoch (default: the last)")
    drawn.add_argument("--out", type=Path, required=True, help=".png: a grid; .npy: uint8 [n, 28, 28]")

    out = command(commands, "export", _export, "write a run as a folder that can be shipped and shown")
    out.add_argument("model", metavar="RUN", help="its name or id")
    out.add_argument("--out", type=Path, required=True, help="the folder to write")
    out.add_argument("--as", dest="new_name", default="", help="its name from now on")
    out.add_argument(
        "--epochs",
        type=_several(whole),
        default=(),
        help="whose weights go along, as 1,2,5; the last always does (default: all kept)",
    )
    out.add_argument("--half", action="store_true", help="weights before the last in float16")


def _several(whole: Callable[[int, int], Any]) -> Callable[[str], tuple[int, ...]]:
    """An option's type: "1,2,5"."""

    def several(text: str) -> tuple[int, ...]:
        return tuple(whole(1, 10_000)(word) for word in text.split(","))

    return several


# Commands: each returns what --json prints


def _sample(options: argparse.Namespace) -> dict[str, Any]:
    if options.out.suffix not in (".png", ".npy"):
        raise ConfigError(
            "out", f"--out: found {options.out.name!r}, wanted a name that ends in .png (a grid) or .npy (an array)."
        )
    path = catalog_for(options.model).weights(options.model, options.epoch)

    from gencmp.models.snapshot import read
    from gencmp.training.build import sample

    snapshot = read(path)
    if snapshot.ignored:
        print(f"gencmp: left out, since this version does not know it: {', '.join(snapshot.ignored)}", file=sys.stderr)
    images = sample(snapshot, options.count, options.seed)
    write_whole(options.out, png(grid(images, gap=1), scale=2) if options.out.suffix == ".png" else _npy(images))
    print(f"{len(images)} pictures of {options.model}, seed {options.seed}: {options.out}", file=sys.stderr)
    return {"model": options.model, "count": len(images), "seed": options.seed, "out": str(options.out)}


def _npy(images: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, images)
    return buffer.getvalue()


def _export(options: argparse.Namespace) -> dict[str, Any]:
    catalog = catalog_for(options.model)
    record = catalog.find(options.model)
    if not record.folder.kept():
        raise RunStateError(f"{record.run.name} has not finished an epoch yet: there is nothing to export.")
    name, command = _new_name(options, catalog, record), command_of(shareable(record.run))
    export(record, options.out, options.epochs, options.half, name=name, command=command)
    write_whole(options.out / "README.md", card(record, name, command).encode())
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{options.out}: {size / 1e6:.1f} MB", file=sys.stderr)
    return {"run": record.run.id, "out": str(options.out), "bytes": size}


def _new_name(options: argparse.Namespace, catalog: Catalog, record: ModelRecord) -> str:
    """What the exported run is called: not as another model is, unless it is written in that shipped model's place."""
    name = cleaned(options.new_name) or record.run.name
    if not record.is_shipped and options.out.resolve() != SHIPPED / name:
        catalog.store.refuse_name(name, record.run.id)
    elif name != record.run.name:
        catalog.store.refuse_name(name)
    return name
