"""python -m gencmp: train, runs, resume, describe and doctor; the other commands are in files of their own."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from gencmp.cli import bench, dashboard, data, evaluation, export, panels, shipped
from gencmp.cli.doctor import examine
from gencmp.cli.models import catalog_for
from gencmp.cli.progress_bar import training_bar
from gencmp.cli.settings import add_changes, add_settings, escaped, typed_settings
from gencmp.console import make_output_legible, while_read
from gencmp.errors import ConfigError, GencmpError, RunStateError
from gencmp.files import home
from gencmp.runs.card import command_of
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.changed_data import changed_data, changed_words
from gencmp.runs.disk import disk_use, free_bytes, refuse_full, room_words
from gencmp.runs.fork import fork
from gencmp.runs.names import shipped_names
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import CONFIGS, Config, config_for_use
from gencmp.settings.presets import PRESETS, preset
from gencmp.version import VERSION

LISTED = 50  # runs
ID_ONLY = "  (a shipped model has this name: call the run by its id, or rename it on the Runs page)"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status. Mistakes are told in one sentence on standard error, with status 2."""
    make_output_legible()
    return while_read(lambda: _run(arguments))


def _run(arguments: list[str] | None) -> int:
    options = _parser().parse_args(arguments)
    try:
        answer = options.run(options)
    except GencmpError as error:
        return _refused(str(error), options.json)
    except BrokenPipeError:
        raise  # nobody reads this any more
    except OSError as error:  # a full disk, a folder in the way, no permission
        where = error.filename2 or error.filename
        return _refused(f"{where} cannot be read or written: {error.strerror}." if where else str(error), options.json)
    except KeyboardInterrupt:
        print(f"\ngencmp: interrupted. {_what_is_kept(options)}", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(answer))
    return 0 if answer.get("ok", True) else 1


def _what_is_kept(options: argparse.Namespace) -> str:
    """After an interrupt; a command that keeps what it has done so far says so by `kept`."""
    if options.run in (_train, _resume):
        return "What was trained so far is kept: `python -m gencmp runs` lists it."
    return options.kept(options) if "kept" in options else "It was not finished; the same command begins anew."


def _refused(words: str, as_json: bool) -> int:
    print(f"gencmp: {words}", file=sys.stderr)
    if as_json:
        print(json.dumps({"ok": False, "error": words}))
    return 2


# Options

