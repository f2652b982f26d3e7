"""The card of an exported run: a readable page on what it is, how it was made, and how to reproduce it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gencmp.events import SPREAD, Changed
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.forks.words import fork_words
from gencmp.runs.names import quoted
from gencmp.runs.plain_reading import plain_reading
from gencmp.runs.run import Run
from gencmp.runs.store import config_of
from gencmp.settings.configs import DATASETS
from gencmp.settings.levers import change_words
from gencmp.settings.own_folder import MARK, name_of
from gencmp.settings.presets import PRESETS, preset


def command_of(run: Run) -> str:
    """The command that reproduces this run. If the run started from another run's weights, that run is needed.

    A folder of pictures without a path is expected in the current directory.
    """
    if run.origin.get("epoch"):
        origin = run.origin
        return " ".join(
            [
                f"python -m gencmp resume {quoted(origin['name'])} --from-epoch {origin['epoch']}",
                *_options(origin["changes"]),
            ]
        )
    base = preset(run.kind, run.preset if run.preset in PRESETS[run.kind] else "paper").config.to_dict()
    changes = {name: value for name, value in run.config.items() if name in base and base[name] != value}
    preset_name = run.preset if run.preset != "own" else "paper"
    return " ".join(["python -m gencmp train", run.kind, f"--preset {preset_name}", *_options(changes)])


def _options(settings: Mapping[str, Any]) -> list[str]:
    return [f"--{name.replace('_', '-')} {quoted(_typed(value))}" for name, value in settings.items()]


def _typed(value: Any) -> str:
    if isinstance(value, str) and value.startswith(MARK):
        return f"./{name_of(value)}"
    return (
        ",".join(map(str, value))
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def card(record: ModelRecord, name: str, command: str, last: str = "float32") -> str:
    """The card in Markdown. last: the precision of the last epoch's weights."""
    run = record.run
    rows = record.epochs()
    ended = time.strftime("%Y-%m-%d", time.gmtime(run.ended)) if run.ended else "not ended"
    final = {f"{key}, last epoch": value for key, value in (rows[-1].measures if rows else {}).items()} | {
        f"{key}, test set": value for key, value in run.test.items() if key != SPREAD
    }
    figures = "\n".join(f"| {key.replace('_', ' ')} | {value:.4f} |" for key, value in final.items())
    began = f"| start | {words} |\n" if (words := fork_words(run)) else ""
    changed = "".join(f"| changed | {changed_words(run, each)} |\n" for each in record.changes())
    versions = ", ".join(f"{package} {number}" for package, number in run.versions.items() if package != "machine")
    return f"""# {name}

| | |
| --- | --- |
| made by | `{command}` |
{began}{changed}| epochs | {run.epoch} of {run.epochs}, {run.step:,} steps, {run.images:,} images |
| seed | {run.config["seed"]} |
| data | {data_words(run)} |
| ended | {ended} |
| took | {run.seconds:.0f} s of training, {run.images_per_second:,.0f} images/s in the last epoch |
| machine | {run.versions.get("machine", "")} {run.device}, {run.threads} threads, matrix products in {run.precision} |
| versions | {versions} |
{figures}

Weights are safetensors files under `epochs/`, the last epoch in {last}; pictures and latent means are npz files in the same folder.
The curves are in `curves.json`: steps averaged over neighbours, epochs in full.
{_code(record)}"""


def _code(record: ModelRecord) -> str:
    """How to draw from the last epoch without gencmp; nothing if no weights were kept."""
    if not (kept := record.folder.kept()):
        return ""
    code = plain_reading(config_of(record.run), f"epochs/{record.folder.weights(kept[-1]).name}")
    return (
        f"\nTo draw from the last epoch without gencmp, with PyTorch and safetensors alone:\n\n```python\n{code}```\n"
    )


def changed_words(run: Run, change: Changed) -> str:
    """ "From step 1,201 (epoch 3): Learning rate 0.001 → 0.0001"."""
    pairs = {name: (change.before[name], value) for name, value in change.after.items()}
    return f"From step {change.step:,} (epoch {change.epoch}): {change_words(config_of(run), pairs)}"


def data_words(run: Run) -> str:
    """What a run was trained on, in a form that can be shared: a folder's name and fingerprint, without its path."""
    dataset, fingerprint = str(run.config["dataset"]), run.data.get("fingerprint", "")
    if dataset in DATASETS:
        return dataset
    return f"own pictures ({name_of(dataset)}{f', fingerprint {fingerprint}' if fingerprint else ''})"
