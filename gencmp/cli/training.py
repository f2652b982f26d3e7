"""python -m gencmp train, runs, resume, roll-back, set: train runs in this process, and list all runs."""

from __future__ import annotations

import sys
from typing import Any

import click

from gencmp.cli.clusters.following import executor_option, on_cluster, train_on_cluster
from gencmp.cli.command import Command, Group, Whole, command, json_wanted, say
from gencmp.cli.models import catalog_for, store_and_run
from gencmp.cli.progress_bar import training_bar
from gencmp.cli.settings import change_options, setting_options, typed_settings
from gencmp.errors import ConfigError, RunStateError
from gencmp.files import home
from gencmp.runs.card import command_of
from gencmp.runs.catalog import Catalog
from gencmp.runs.changed_data import changed_data, changed_words
from gencmp.runs.disk import disk_use, free_bytes, refuse_full, room_words
from gencmp.runs.executors.choice import RAY, executor
from gencmp.runs.forks.family import Member, families
from gencmp.runs.forks.fork import fork
from gencmp.runs.forks.roll_back import roll_back
from gencmp.runs.forks.words import fork_words
from gencmp.runs.names import shipped_names
from gencmp.runs.run import Run
from gencmp.runs.safety.resumable import refuse_lost_state
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import CONFIGS, Config
from gencmp.settings.levers import LEVERS
from gencmp.settings.presets import PRESETS, preset
from gencmp.settings.setting import parse_setting, refuse_unknown_settings
from gencmp.settings.stored import config_for_use

LISTED = 50  # runs
ID_ONLY = "  (a shipped model has this name: use the run's id, or rename it on the Runs page)"
KEPT = "What was trained so far is saved: `python -m gencmp runs` lists it."


def _train_command(kind: str) -> Command:
    presets = "; ".join(f"{each.name}: {each.why}" for each in PRESETS[kind].values())

    @command(kind, f"the paper's {kind.upper()}", kept=KEPT, params=setting_options(CONFIGS[kind]))
    @click.option(
        "--preset", "preset_name", default="paper", help=f"Named settings; the options below change them. {presets}"
    )
    @click.option("--name", default="", show_default="generated", help="Name of the run.")
    @click.option(
        "--paused",
        is_flag=True,
        help="Pause before the first step, until `step`, `slow` or `continue` go on elsewhere.",
    )
    @executor_option
    def train_kind(preset_name: str, name: str, paused: bool, **options: str | None) -> dict[str, Any]:
        chosen = preset(kind, preset_name).config
        typed = typed_settings(options, type(chosen))
        config = chosen.replace(**typed)
        _refuse_device(config)
        use = disk_use(config)
        refuse_full([use], home())
        say(room_words([use], free_bytes(home())))
        store = RunStore(home())
        followed = preset_name if not typed else "own"
        return _train(store, store.create(config, followed, name, based_on=preset_name, paused=paused))

    return train_kind


train = Group(
    "train", [_train_command(kind) for kind in CONFIGS], subcommand_metavar="MODEL [ARGS]...",
    help="Train a model, with a progress bar; the dashboard shows it live.",
    short_help="train a model, with a progress bar; the dashboard shows it live",
)  # fmt: skip


def _refuse_device(config: Config) -> None:
    """Raise DeviceError before a run is created that could only fail, and ClusterError where none could train."""
    if on_cluster():
        return  # a node may have another device
    if config.device not in ("auto", "cpu"):
        from gencmp.training.build import pick_device

        pick_device(config.device)


