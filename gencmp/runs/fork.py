"""Forks: new runs that start from the weights of another run, e.g. with other settings. Imports no torch.

A fork counts on from the epoch that it starts from, whose weights and pictures are copied into its folder. Its optimiser
starts fresh, because only the newest state of a run includes the optimiser; so even the same settings give other weights
than the first run had.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gencmp.errors import ConfigError, RunNotFound, RunStateError
from gencmp.events import Changed
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
LOWER = 10  # the usual factor by which to lower a learning rate


def fork(
    store: RunStore, record: ModelRecord, changes: Mapping[str, Any], epoch: int | None = None, name: str = ""
) -> Run:
    """Queue a new run with the record's settings, apart from the changes, that starts from the weights of a saved epoch.

    epoch: by default the last saved one, or 0 (new weights) if none was saved.
    Raises RunNotFound for an epoch that was not saved, ConfigError for different networks, RunStateError when no epoch is
    left to train, DataError when the pictures are missing.
    """
    kept, run = record.folder.kept(), record.run
    epoch = (kept[-1] if kept else 0) if epoch is None else epoch
    if epoch and epoch not in kept:
        raise RunNotFound(
            f"{run.name} has no checkpoint of epoch {epoch}. It has: {', '.join(map(str, kept)) or 'none yet'}."
        )
    config = changed_config(run, changes, epoch, [each for each in record.changes() if each.epoch <= epoch])
    refuse_absent(config.dataset)

    def copy_start(folder: RunFolder) -> None:
        for path, target in (
            (record.folder.weights(epoch), folder.weights),
            (record.folder.arrays(epoch), folder.arrays),
        ):
            if epoch and path.exists():
                write_whole(target(epoch), path.read_bytes())

    origin = {"run": run.id, "name": run.name, "epoch": epoch, "changes": _plain(config, changes)}
    stem = f"{run.name[:40]} from epoch {epoch}" if epoch else f"{run.name[:40]} again"
    return store.create(config, "own", name, stem=stem, origin=origin, bring=copy_start)


def changed_config(run: Run, changes: Mapping[str, Any], epoch: int, pulled: Sequence[Changed] = ()) -> Config:
    """The run's config with the changes. pulled: those that were made while it trained, up to the epoch.

    Raises ConfigError for different networks, RunStateError when no epoch is left.
    """
    before = config_for_use(run.config)[0]
    for each in pulled:
        before = before.replace(**each.after)
    after = before.replace(**changes)
    if epoch and network_widths(after) != network_widths(before):
        known = settings_of(after)
        name = next(each for each in changes if known[each].group == "model")
        raise ConfigError(
            name,
            f"{known[name].label}: the weights of {run.name} only fit its own networks. Train a new model for other ones.",
        )
    if after.epochs <= epoch:
        raise RunStateError(
            f"{run.name} has no epochs left after epoch {epoch} of {after.epochs}. Raise the total with --epochs, or start"
            " from an earlier epoch with --from-epoch."
        )
    return after


def lower_rates(config: Mapping[str, Any]) -> dict[str, float]:
    """Learning rates to try after divergence: the paper's instead of any higher ones; if none is higher, a tenth of each."""
    usual = {name: default_of(CONFIGS[config["kind"]], name) for name in RATES if name in config}
    above = {name: rate for name, rate in usual.items() if config[name] > rate}
    return above or {name: max(float(f"{config[name] / LOWER:.3g}"), 1e-8) for name in usual}


def retry_words(run: Run, folder: RunFolder) -> str:
    """The command to type when training has diverged."""
    kept = folder.kept()
    words = [f"--{name.replace('_', '-')} {rate:g}" for name, rate in lower_rates(run.config).items()]
    if kept:
        words.insert(0, f"--from-epoch {kept[-1]}")
    command = " ".join(["python -m gencmp resume", quoted(run.name), *words])
    return (
        f"To retry from {f'epoch {kept[-1]}' if kept else 'the start'} as a new run: `{command}`; or use the Runs page."
    )


def _plain(config: Config, changes: Mapping[str, Any]) -> dict[str, Any]:
    values = config.to_dict()
    return {name: values[name] for name in changes}
