"""python -m gencmp sweep: a run for each combination of some settings' values, and what came of them as a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import click

from gencmp.cli.clusters.following import executor_option, on_cluster, wait_for
from gencmp.cli.command import FILE, command, say
from gencmp.cli.progress_bar import progress_bar
from gencmp.errors import ConfigError, StoreError
from gencmp.files import home, trouble_writing, write_whole
from gencmp.runs.disk import disk_use, free_bytes, refuse_full, room_words
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, Config
from gencmp.settings.presets import preset
from gencmp.settings.setting import parse_setting, refuse_unknown_settings

MOST = 200  # runs of one sweep


@command(
    "sweep", "train a run for each combination of settings: sweep vae learning_rate=0.001,0.0003 latent_size=2,8",
    "Runs wait in the queue as any other, and train on this computer or on a cluster; the dashboard shows them meanwhile.",
    kept="Runs that had finished are kept: `python -m gencmp runs` lists them.",
)  # fmt: skip
@click.argument("kind", type=click.Choice(tuple(CONFIGS)), help="Kind of model.")
@click.argument(
    "grid", metavar="SETTING=VALUE,VALUE...", nargs=-1, required=True, help="Values to try. Widths: 512-256,128."
)
@click.option("--preset", "preset_name", default="quick", help="Named settings; the grid changes them.")
@click.option("--name", default="sweep", help="The runs' names begin with it.")
@click.option("--out", type=FILE, show_default="none", help="JSON file for the table.")
@executor_option
def sweep(kind: str, grid: tuple[str, ...], preset_name: str, name: str, out: Path | None) -> dict[str, Any]:
    values = grid_of(CONFIGS[kind], grid)
    configs = _configs(preset(kind, preset_name).config, values)
    if out and (trouble := trouble_writing(out.parent)):
        raise StoreError(f"{out.parent} cannot be written to: {trouble}. Choose another place with --out.")
    uses = [disk_use(config) for config in configs]
    refuse_full(uses, home())
    say(room_words(uses, free_bytes(home())))
    on_cluster()
    store = RunStore(home())
    runs = [store.create(config, stem=f"{name} {n}", based_on=preset_name) for n, config in enumerate(configs, 1)]
    with progress_bar() as progress:
        ended = wait_for(store, runs, progress)
    rows = [_row(store, run, list(values)) for run in ended]
    if out:
        write_whole(out, json.dumps(rows, indent=1).encode())
    say(_table(rows))
    return {"ok": all(run.state == "finished" for run in ended), "runs": rows}


def grid_of(config: type[Config], pairs: Sequence[str]) -> dict[str, list[Any]]:
    """Setting -> values. Raises ConfigError for unknown settings, and for values that cannot be read."""
    found: dict[str, list[Any]] = {}
    for pair in pairs:
        name, equals, texts = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not texts.strip(", "):
            raise ConfigError(
                name, f"Found {pair!r}, wanted SETTING=VALUE,VALUE, for example learning_rate=0.001,0.0003."
            )
        if name in found:
            raise ConfigError(name, f"{name} is there twice. Give all its values at once: {name}=VALUE,VALUE.")
        refuse_unknown_settings(config, {name: texts})
        found[name] = [parse_setting(config, name, text) for text in texts.split(",") if text.strip()]
    return found


def _configs(base: Config, values: dict[str, list[Any]]) -> list[Config]:
    combinations = list(product(*values.values()))
    if len(combinations) > MOST:
        raise ConfigError(
            "grid", f"These are {len(combinations):,} combinations, wanted at most {MOST}. Try fewer values."
        )
    return [base.replace(**dict(zip(values, each, strict=True))) for each in combinations]


def _row(store: RunStore, run: Run, names: list[str]) -> dict[str, Any]:
    checkup = store.queries.checkup(run.id)
    return {
        "run": run.id, "name": run.name, "state": run.state, "reason": run.reason, "epoch": run.epoch,
        "seconds": round(run.seconds, 1), "settings": {name: run.config[name] for name in names}, "test": dict(run.test),
        "frechet": checkup["frechet"] if checkup else None,
    }  # fmt: skip


def _table(rows: Sequence[dict[str, Any]]) -> str:
    """One line a run, the smallest Fréchet distance first; those without one last."""
    names, measures = list(rows[0]["settings"]), sorted({name for row in rows for name in row["test"]})
    lines = [["name", *names, "state", "epochs", "seconds", "Fréchet", *measures]]
    for row in sorted(rows, key=lambda row: (row["frechet"] is None, row["frechet"] or 0.0)):
        figures = [row["frechet"], *(row["test"].get(name) for name in measures)]
        settings = [_words(row["settings"][name]) for name in names]
        cells = ["" if figure is None else f"{figure:.2f}" for figure in figures]
        lines.append([row["name"], *settings, row["state"], str(row["epoch"]), str(row["seconds"]), *cells])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    reasons = [f"{row['name']}: {row['reason']}" for row in rows if row["reason"]]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*table, *reasons])


def _words(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