@command("runs", "list the runs, newest first")
@click.option("--all", "every", is_flag=True, help=f"List all runs, not only the newest {LISTED}.")
@click.option("--tree", is_flag=True, help="Show who is a fork of whom, and what each changed.")
def runs(every: bool, tree: bool) -> dict[str, Any]:
    store = RunStore(home())
    if tree:
        return _family_trees(Catalog(store))
    listed = store.queries.newest(-1 if every or json_wanted() else LISTED)
    shipped = shipped_names()
    lines = [_row(run) + (ID_ONLY if run.name in shipped else "") for run in listed]
    if older := store.queries.count() - len(listed) - len(store.queries.left_out.places):
        lines.append(f"and {older:,} older; --all lists them")
    say("\n".join(lines) or "No runs yet. Start one: python -m gencmp train vae --preset quick")
    for words in store.queries.left_out.sentences:
        print(f"gencmp: {words}", file=sys.stderr)
    return {"runs": [run.to_dict() for run in listed]}


def _family_trees(catalog: Catalog) -> dict[str, Any]:
    """Print the trees; returns each member with the id of its parent."""
    trees = families(catalog)
    lines = [_branch(depth, member) for tree in trees for depth, member in tree.below()]
    say("\n".join(lines) or "No run is a fork of another. Make one: python -m gencmp resume RUN --from-epoch N --help")
    return {
        "members": [
            {
                "id": member.id, "name": member.name, "parent": member.parent and member.parent.id, "epoch": member.epoch,
                "changed": member.changed, "deleted": member.run is None,
            }
            for tree in trees
            for _, member in tree.below()
        ]
    }  # fmt: skip


def _branch(depth: int, member: Member) -> str:
    """A line of a tree: "  from epoch 7: mine from epoch 7 (1a2b3c4d), finished, epoch 50 of 50: Seed 0 → 1"."""
    start = f"{'    ' * depth}{f'from epoch {member.epoch}: ' if depth else ''}"
    run = member.run
    if run is None:
        return f"{start}{member.name}, deleted"
    return f"{start}{member.name} ({run.id}), {run.state_word}, epoch {run.epoch} of {run.epochs}" + (
        f": {member.changed}" if depth else ""
    )


@command(
    "roll-back", "stop a run that trains, wherever it trains, and go on from its last kept epoch as a new run",
    "Settings that were changed after that epoch are as before; the stopped run is kept.", kept=KEPT,
)  # fmt: skip
@click.argument("model", metavar="RUN", help="Name or id of a run that trains.")
@executor_option
def roll_back_(model: str) -> dict[str, Any]:
    store, live = store_and_run(model)
    on_cluster()  # before a run is stopped
    run = roll_back(store, live.id)
    print(f"gencmp: {run.name} is a new run. {fork_words(run)}", file=sys.stderr)
    return _train(store, run)


@command(
    "set", "change settings of a run while it trains, wherever it trains: set gan-1 discriminator_learning_rate=0.0001",
    f"A GAN: {', '.join(LEVERS['gan'])}. A VAE: {', '.join(LEVERS['vae'])}. The change takes effect at the next step, and is"
    " recorded: resuming the run makes it again at the same step.",
)  # fmt: skip
@click.argument("model", metavar="RUN", help="Name or id of a run that trains.")
@click.argument("pairs", metavar="SETTING=VALUE...", nargs=-1, required=True, help="New values.")
def set_(model: str, pairs: tuple[str, ...]) -> dict[str, Any]:
    store, run = store_and_run(model)
    changes = dict(_pair(type(config_of(run)), pair) for pair in pairs)
    store.change(run.id, changes)
    say(f"{run.name} goes on with {', '.join(pairs)} from its next step.")
    return {"run": run.id, "changes": changes}


def _pair(kind: type[Config], pair: str) -> tuple[str, Any]:
    name, equals, text = pair.partition("=")
    name = name.strip().replace("-", "_")
    if not equals:
        raise ConfigError(name, f"Found {pair!r}, wanted SETTING=VALUE, for example learning_rate=0.0001.")
    refuse_unknown_settings(kind, {name: text})
    return name, parse_setting(kind, name, text)


def _row(run: Run) -> str:
    words = " ".join(filter(None, (fork_words(run), _figures(run), run.reason)))
    state = f"{run.state_word:<9} epoch {run.epoch:>3} of {run.epochs:<3} {run.seconds:>7.0f} s"
    return f"{run.id}  {state}  {run.name}  {words}"