_RESUME = (
    "go on with a run that was stopped, has failed or was lost, from its last whole epoch; with more --epochs, also with a finished one."
    " With other settings, or from an earlier epoch, a new run begins with its weights"
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gencmp", description="Train, look at and compare the paper's GAN and VAE."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train a model, with a progress bar; the dashboard shows it live")
    kinds = train.add_subparsers(title="models", required=True, metavar="MODEL")
    for kind, config in CONFIGS.items():
        _add_training(_command(kinds, kind, _train, f"the paper's {kind.upper()}"), config)

    runs = _command(commands, "runs", _runs, "list the runs, newest first")
    runs.add_argument("--all", action="store_true", help=f"every one, not the newest {LISTED} alone")
    resume = _command(commands, "resume", _resume, _RESUME)
    resume.add_argument("model", metavar="RUN", help="its name or id")
    resume.add_argument(
        "--anyway", action="store_true", help="also when the folder of its pictures has changed; it is recorded"
    )
    resume.add_argument(
        "--from-epoch",
        type=_whole(0, 10_000),
        metavar="N",
        help="begin a new run with the weights of this kept epoch and a fresh optimiser (default with changed settings: the last kept)",
    )
    resume.add_argument("--name", default="", help="of the new run (default: made up)")
    add_changes(resume)

    export.register(commands, _command, _whole)
    evaluation.register(commands, _command, _whole)
    panels.register(commands, _command)
    bench.register(commands, _command)
    data.register(commands, _command)
    dashboard.register(commands, _command)
    shipped.register(commands, _command)
    show = _command(commands, "describe", _describe, "the layers of the paper preset, read from the modules that train")
    show.add_argument("kind", choices=tuple(CONFIGS), help="which model")
    _command(commands, "doctor", _doctor, "what works on this machine, and what to do about what does not")
    return parser


def _command(commands: Any, name: str, run: Any, words: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=words, description=words[0].upper() + words[1:] + ".")
    command.add_argument("--json", action="store_true", help="print one machine-readable object last")
    command.set_defaults(run=run)
    return command


def _add_training(command: argparse.ArgumentParser, config: type[Config]) -> None:
    presets = "; ".join(f"{p.name}: {p.why}" for p in PRESETS[config.kind].values())
    command.set_defaults(kind=config.kind)
    command.add_argument(
        "--preset",
        default="paper",
        help=escaped(f"named settings, changed by the options below (default paper). {presets}"),
    )
    command.add_argument("--name", default="", help="of the run (default: made up)")
    add_settings(command, config)


def _whole(low: int, high: int) -> Any:
    def whole(text: str) -> int:
        if not text.lstrip("-").isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, wanted a whole number from {low} to {high}")
        return int(text)

    return whole


# Commands: each returns what --json prints


def _train(options: argparse.Namespace) -> dict[str, Any]:
    chosen = preset(options.kind, options.preset).config
    typed = typed_settings(options, type(chosen))
    config = chosen.replace(**typed)
    _refuse_device(config)
    _say_room(config, options)
    store = RunStore(home())
    return _train_here(store, store.create(config, options.preset if not typed else "own", options.name))


def _say_room(config: Config, options: argparse.Namespace) -> None:
    """Raises DiskFull when there is none."""
    use = disk_use(config)
    refuse_full([use], home())
    if not options.json:
        print(room_words([use], free_bytes(home())))


def _refuse_device(config: Config) -> None:
    """Raise DeviceError before there is a run that could only fail."""
    if config.device not in ("auto", "cpu"):
        from gencmp.training.build import pick_device

        pick_device(config.device)


def _resume(options: argparse.Namespace) -> dict[str, Any]:
    """Go on with the run itself where that is what it would have become anyway; else with a new one, and say so."""
    catalog = catalog_for(options.model)
    record = catalog.find(options.model)
    before = config_for_use(record.run.config)[0]
    typed = typed_settings(options, type(before))
    changes = {name: value for name, value in typed.items() if value != getattr(before, name)}
    _refuse_device(before.replace(**changes))
    if options.from_epoch is not None or changes.keys() - {"epochs"}:
        return _train_here(catalog.store, _begun(options, catalog.store, record, changes))
    if record.is_shipped:
        raise RunStateError(f"{record.run.name} is a shipped model, and finished. Train one of your own to resume it.")
    if options.name:
        raise ConfigError("name", f"--name: only a new run gets a name, and this goes on with {record.run.name}.")
    _refuse_changed_data(options, catalog.store, record.run)
    if "epochs" in changes:
        return _train_here(catalog.store, catalog.store.extend(record.run.id, changes["epochs"]))
    return _train_here(catalog.store, catalog.store.requeue(record.run.id))


def _refuse_changed_data(options: argparse.Namespace, store: RunStore, run: Run) -> None:
    """Raise RunStateError where the folder of its pictures has changed, unless that was said to be wanted."""
    if found := changed_data(run):
        if not options.anyway:
            raise RunStateError(
                f"{changed_words(run)} Train a new run on them ({command_of(run)}), or go on with them as they"
                f" are now, which is recorded: python -m gencmp resume {run.id} --anyway"
            )
        store.accept_data(run.id, found)


def _begun(options: argparse.Namespace, store: RunStore, record: ModelRecord, changes: dict[str, Any]) -> Run:
    """A new run that begins with this one's weights."""
    run = fork(store, record, changes, options.from_epoch, options.name)
    where = f"with the weights of {record.run.name} after epoch {run.origin['epoch']}, and a fresh optimiser"
    print(
        f"gencmp: {run.name} is a new run. It begins {where if run.origin['epoch'] else 'with new weights'}.",
        file=sys.stderr,
    )
    return run


def _train_here(store: RunStore, run: Run) -> dict[str, Any]:
    """Train the run in this process, past the queue, with a bar on standard error."""
    from gencmp.runs.worker import train_run

    if store.claim(run.id) is None:
        raise RunStateError(f"{run.name} has been started by a worker in the meantime; the dashboard shows it.")
    train_run(store, run, watch=training_bar)
    run = store.get(run.id)
    if run.state == "failed":
        raise RunStateError(f"{run.name} failed. {run.reason}")
    print(
        f"{run.name} ({run.id}): {run.state} after epoch {run.epoch} of {run.epochs}. {_figures(run)}", file=sys.stderr
    )
    return run.to_dict()


def _runs(options: argparse.Namespace) -> dict[str, Any]:
    store = RunStore(home())
    runs = store.newest(-1 if options.all or options.json else LISTED)
    if not options.json:
        shipped = shipped_names()
        lines = [_row(run) + (ID_ONLY if run.name in shipped else "") for run in runs]
        if older := store.count() - len(runs):
            lines.append(f"and {older:,} older; --all lists them")
        print("\n".join(lines) or "No runs yet. Start one: python -m gencmp train vae --preset quick")
    return {"runs": [run.to_dict() for run in runs]}


def _describe(options: argparse.Namespace) -> dict[str, Any]:
    from gencmp.training.describe import describe

    layers = describe(preset(options.kind, "paper").config)
    if not options.json:
        print("\n".join(f"{r['network']:<14} {r['layer']:<12} {r['then']:<32} {r['parameters']:>9,}" for r in layers))
    return {"kind": options.kind, "layers": layers}


def _doctor(options: argparse.Namespace) -> dict[str, Any]:
    findings = examine(home())
    if not options.json:
        for finding in findings:
            advice = "" if finding.ok or not finding.todo else f". {finding.todo}"
            print(f"{'ok  ' if finding.ok else 'look'}  {finding.what:<12} {finding.found}{advice}")
    return {"ok": all(f.ok or f.minor for f in findings), "findings": [vars(f) for f in findings]}


# Words


def _figures(run: Run) -> str:
    if "negative_elbo" in run.test:
        return f"Test loss (negative ELBO): {run.test['negative_elbo']:.2f} nats per image."
    return f"D(x) on the test set: {run.test['d_real']:.3f}." if run.test else ""


def _row(run: Run) -> str:
    words = " ".join(filter(None, (run.began, _figures(run), run.reason)))
    return (
        f"{run.id}  {run.state:<9} epoch {run.epoch:>3} of {run.epochs:<3} {run.seconds:>7.0f} s  {run.name}  {words}"
    )
