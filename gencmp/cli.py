"""python -m gencmp: train, runs, resume, sample, export, doctor, and the commands of cli_verdict. Options are made from the configs' fields."""

from __future__ import annotations

import argparse
import io
import json
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from gencmp import cli_bench, cli_panel, cli_verdict
from gencmp.config import CONFIGS, DATASETS, SHIPPED_DATA, Config, default_of, parse_setting, settings_of
from gencmp.doctor import examine
from gencmp.errors import ConfigError, GencmpError, RunStateError
from gencmp.events import Epoch, Event, Finished, Started, Step
from gencmp.files import home, write_whole
from gencmp.keeping import disk_use, free_bytes, refuse_full, room_words
from gencmp.pictures import grid, png
from gencmp.presets import PRESETS, preset
from gencmp.run import Run
from gencmp.runs import RunStore, config_of
from gencmp.shelf import Record, Shelf, export
from gencmp.version import VERSION

LISTED = 50  # runs


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
        option = "--" + name.replace("_", "-")
        command.add_argument(option, dest=name, metavar="VALUE", default=None, help=_escaped(f"{known.help} {facts}"))


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
    store = RunStore(home())
    record = Shelf(store).find(options.model)
    if record.is_shipped:
        raise RunStateError(f"{record.run.name} is a shipped model, and finished. Train one of your own to resume it.")
    return _train_here(store, store.requeue(record.run.id))


def _train_here(store: RunStore, run: Run) -> dict[str, Any]:
    """Train the run in this process, past the queue, with a bar on standard error."""
    from gencmp.worker import train_run  # here, not above: `runs` and `--help` answer without it

    if store.claim(run.id) is None:
        raise RunStateError(f"{run.name} has been started by a worker in the meantime; the dashboard shows it.")
    train_run(store, run, watch=_with_bar)
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
        lines = [_row(run) for run in runs]
        if older := store.count() - len(runs):
            lines.append(f"and {older:,} older; --all lists them")
        print("\n".join(lines) or "No runs yet. Start one: python -m gencmp train vae --preset quick")
    return {"runs": [run.to_dict() for run in runs]}


def _sample(options: argparse.Namespace) -> dict[str, Any]:
    if options.out.suffix not in (".png", ".npy"):
        raise ConfigError(
            "out", f"--out: found {options.out.name!r}, wanted a name that ends in .png (a grid) or .npy (an array)."
        )
    path = Shelf(RunStore(home())).weights(options.model, options.epoch)

    from gencmp.snapshot import read  # torch costs 2 to 3 s, and a mistake above should be told at once
    from gencmp.training import sample

    images = sample(read(path), options.count, options.seed)
    write_whole(options.out, png(grid(images, gap=1), scale=2) if options.out.suffix == ".png" else _npy(images))
    print(f"{len(images)} pictures of {options.model}, seed {options.seed}: {options.out}", file=sys.stderr)
    return {"model": options.model, "count": len(images), "seed": options.seed, "out": str(options.out)}


def _npy(images: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, images)
    return buffer.getvalue()


def _export(options: argparse.Namespace) -> dict[str, Any]:
    record = Shelf(RunStore(home())).find(options.model)
    if not record.folder.kept():
        raise RunStateError(f"{record.run.name} has not finished an epoch yet: there is nothing to export.")
    command = _command_of(record.run)
    export(record, options.out, options.epochs, options.half, name=options.new_name or record.run.name, command=command)
    write_whole(options.out / "README.md", _card(record, options.new_name or record.run.name, command).encode())
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{options.out}: {size / 1e6:.1f} MB", file=sys.stderr)
    return {"run": record.run.id, "out": str(options.out), "bytes": size}


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


