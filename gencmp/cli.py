"""python -m gencmp: train, runs, resume, sample, export, doctor, and the commands of cli_verdict. Options are made from the configs' fields."""

from __future__ import annotations

import argparse
import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from gencmp import cli_bench, cli_panel, cli_verdict
from gencmp.card import card, command_of
from gencmp.cli_bars import training_bar
from gencmp.cli_models import shelf_for
from gencmp.config import CONFIGS, DATASETS, FORMER_NAMES, SHIPPED_DATA, Config
from gencmp.doctor import examine
from gencmp.errors import ConfigError, GencmpError, RunStateError
from gencmp.files import SHIPPED, home, write_whole
from gencmp.keeping import disk_use, free_bytes, refuse_full, room_words
from gencmp.names import cleaned, shipped_names
from gencmp.pictures import grid, png
from gencmp.presets import PRESETS, preset
from gencmp.run import Run
from gencmp.runs import RunStore
from gencmp.setting import default_of, parse_setting, settings_of
from gencmp.shelf import Record, Shelf, export, shareable
from gencmp.version import VERSION

LISTED = 50  # runs
ID_ONLY = "  (a shipped model has this name: call the run by its id, or rename it on the Runs page)"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit status. Mistakes are told in one sentence on standard error, with status 2."""
    options = _parser().parse_args(arguments)
    try:
        answer = options.run(options)
    except GencmpError as error:
        return _refused(str(error), options.json)
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
    resume = _command(commands, "resume", _resume, "go on with a run that was stopped, has failed or was lost")
    resume.add_argument("model", metavar="RUN", help="its name or id")

    sample = _command(commands, "sample", _sample, "draw pictures from a model")
    sample.add_argument("model", metavar="MODEL", help="a run, a .safetensors file, or paper-gan or paper-vae")
    sample.add_argument("--count", type=_whole(1, 100_000), default=64, help="how many (default 64)")
    sample.add_argument("--seed", type=_whole(0, 2**31 - 1), default=0, help="of the noise (default 0)")
    sample.add_argument("--epoch", type=_whole(1, 10_000), help="a kept epoch (default: the last)")
    sample.add_argument("--out", type=Path, required=True, help=".png: a grid; .npy: uint8 [n, 28, 28]")

    out = _command(commands, "export", _export, "write a run as a folder that can be shipped and shown")
    out.add_argument("model", metavar="RUN", help="its name or id")
    out.add_argument("--out", type=Path, required=True, help="the folder to write")
    out.add_argument("--as", dest="new_name", default="", help="its name from now on")
    out.add_argument(
        "--epochs",
        type=_whole_list,
        default=(),
        help="whose weights go along, as 1,2,5; the last always does (default: all kept)",
    )
    out.add_argument("--half", action="store_true", help="weights before the last in float16")

    cli_verdict.register(commands, _command, _whole)
    cli_panel.register(commands, _command)
    cli_bench.register(commands, _command)
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
        help=_escaped(f"named settings, changed by the options below (default paper). {presets}"),
    )
    command.add_argument("--name", default="", help="of the run (default: made up)")
    for name, known in settings_of(config).items():
        default = default_of(config, name)
        shown = " ".join(map(str, default)) if isinstance(default, tuple) else default
        bounds = f"one of {', '.join(known.choices)}; " if known.choices else ""
        facts = f"[{bounds}{known.unit + '; ' if known.unit else ''}default {shown if shown != '' else 'all'}; source: {known.source}]"
        options = ["--" + each.replace("_", "-") for each in (name, *_former(name))]
        command.add_argument(*options, dest=name, metavar="VALUE", default=None, help=_escaped(f"{known.help} {facts}"))


def _former(name: str) -> list[str]:
    """What a setting was called in earlier versions: still accepted."""
    return [old for old, new in FORMER_NAMES.items() if new == name]


def _escaped(words: str) -> str:
    return words.replace("%", "%%")


def _whole(low: int, high: int) -> Any:
    def whole(text: str) -> int:
        if not text.lstrip("-").isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"found {text!r}, wanted a whole number from {low} to {high}")
        return int(text)

    return whole


def _whole_list(text: str) -> tuple[int, ...]:
    return tuple(_whole(1, 10_000)(word) for word in text.split(","))


# Commands: each returns what --json prints


def _train(options: argparse.Namespace) -> dict[str, Any]:
    chosen = preset(options.kind, options.preset).config
    typed = {name: getattr(options, name) for name in settings_of(chosen) if getattr(options, name) is not None}
    if typed.get("dataset", SHIPPED_DATA) not in DATASETS:
        folder = Path(typed["dataset"]).resolve()
        if not folder.is_dir():
            raise ConfigError(
                "dataset",
                f"--dataset: {folder} is no folder. Choose one of {', '.join(DATASETS)}, or a folder that is there.",
            )
        typed["dataset"] = str(folder)
    config = chosen.replace(**{name: parse_setting(type(chosen), name, text) for name, text in typed.items()})
    use = disk_use(config)
    refuse_full([use], home())
    if not options.json:
        print(room_words([use], free_bytes(home())))
    store = RunStore(home())
    return _train_here(store, store.create(config, options.preset if not typed else "own", options.name))


def _resume(options: argparse.Namespace) -> dict[str, Any]:
    shelf = shelf_for(options.model)
    store, record = shelf.store, shelf.find(options.model)
    if record.is_shipped:
        raise RunStateError(f"{record.run.name} is a shipped model, and finished. Train one of your own to resume it.")
    return _train_here(store, store.requeue(record.run.id))


def _train_here(store: RunStore, run: Run) -> dict[str, Any]:
    """Train the run in this process, past the queue, with a bar on standard error."""
    from gencmp.worker import train_run  # here, not above: `runs` and `--help` answer without it

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


def _sample(options: argparse.Namespace) -> dict[str, Any]:
    if options.out.suffix not in (".png", ".npy"):
        raise ConfigError(
            "out", f"--out: found {options.out.name!r}, wanted a name that ends in .png (a grid) or .npy (an array)."
        )
    path = shelf_for(options.model).weights(options.model, options.epoch)

    from gencmp.snapshot import read  # torch costs 2 to 3 s, and a mistake above should be told at once
    from gencmp.training import sample

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
    shelf = shelf_for(options.model)
    record = shelf.find(options.model)
    if not record.folder.kept():
        raise RunStateError(f"{record.run.name} has not finished an epoch yet: there is nothing to export.")
    name, command = _new_name(options, shelf, record), command_of(shareable(record.run))
    export(record, options.out, options.epochs, options.half, name=name, command=command)
    write_whole(options.out / "README.md", card(record, name, command).encode())
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{options.out}: {size / 1e6:.1f} MB", file=sys.stderr)
    return {"run": record.run.id, "out": str(options.out), "bytes": size}


def _new_name(options: argparse.Namespace, shelf: Shelf, record: Record) -> str:
    """What the exported run is called: not as another model is, unless it is written in that shipped model's place."""
    name = cleaned(options.new_name) or record.run.name
    if not record.is_shipped and options.out.resolve() != SHIPPED / name:
        shelf.store.refuse_name(name, record.run.id)
    elif name != record.run.name:
        shelf.store.refuse_name(name)
    return name


