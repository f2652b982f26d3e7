"""Forks: new runs that go on from a kept epoch of another run, e.g. with other settings. Imports no torch.

A fork counts on from the epoch that it starts from, whose weights, optimiser and pictures are copied into its folder. With
nothing changed it continues the other run exactly. Shipped models and runs of early versions kept no
optimiser; a fork of theirs starts a fresh one.

Its `origin` says where it comes from: "run" and "name" of its parent, "epoch"; "before" and "changes", the values of the
settings that differ; "optimiser", whether it continues; "threads" and "machine", the parent's; "line", its ancestors, oldest
first; "pictures_changed" and "stopped_at" where these apply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from gencmp.data.fingerprint import fingerprint
from gencmp.errors import ConfigError, RunNotFound, RunStateError
from gencmp.files import write_whole
from gencmp.models.weights_file import read_content
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.folder import RunFolder
from gencmp.runs.forks.words import trained_by
from gencmp.runs.names import quoted
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, Config
from gencmp.settings.layers import network_layers
from gencmp.settings.own_folder import refuse_absent
from gencmp.settings.setting import default_of, settings_of
from gencmp.settings.stored import config_for_use

RATES = ("learning_rate", "generator_learning_rate", "discriminator_learning_rate")
LOWER = 10  # the usual factor by which to lower a learning rate


def fork(
    store: RunStore,
    record: ModelRecord,
    changes: Mapping[str, Any],
    epoch: int | None = None,
    name: str = "",
    facts: Mapping[str, Any] | None = None,
    turn: float | None = None,
) -> Run:
    """Queue a new run with the record's settings, apart from the changes, that starts from a saved epoch.

    epoch: by default the last saved one, or 0 (new weights) if none was saved.
    facts: more entries of its origin. turn: see RunStore.create.
    Raises RunNotFound for an epoch that was not saved, ConfigError for different networks, RunStateError when no epoch is
    left to train, DataError when the pictures are missing.
    """
    kept, run = record.folder.kept(), record.run
    epoch = (kept[-1] if kept else 0) if epoch is None else epoch
    if epoch and epoch not in kept:
        raise RunNotFound(
            f"{run.name} has no checkpoint of epoch {epoch}. It has: {', '.join(map(str, kept)) or 'none yet'}."
        )
    before = settings_after(record, epoch)
    config = changed_config(run, before, changes, epoch)
    refuse_absent(config.dataset)
    files = _files(record.folder, epoch, with_optimiser=same_device(run, config))

    def copy_start(folder: RunFolder) -> None:
        for kind, content in files.items():
            write_whole(getattr(folder, kind)(epoch), content)

    origin = {
        "run": run.id,
        "name": run.name,
        "epoch": epoch,
        **_differences(before, config, changes),
        "line": line_of(run, epoch),
    }
    if "optimiser" in files:
        origin |= {"optimiser": True, "threads": run.threads, "machine": trained_by(run)}
    if epoch and has_other_pictures(run, config):
        origin["pictures_changed"] = True
    stem = f"{_stem(run.name)} from epoch {epoch}" if epoch else f"{run.name[:40]} again"
    facts = origin | dict(facts or {})
    return store.create(
        config, "own", name, stem=stem, origin=facts, bring=copy_start, based_on=run.based_on, turn=turn
    )


def _files(folder: RunFolder, epoch: int, with_optimiser: bool) -> dict[str, bytes]:
    """What there is of an epoch: its "optimiser", "weights" and "arrays", in the order in which they are to be written."""
    paths = {"weights": folder.weights(epoch), "arrays": folder.arrays(epoch)}
    if with_optimiser and (optimiser := folder.optimiser_after(epoch)):
        paths = {"optimiser": optimiser, **paths}
    files = {}
    for kind, path in paths.items():
        with suppress(FileNotFoundError):
            files[kind] = folder.arrays_content(epoch) if kind == "arrays" else read_content(path)
    return files if epoch else {}


def settings_after(record: ModelRecord, epoch: int) -> Config:
    """The record's settings after an epoch: with the changes that were made while it trained up to there."""
    config = config_for_use(record.run.config)[0]
    for each in record.changes():
        if each.epoch <= epoch:
            config = config.replace(**each.after)
    return config


def changed_config(run: Run, before: Config, changes: Mapping[str, Any], epoch: int) -> Config:
    """The settings `before` with the changes. Raises ConfigError for different networks, RunStateError when no epoch is left."""
    after = before.replace(**changes)
    if epoch and network_layers(after) != network_layers(before):
        known = settings_of(after)
        name = next(each for each in changes if known[each].group == "model")
        raise ConfigError(
            name,
            f"{known[name].label}: the weights of {run.name} only fit its own networks. Train a new model for other ones.",
        )
    if after.epochs <= epoch:
        raise RunStateError(
            f"{run.name} has no epochs left after epoch {epoch} of {after.epochs}. Raise the total number of epochs"
            " (--epochs), or start from an earlier epoch (--from-epoch)."
        )
    return after


def same_device(run: Run, config: Config) -> bool:
    """Whether a fork trains on the type of device that the run was trained on, as far as the settings say: the random numbers
    of another type are different ones."""
    return config.device in ("auto", run.device) or not run.device


def has_other_pictures(run: Run, config: Config) -> bool:
    """Whether the run's own folder, from which a fork would learn, has changed since the run was trained."""
    known = run.data.get("fingerprint", "")
    return bool(known) and config.dataset == run.config["dataset"] and fingerprint(config.dataset) != known


def line_of(run: Run, epoch: int) -> list[dict[str, Any]]:
    """The ancestors of a fork from this epoch of a run, oldest first, each with the epoch that it was left at."""
    return [*ancestors(run), {"run": run.id, "name": run.name, "epoch": epoch}]


def ancestors(run: Run) -> list[dict[str, Any]]:
    """A fork's "line"; forks of early versions know their parent only, and other runs have no ancestors."""
    origin = run.origin
    if "run" not in origin:
        return []
    return list(origin.get("line", [{name: origin[name] for name in ("run", "name", "epoch")}]))


def _differences(before: Config, after: Config, changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    was, now = before.to_dict(), after.to_dict()
    names = [name for name in changes if now[name] != was[name]]
    return {"before": {name: was[name] for name in names}, "changes": {name: now[name] for name in names}}


def _stem(name: str) -> str:
    """The name without what an earlier fork has added to it."""
    return re.sub(r" from epoch \d+( \(\d+\))?$", "", name)[:40]


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
