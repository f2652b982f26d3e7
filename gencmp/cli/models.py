"""python -m gencmp describe, diagnose, and how commands look up the models they are given."""

from __future__ import annotations

import sys
from typing import Any

import click

from gencmp.cli.command import command, say
from gencmp.errors import RunStateError
from gencmp.files import home
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.diagnosis import diagnosis_of
from gencmp.runs.names import quoted
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS
from gencmp.settings.presets import preset


@command("describe", "show the layers of a preset, read from the modules themselves")
@click.argument("kind", type=click.Choice(tuple(CONFIGS)), help="Kind of model.")
@click.option("--preset", "preset_name", default="paper", help="Named settings, such as convolutional.")
def describe(kind: str, preset_name: str) -> dict[str, Any]:
    config = preset(kind, preset_name).config  # its mistakes are said before torch is loaded

    from gencmp.training.describe import describe as layers_of

    layers = layers_of(config)
    wide = max(len(each["layer"]) for each in layers)
    say("\n".join(f"{r['network']:<14} {r['layer']:<{wide}} {r['then']:<32} {r['parameters']:>9,}" for r in layers))
    return {"kind": kind, "preset": preset_name, "layers": layers}


@command("diagnose", "say what is wrong with a run, what it means, and what to try")
@click.argument("name", metavar="MODEL", help="A run or a shipped model.")
def diagnose(name: str) -> dict[str, Any]:
    record = catalog_for(name).find(name)
    found = diagnosis_of(record)
    if found is None:
        say(f"{record.run.name}: too early to say; it has finished {record.run.epoch} epochs.")
        return {"model": record.run.id, "diagnosis": None}
    say(f"{record.run.name}: {found.text}")
    changes = " ".join(f"{key}={value:g}" for key, value in found.changes.items())
    if changes and record.run.is_live:
        say(f"To try it: python -m gencmp set {quoted(record.run.name)} {changes}")
    return {
        "model": record.run.id, "diagnosis": found.name, "since": found.since, "words": found.text,
        "changes": dict(found.changes),
    }  # fmt: skip


def catalog_for(*names: str) -> Catalog:
    """All models of this home. A name that a run shares with a shipped model or a file means the latter; a warning on
    standard error gives the run's id."""
    catalog = Catalog(RunStore(home()))
    for words in filter(None, map(catalog.namesake, names)):
        print(f"gencmp: {words}", file=sys.stderr)
    return catalog


def store_and_run(name: str) -> tuple[RunStore, Run]:
    """The run of this name or id, for a command to one that trains. Raises RunNotFound, RunStateError for a shipped model."""
    catalog = catalog_for(name)
    record = catalog.find(name)
    if record.is_shipped:
        raise RunStateError(f"{record.run.name} is a shipped model: its training has ended.")
    return catalog.store, record.run