def _figures(run: Run) -> str:
    """The test result of a run as a sentence; "" before its first test."""
    if "negative_elbo" in run.test:
        return f"Test loss (negative ELBO): {run.test['negative_elbo']:.2f} nats per image."
    return f"D(x) on the test set: {run.test['d_real']:.3f}." if run.test else ""


@command(
    "resume",
    "resume a stopped, failed or lost run from its last complete epoch; with more --epochs, also a finished one."
    " With other settings, or from an earlier epoch, start a new run that goes on from there: a fork",
    "`train gan --help` and `train vae --help` explain the settings that can be changed.",
    kept=KEPT, params=change_options(),
)  # fmt: skip
@click.argument("model", metavar="RUN", help="Name or id of a run.")
@click.option(
    "--anyway", is_flag=True, help="Resume even if the folder of its pictures has changed; the change is recorded."
)
@click.option(
    "--from-epoch", type=Whole(0, 10_000), metavar="N", show_default="with changed settings: the last saved one",
    help="Start a new run from this saved epoch. With no other settings it continues the run exactly, if its optimiser was kept.",
)  # fmt: skip
@click.option("--name", default="", show_default="generated", help="Name of the new run.")
@executor_option
def resume(model: str, anyway: bool, from_epoch: int | None, name: str, **options: str | None) -> dict[str, Any]:
    """Continue the run itself if the settings stay the same, except for the number of epochs; otherwise start a new run and say so."""
    catalog = catalog_for(model)
    record = catalog.find(model)
    before = config_for_use(record.run.config)[0]
    typed = typed_settings(options, type(before))
    changes = {setting: value for setting, value in typed.items() if value != getattr(before, setting)}
    _refuse_device(before.replace(**changes))
    if from_epoch is not None or changes.keys() - {"epochs"}:
        run = fork(catalog.store, record, changes, from_epoch, name)
        print(f"gencmp: {run.name} is a new run. {fork_words(run)}", file=sys.stderr)
        return _train(catalog.store, run)
    if record.is_shipped:
        raise RunStateError(
            f"{record.run.name} is a shipped model and finished, so it cannot be resumed. Train a model of your own."
        )
    if name:
        raise ConfigError("name", f"--name: only a new run gets a name, but this command resumes {record.run.name}.")
    refuse_lost_state(record.run, record.folder)
    _refuse_changed_data(catalog.store, record.run, anyway)
    if "epochs" in changes:
        return _train(catalog.store, catalog.store.extend(record.run.id, changes["epochs"]))
    return _train(catalog.store, catalog.store.requeue(record.run.id))


def _refuse_changed_data(store: RunStore, run: Run, anyway: bool) -> None:
    """Raise RunStateError if the folder of its pictures has changed, unless --anyway accepts that."""
    if found := changed_data(run):
        if not anyway:
            raise RunStateError(
                f"{changed_words(run)} Train a new run on them ({command_of(run)}), or resume with the changed pictures,"
                f" which is recorded: python -m gencmp resume {run.id} --anyway"
            )
        store.accept_data(run.id, found)


def _train(store: RunStore, run: Run) -> dict[str, Any]:
    """Train the run in this process, bypassing the queue, or on a cluster, with a progress bar on standard error."""
    if executor() == RAY:
        run = train_on_cluster(store, run)
    else:
        from gencmp.runs.worker import train_run

        if store.claim(run.id) is None:
            raise RunStateError(f"A worker has already started {run.name}; the dashboard shows it.")
        train_run(store, run, watch=training_bar)
        run = store.queries.get(run.id)
    if run.state == "failed":
        raise RunStateError(f"{run.name} failed. {run.reason}")
    ended = f"{run.state_word} after epoch {run.epoch} of {run.epochs}. {_figures(run)}"
    print(f"{run.name} ({run.id}): {ended}", file=sys.stderr)
    return run.to_dict()
