"""A new run that begins with the weights of another: for whatever is no identical continuation of it. Imports no torch.

It goes on counting from the epoch that it begins with, whose weights and pictures lie in its folder from the start. The
optimiser begins anew, for only the newest state of a run is whole; so the same settings give other weights than the
first run had.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gencmp.errors import ConfigError, RunNotFound, RunStateError
from gencmp.files import write_whole
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.folder import RunFolder
from gencmp.runs.names import quoted
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, Config, config_for_use
from gencmp.settings.own_folder import refuse_absent
from gencmp.settings.setting import default_of, settings_of
from gencmp.settings.widths import network_widths

RATES = ("learning_rate", "generator_learning_rate", "discriminator_learning_rate")
LOWER = 10  # times: the usual next try


def fork(
    store: RunStore, record: ModelRecord, changes: Mapping[str, Any], epoch: int | None = None, name: str = ""
) -> Run:
    """A queued run with the record's settings, but for the changes, that begins with its weights after a kept epoch.

    epoch: by default the last kept one, or 0, the start itself, where none was kept.
    Raises RunNotFound for an epoch that was not kept, ConfigError for other networks, RunStateError when no epoch would
    be left to train, DataError when the pictures are not here.
    """
    kept, run = record.folder.kept(), record.run
    epoch = (kept[-1] if kept else 0) if epoch is None else epoch
    if epoch and epoch not in kept:
        raise RunNotFound(f"{run.name} has not kept epoch {epoch}. It has: {', '.join(map(str, kept)) or 'none yet'}.")
    config = changed_config(run, changes, epoch)
    refuse_absent(config.dataset)

    def bring(folder: RunFolder) -> None:
        for path, target in (
            (record.folder.weights(epoch), folder.weights),
            (record.folder.arrays(epoch), folder.arrays),
        ):
            if epoch and path.exists():
                write_whole(target(epoch), path.read_bytes())

    origin = {"run": run.id, "name": run.name, "epoch": epoch, "changes": _plain(config, changes)}
    stem = f"{run.name[:40]} from epoch {epoch}" if epoch else f"{run.name[:40]} again"
    return store.create(config, "own", name, stem=stem, origin=origin, bring=bring)


def changed_config(run: Run, changes: Mapping[str, Any], epoch: int) -> Config:
    """Raises ConfigError for other networks, RunStateError when no epoch is left."""
    before = config_for_use(run.config)[0]
    after = before.replace(**changes)
    if epoch and network_widths(after) != network_widths(before):
        known = settings_of(after)
        name = next(each for each in changes if known[each].group == "model")
        raise ConfigError(
            name,
            f"{known[name].label}: the weights of {run.name} fit its own networks alone. Train a new model for others.",
        )
    if after.epochs <= epoch:
        raise RunStateError(
            f"{run.name} after epoch {epoch} has no epoch left of {after.epochs}. Ask for more in all with --epochs, or begin"
            " earlier with --from-epoch."
        )
    return after


def lower_rates(config: Mapping[str, Any]) -> dict[str, float]:
    """What to try after a divergence: the paper's learning rates in place of those above them; where none is, a tenth."""
    usual = {name: default_of(CONFIGS[config["kind"]], name) for name in RATES if name in config}
    above = {name: rate for name, rate in usual.items() if config[name] > rate}
    return above or {name: max(float(f"{config[name] / LOWER:.3g}"), 1e-8) for name in usual}


def how_to_begin_again(run: Run, folder: RunFolder) -> str:
    """What to type when a training has diverged."""
    kept = folder.kept()
    words = [f"--{name.replace('_', '-')} {rate:g}" for name, rate in lower_rates(run.config).items()]
    if kept:
        words.insert(0, f"--from-epoch {kept[-1]}")
    command = " ".join(["python -m gencmp resume", quoted(run.name), *words])
    return (
        f"From {f'epoch {kept[-1]}' if kept else 'the start'}, as a run of its own: `{command}`; or on the Runs page."
    )


def _plain(config: Config, changes: Mapping[str, Any]) -> dict[str, Any]:
    told = config.to_dict()
    return {name: told[name] for name in changes}
