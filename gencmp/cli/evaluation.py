"""python -m gencmp train-judge, evaluate, study: the commands that measure models."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gencmp.cli.models import catalog_for
from gencmp.cli.progress_bar import progress_bar
from gencmp.data.classes import DIGITS, chosen_names, nouns_of
from gencmp.errors import StoreError
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.verdicts import COUNT, Verdict, judge_folder
from gencmp.files import trouble_writing, write_whole
from gencmp.runs.catalog import Catalog
from gencmp.runs.names import is_path
from gencmp.settings.configs import DATASETS, SHIPPED_DATA
from gencmp.settings.presets import preset
from gencmp.training.cores import let_threads_sleep


def register(commands: Any, command: Callable[..., argparse.ArgumentParser], whole: Callable[[int, int], Any]) -> None:
    """Add the commands to the command line; `command` makes one, `whole` an option's type."""
    judge = command(
        commands, "train-judge", _train_judge, "train the classifier in whose features distances are measured"
    )
    judge.add_argument(
        "--dataset", default=SHIPPED_DATA, help=f"one of {', '.join(DATASETS)}, or a folder (default {SHIPPED_DATA})"
    )
    judge.add_argument(
        "--seed", type=whole(0, 2**31 - 1), default=0, help="of first weights, order and jitter (default 0)"
    )
    judge.add_argument("--steps", type=whole(10, 1_000_000), help="of 100 pictures (default 9000)")
    judge.add_argument(
        "--out", type=Path, help="folder to write (default: where the judge of this data set is looked for)"
    )

    judged = command(
        commands, "evaluate", _evaluate, "measure models: every figure with its interval, beside that of real digits"
    )
    judged.add_argument(
        "models", metavar="MODEL", nargs="+", help="a run, a .safetensors file, or paper-gan or paper-vae"
    )
    judged.add_argument("--epoch", type=whole(1, 10_000), help="a kept epoch (default: the last)")
    _add_count(judged, whole)
    judged.add_argument("--seed", type=whole(0, 2**31 - 1), default=0, help="of the pictures (default 0)")
    judged.set_defaults(
        kept=lambda options: "What was measured to its end is kept; the same command measures the rest."
    )

    studied = command(
        commands, "study", _study, "train both models from several seeds and measure each; goes on where it stopped"
    )
    studied.add_argument("--seeds", type=whole(1, 1000), default=5, help="how many, counted from 0 (default 5)")
    studied.add_argument("--preset", default="paper", help="one that both models have: paper or quick (default paper)")
    studied.add_argument("--epochs", type=whole(1, 10_000), help="in place of the preset's")
    _add_count(studied, whole)
    studied.add_argument("--out", type=Path, required=True, help="JSON file, written after every seed")
    studied.set_defaults(kept=_kept_of_study)


def _add_count(command: argparse.ArgumentParser, whole: Callable[[int, int], Any]) -> None:
    text = f"pictures of each model; a data set with fewer test pictures takes fewer (default {COUNT})"
    command.add_argument("--count", type=whole(100, 1_000_000), default=COUNT, help=text)


# Commands: each returns what --json prints


def _train_judge(options: argparse.Namespace) -> dict[str, Any]:
    dataset = options.dataset if options.dataset in DATASETS else str(Path(options.dataset).resolve())
    out = options.out or judge_folder(dataset)
    _refuse_unwritable(out)
    let_threads_sleep()

    from gencmp.data.load import load
    from gencmp.evaluation.judge import STEPS, save_judge, train_judge
    from gencmp.settings.configs import VaeConfig
    from gencmp.training.processor import flush_denormals

    flush_denormals()
    with progress_bar() as told:
        digits = load(VaeConfig(dataset=dataset), progress=lambda words: told(0.0, words))
        judge = train_judge(digits, options.seed, options.steps or STEPS, told)
    made_by = " ".join(["python -m gencmp train-judge", *_changes(options)])
    save_judge(judge, out, command=made_by)
    write_whole(out / "README.md", _card(judge.card, made_by).encode())
    accuracy, count = judge.card["test_accuracy"], judge.card["test_images"]
    print(f"{out}: names {accuracy:.2%} of {count:,} test {nouns_of(judge.classes).pictures}", file=sys.stderr)
    return {"out": str(out), **judge.card}


def _changes(options: argparse.Namespace) -> list[str]:
    """The options that differ from their defaults, as typed."""
    usual = {"dataset": SHIPPED_DATA, "seed": 0, "steps": None}
    return [
        f"--{name} {getattr(options, name)}" for name, default in usual.items() if getattr(options, name) != default
    ]