def _describe(options: argparse.Namespace) -> dict[str, Any]:
    from gencmp.describe import describe  # torch

    layers = describe(preset(options.kind, "paper").config)
    if not options.json:
        print("\n".join(f"{r['network']:<14} {r['layer']:<12} {r['then']:<32} {r['parameters']:>9,}" for r in layers))
    return {"kind": options.kind, "layers": layers}


def _doctor(options: argparse.Namespace) -> dict[str, Any]:
    findings = examine(home())
    if not options.json:
        for finding in findings:
            print(
                f"{'ok  ' if finding.ok else 'look'}  {finding.what:<12} {finding.found}{'' if finding.ok else '. ' + finding.todo}"
            )
    return {"ok": all(f.ok or f.minor for f in findings), "findings": [vars(f) for f in findings]}


# Words


def _figures(run: Run) -> str:
    if "negative_elbo" in run.test:
        return f"Test loss (negative ELBO): {run.test['negative_elbo']:.2f} nats per image."
    return f"D(x) on the test set: {run.test['d_real']:.3f}." if run.test else ""


def _row(run: Run) -> str:
    return f"{run.id}  {run.state:<9} epoch {run.epoch:>3} of {run.epochs:<3} {run.seconds:>7.0f} s  {run.name}  {_figures(run)}{run.reason}"