def _with_bar(events: Iterator[Event]) -> Iterator[Event]:
    """The same events, drawn on standard error as they pass: a bar on a terminal, a line an epoch in a file."""
    bar: tqdm | None = None
    for event in events:
        match event:
            case Started():
                bar = tqdm(
                    total=event.steps,
                    initial=event.step,
                    unit="step",
                    disable=None,
                    dynamic_ncols=True,
                    desc=f"epoch {event.epoch}",
                )
                epochs, began, first = event.config["epochs"], time.monotonic(), event.step
                images_a_step = event.images * epochs / event.steps
            case Step() if bar is not None:
                speed = (
                    (event.step - first) * images_a_step / max(time.monotonic() - began, 1e-3)
                )  # some clocks tick 15 ms
                bar.update(event.step - bar.n)
                bar.set_description(f"epoch {event.epoch} of {epochs}", refresh=False)
                bar.set_postfix_str(f"{speed:,.0f} images/s, {_measured(event.measures)}", refresh=False)
            case Epoch() if bar is not None and bar.disable:
                test = (
                    ", test negative ELBO " + format(event.test["negative_elbo"], ".2f")
                    if "negative_elbo" in event.test
                    else ""
                )
                print(
                    f"epoch {event.epoch}: {event.images_per_second:,.0f} images/s, {_measured(event.measures)}{test}",
                    file=sys.stderr,
                    flush=True,
                )
            case Finished() if bar is not None:
                bar.update(event.step - bar.n)
        yield event
    if bar is not None:
        bar.close()


def _measured(measures: Any) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:.3f}" for name, value in measures.items() if "gradient" not in name
    )


def _figures(run: Run) -> str:
    if "negative_elbo" in run.test:
        return f"Test loss (negative ELBO): {run.test['negative_elbo']:.2f} nats per image."
    return f"D(x) on the test set: {run.test['d_real']:.3f}." if run.test else ""


def _row(run: Run) -> str:
    return f"{run.id}  {run.state:<9} epoch {run.epoch:>3} of {run.epochs:<3} {run.seconds:>7.0f} s  {run.name}  {_figures(run)}{run.reason}"


def _command_of(run: Run) -> str:
    """The command that trains this run again."""
    base = preset(run.kind, run.preset if run.preset in PRESETS[run.kind] else "paper").config
    changes = {name: value for name, value in config_of(run).to_dict().items() if base.to_dict()[name] != value}
    words = [f"--{name.replace('_', '-')} {shlex.quote(_typed(value))}" for name, value in changes.items()]
    return " ".join(
        ["python -m gencmp train", run.kind, f"--preset {run.preset if run.preset != 'own' else 'paper'}", *words]
    )


def _typed(value: Any) -> str:
    return (
        ",".join(map(str, value))
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )


def _card(record: Record, name: str, command: str) -> str:
    """The card for people."""
    run = record.run
    means = record.epochs()[-1].measures
    ended = time.strftime("%Y-%m-%d", time.gmtime(run.ended)) if run.ended else "not ended"
    told = {f"{key}, last epoch": value for key, value in means.items()} | {
        f"{key}, test set": value for key, value in run.test.items()
    }
    figures = "\n".join(f"| {key.replace('_', ' ')} | {value:.4f} |" for key, value in told.items())
    versions = ", ".join(f"{package} {number}" for package, number in run.versions.items() if package != "machine")
    return f"""# {name}

| | |
| --- | --- |
| made by | `{command}` |
| epochs | {run.epoch} of {run.epochs}, {run.step:,} steps, {run.images:,} images |
| seed | {run.config["seed"]} |
| ended | {ended} |
| took | {run.seconds:.0f} s of training, {run.images_per_second:,.0f} images/s in the last epoch |
| machine | {run.versions.get("machine", "")} {run.device}, {run.threads} threads, matrix products in {run.precision} |
| versions | {versions} |
{figures}

Weights are safetensors files under `epochs/`, the last epoch in float32; pictures and latent means are npz files beside them.
The curves are in `curves.json`: steps as means over neighbours, epochs whole.
"""
