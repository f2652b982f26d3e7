"""python -m gencmp describe, and the models that a command names."""

from __future__ import annotations

import sys
from typing import Any

import click

from gencmp.cli.command import command, say
from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS
from gencmp.settings.presets import preset


@command("describe", "the layers of the paper preset, read from the modules that train")
@click.argument("kind", type=click.Choice(tuple(CONFIGS)), help="Which model.")
def describe(kind: str) -> dict[str, Any]:
    from gencmp.training.describe import describe as layers_of

    layers = layers_of(preset(kind, "paper").config)
    say("\n".join(f"{r['network']:<14} {r['layer']:<12} {r['then']:<32} {r['parameters']:>9,}" for r in layers))
    return {"kind": kind, "layers": layers}


def catalog_for(*names: str) -> Catalog:
    """All models of this home. A name that a run shares with a shipped model, or with a file, is taken for the latter;
    that is said on standard error, with the id that the run answers to."""
    catalog = Catalog(RunStore(home()))
    for words in filter(None, map(catalog.namesake, names)):
        print(f"gencmp: {words}", file=sys.stderr)
    return catalog