def _evaluate(options: argparse.Namespace) -> dict[str, Any]:
    catalog = catalog_for(*options.models)
    paths = [(_named(model, catalog), catalog.weights(model, options.epoch)) for model in options.models]
    datasets = {name: catalog.dataset(model) for (name, _), model in zip(paths, options.models, strict=True)}
    let_threads_sleep()

    from gencmp.evaluation.evaluate import evaluate
    from gencmp.runs.evaluations.fill_in import fill_in

    with progress_bar() as told:
        judgements = evaluate(paths, options.count, options.seed, told, datasets, _warn)
        for model in options.models:
            if not is_path(model):
                fill_in(catalog.find(model), told)
    if not options.json:
        floors = {each.floor.key: each.floor for each in judgements}
        print(_table([*(each.verdict for each in judgements), *floors.values()]))
    return {"models": [{"verdict": each.verdict.to_dict(), "floor": each.floor.to_dict()} for each in judgements]}


def _warn(words: str) -> None:
    print(f"gencmp: {words}", file=sys.stderr)


def _named(model: str, catalog: Catalog) -> str:
    """What a run is called, also when it was asked for by its id; a file by its path."""
    if is_path(model):
        return model
    return catalog.title(catalog.find(model))


def _study(options: argparse.Namespace) -> dict[str, Any]:
    configs = [preset(kind, options.preset).config for kind in ("gan", "vae")]
    if options.epochs:
        configs = [config.replace(epochs=options.epochs) for config in configs]
    _refuse_unwritable(options.out.parent)
    let_threads_sleep()

    from gencmp.evaluation.study import study

    with progress_bar() as told:
        held = study(configs, options.seeds, options.out, options.count, told)
    print(f"{options.out}: {len(held['runs'])} models", file=sys.stderr)
    return {"out": str(options.out), "runs": len(held["runs"])}


def _refuse_unwritable(folder: Path) -> None:
    """Raise StoreError now rather than after minutes of training."""
    if trouble := trouble_writing(folder):
        raise StoreError(f"{folder} cannot be written to: {trouble}. Name another place (--out).")


def _kept_of_study(options: argparse.Namespace) -> str:
    if not options.out.exists():
        return "No model was done yet; the same command begins anew."
    return f"The models done are in {options.out}; the same command goes on."


# Words


def _table(verdicts: Sequence[Verdict]) -> str:
    """A row a criterion, a column a model, each with its interval; below it what is missing, and what the criteria are."""
    rows = [["", *(_title(verdict) for verdict in verdicts), "unit", "better"]]
    notes: list[str] = []
    for name in CRITERIA:
        there = [verdict[name] for verdict in verdicts if name in verdict]
        if there:
            cells = [_cell(verdict[name]) if name in verdict else "" for verdict in verdicts]
            rows.append([there[0].label, *cells, there[0].unit, there[0].better])
            notes += [f"{each.label}: {each.how} {each.source}." for each in there]
    rows += _share_rows(verdicts)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *filter(None, map(_missing, verdicts)), *dict.fromkeys(notes)])


def _missing(verdict: Verdict) -> str:
    """The classes that a model leaves out, by name."""
    if not verdict.missing:
        return ""
    names = chosen_names(verdict.classes, verdict.missing)
    return f"Missing {verdict.nouns.classes} of {verdict.model}: {names}."


def _share_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """How often each class was drawn, by name: models of other data have other ones. Without those that nobody asked for
    and none drew."""
    rows = []
    for name in dict.fromkeys(name for verdict in verdicts for name in _asked_or_drawn(verdict)):
        noun = next(verdict.nouns.class_ for verdict in verdicts if name in verdict.classes)
        cells = [f"{v.digits[v.classes.index(name)]:.3f}" if name in v.classes else "" for v in verdicts]
        rows.append([f"Share of {noun} {name}", *cells, "share", "nearer floor"])
    return rows


def _asked_or_drawn(verdict: Verdict) -> list[str]:
    shares = zip(verdict.classes, verdict.digits, strict=True)
    return [name for label, (name, share) in enumerate(shares) if share or not verdict.asked or label in verdict.asked]


def _title(verdict: Verdict) -> str:
    return f"{verdict.model}, n = {verdict.count:,}" + (f", epoch {verdict.epoch}" if verdict.epoch else "")


def _cell(each: Measure) -> str:
    return f"{_short(each.value)} ({_short(each.low)} to {_short(each.high)})"


def _short(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"


def _card(card: dict[str, Any], command: str) -> str:
    """The card for people."""
    made = ", ".join(f"{package} {number}" for package, number in card["versions"].items())
    nouns = nouns_of(card["classes"])
    classifier = "digit classifier" if nouns == DIGITS else f"classifier of {len(card['classes'])} classes"
    return f"""# The judge of {card["data"]}

A convolutional {classifier}. Distances between pictures are measured in its 64 features; its labels and
probabilities say which {nouns.classes} a model draws, and how clearly.

| | |
| --- | --- |
| made by | `{command}` |
| seed | {card["seed"]} |
| trained on | {card["training_images"]:,} training pictures, {card["steps"]:,} steps of 100, jittered |
| took | {card["seconds"]:.0f} s with {card["threads"]} threads |
| versions | {made} |
| accuracy | {card["test_accuracy"]:.2%} of {card["test_images"]:,} test pictures |

`weights.safetensors` holds the network of `gencmp/judge.py`; `card.json` says the same as this page.
"""
