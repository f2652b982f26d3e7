"""python -m gencmp train-judge, evaluate, study: measure models."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gencmp.cli.clusters.following import executor_option, on_cluster
from gencmp.cli.command import EPOCH, FILE, MODEL, SEED, Whole, command, say
from gencmp.cli.models import catalog_for
from gencmp.cli.progress_bar import progress_bar
from gencmp.data.classes import DIGITS, chosen_names, nouns_of
from gencmp.errors import ConfigError, StoreError
from gencmp.evaluation.comparison import compare
from gencmp.evaluation.criteria import CRITERIA
from gencmp.evaluation.judges.panel import FIRST, PANEL, Member, judge_folder, label_of, member_folder, missing_members
from gencmp.evaluation.measures import Measure, Reading
from gencmp.evaluation.questions import answers, headline
from gencmp.evaluation.verdicts import COUNT, Verdict
from gencmp.files import home, trouble_writing, write_whole
from gencmp.runs.catalog import Catalog
from gencmp.runs.names import is_path
from gencmp.runs.store import RunStore
from gencmp.settings.configs import DATASETS, SHIPPED_DATA
from gencmp.settings.presets import preset
from gencmp.training.cores import let_threads_sleep

if TYPE_CHECKING:  # it loads torch
    from gencmp.evaluation.evaluate import Judgement

_PICTURES = "Number of pictures per model, limited by the number of test pictures."
_count = click.option("--count", type=Whole(100, 1_000_000), default=COUNT, help=_PICTURES)


@command("train-judge", "train the classifier in whose features distances are measured")
@click.option("--dataset", default=SHIPPED_DATA, help=f"One of {', '.join(DATASETS)}, or a folder.")
@click.option("--seed", type=SEED, default=0, help="Seed of initial weights, order and jitter.")
@click.option(
    "--steps", type=Whole(10, 1_000_000), show_default="9000", help="Training steps, each with a batch of 100."
)
@click.option(
    "--out", type=FILE, show_default="where gencmp looks for the judge of this data set", help="Folder to write."
)
@click.option(
    "--panel", is_flag=True,
    help="Train the judges that are missing of the panel of five: two architectures, two or three seeds of each.",
)  # fmt: skip
def train_judge(dataset: str, seed: int, steps: int | None, out: Path | None, panel: bool) -> dict[str, Any]:
    changes = _changes(dataset=dataset, seed=seed, steps=steps, panel=panel)
    dataset = dataset if dataset in DATASETS else str(Path(dataset).resolve())
    if panel and (seed or steps or out):
        raise ConfigError(
            "panel",
            "--panel trains judges whose seeds, steps and folders are fixed: leave out --seed, --steps and --out.",
        )
    places = {member: member_folder(dataset, member) for member in missing_members(dataset)} if panel else {}
    if not panel:
        places[replace(FIRST, seed=seed, steps=steps or FIRST.steps)] = out or judge_folder(dataset)
    for folder in places.values():
        _refuse_unwritable(folder)
    let_threads_sleep()
    trained = [_train(dataset, member, folder, changes) for member, folder in places.items()]
    if panel:
        print(f"The panel of {dataset} is complete: {', '.join(member.label for member in PANEL)}.", file=sys.stderr)
    return {"judges": trained} if panel else trained[0]


def _train(dataset: str, member: Member, out: Path, changes: Sequence[str]) -> dict[str, Any]:
    """Train one judge and write it with its card."""
    from gencmp.data.load import load
    from gencmp.evaluation.judges.judge import save_judge
    from gencmp.evaluation.judges.training import train_member
    from gencmp.settings.configs import VaeConfig
    from gencmp.training.processor import flush_denormals

    flush_denormals()
    made_by = " ".join(["python -m gencmp train-judge", *changes])
    with progress_bar() as progress:
        digits = load(VaeConfig(dataset=dataset), progress=lambda words: progress(0.0, words))
        judge = train_member(digits, member, progress)
    save_judge(judge, out, command=made_by)
    write_whole(out / "README.md", _card(judge.card, made_by).encode())
    accuracy, count = judge.card["test_accuracy"], judge.card["test_images"]
    print(f"{out}: {accuracy:.2%} accuracy on {count:,} test {nouns_of(judge.classes).pictures}", file=sys.stderr)
    return {"out": str(out), **judge.card}


def _changes(**options: Any) -> list[str]:
    """The options that differ from their defaults, as typed."""
    usual = {"dataset": SHIPPED_DATA, "seed": 0, "steps": None, "panel": False}
    changed = {name: value for name, value in options.items() if value != usual[name]}
    return [f"--{name}" if value is True else f"--{name} {value}" for name, value in changed.items()]


@command(
    "evaluate", "measure models and real digits: all figures with 95 % intervals",
    kept="Completed measurements are saved; run the same command to measure the rest.",
)  # fmt: skip
@click.argument("models", metavar="MODEL...", nargs=-1, required=True, help=MODEL)
@click.option("--epoch", type=EPOCH, show_default="the last", help="A saved epoch.")
@_count
@click.option("--seed", type=SEED, default=0, help="Seed of the pictures.")
@click.option(
    "--judges", is_flag=True, help="Print the figures of every judge of the panel, and in pixels and HOG, too."
)
@executor_option
def evaluate(models: tuple[str, ...], epoch: int | None, count: int, seed: int, judges: bool) -> dict[str, Any]:
    catalog = catalog_for(*models)
    paths = [(_named(model, catalog), catalog.weights(model, epoch)) for model in models]
    datasets = {name: catalog.dataset(model) for (name, _), model in zip(paths, models, strict=True)}
    let_threads_sleep()

    from gencmp.evaluation.evaluate import evaluate as measure
    from gencmp.runs.evaluations.fill_in import fill_in
    from gencmp.runs.evaluations.work import measure_on_cluster

    far = on_cluster()
    with progress_bar() as progress:
        if far:
            measure_on_cluster(paths, count, seed, progress, datasets)
        judgements = measure(paths, count, seed, progress, datasets, _warn)
        for model in models:
            if not is_path(model):
                fill_in(catalog.find(model), progress)
    floors = {each.floor.key: each.floor for each in judgements}
    verdicts = [*(each.verdict for each in judgements), *floors.values()]
    say(_table(verdicts))
    if judges:
        say(f"\n{_table_of_judges(verdicts)}")
    for pair in _pairs(judgements):
        say(f"\n{_answers(*pair)}")
    return {"models": [{"verdict": each.verdict.to_dict(), "floor": each.floor.to_dict()} for each in judgements]}


def _warn(words: str) -> None:
    print(f"gencmp: {words}", file=sys.stderr)


def _named(model: str, catalog: Catalog) -> str:
    """The name of a run, even if it was given by its id; the path of a file."""
    if is_path(model):
        return model
    return catalog.title(catalog.find(model))


def _kept_of_study(out: Path, **_: Any) -> str:
    done = f"The finished models are in {out}; run the same command to continue."
    return done if out.exists() else "No model was finished; run the same command to start over."


@command(
    "study", "train both models from several seeds and measure each; continues where it stopped", kept=_kept_of_study
)
@click.option("--seeds", type=Whole(1, 1000), default=5, help="Number of seeds, counted from 0.")
@click.option("--preset", "preset_name", default="paper", help="A preset that both models have: paper or quick.")
@click.option("--epochs", type=EPOCH, show_default="the preset's", help="Number of epochs.")
@_count
@click.option("--out", type=FILE, required=True, help="JSON file to write, updated after every seed.")
@executor_option
def study(seeds: int, preset_name: str, epochs: int | None, count: int, out: Path) -> dict[str, Any]:
    changes = {"epochs": epochs} if epochs else {}
    configs = [preset(kind, preset_name).config.replace(**changes) for kind in ("gan", "vae")]
    _refuse_unwritable(out.parent)
    far = on_cluster()
    let_threads_sleep()

    from gencmp.cli.clusters.studying import Queued, threads_words
    from gencmp.evaluation.study import study as train_and_measure

    if far and (words := threads_words(configs)):
        _warn(words)
    with progress_bar() as progress:
        trainer = Queued(RunStore(home()), out.stem) if far else None
        held = train_and_measure(configs, seeds, out, count, progress, trainer)
    print(f"{out}: {len(held['runs'])} models", file=sys.stderr)
    return {"out": str(out), "runs": len(held["runs"])}


def _refuse_unwritable(folder: Path) -> None:
    """Raise StoreError now rather than after minutes of training."""
    if trouble := trouble_writing(folder):
        raise StoreError(f"{folder} cannot be written to: {trouble}. Choose another place with --out.")


# Text


def _table(verdicts: Sequence[Verdict]) -> str:
    """One row per criterion, one column per model, with intervals; below it the missing classes and how each criterion is measured."""
    rows = [["", *(_title(verdict) for verdict in verdicts), "unit", "better"]]
    notes: list[str] = []
    for name in CRITERIA:
        there = [verdict[name] for verdict in verdicts if name in verdict]
        if there:
            cells = [_cell(verdict[name]) if name in verdict else "" for verdict in verdicts]
            rows.append([there[0].label, *cells, there[0].unit, there[0].better])
            notes += [f"{each.label}: {each.how} {each.source}." for each in there]
    rows += _share_rows(verdicts)
    return "\n".join([_aligned(rows), "", *filter(None, map(_missing, verdicts)), *dict.fromkeys(notes)])


def _table_of_judges(verdicts: Sequence[Verdict]) -> str:
    """One row per criterion and judge or space, one column per model."""
    rows = [["", "judge or space", *(_title(verdict) for verdict in verdicts)]]
    for name in CRITERIA:
        there = [verdict[name].readings if name in verdict else {} for verdict in verdicts]
        for space in dict.fromkeys(space for readings in there for space in readings if space):
            cells = [_cell(readings[space]) if space in readings else "" for readings in there]
            rows.append([CRITERIA[name].label, label_of(space), *cells])
    return _aligned(rows)


def _pairs(judgements: Sequence[Judgement]) -> list[tuple[Judgement, Judgement]]:
    """The GAN and the VAE, where one of each was measured against the same real pictures."""
    gans, vaes = ([each for each in judgements if each.verdict.kind == kind] for kind in ("gan", "vae"))
    fits = len(gans) == len(vaes) == 1 and gans[0].floor.key == vaes[0].floor.key
    return [(gans[0], vaes[0])] if fits else []


def _answers(gan: Judgement, vae: Judgement) -> str:
    """The three questions and what the figures say."""
    rows = compare(gan.verdict, vae.verdict, gan.floor)
    said = [f"{each.question.title} {each.sentence}\n  {each.sureness}" for each in answers(rows)]
    return "\n".join([headline(gan.verdict, vae.verdict, rows), *said])


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _missing(verdict: Verdict) -> str:
    """The names of the classes that a model leaves out."""
    if not verdict.missing:
        return ""
    names = chosen_names(verdict.classes, verdict.missing)
    return f"Missing {verdict.nouns.classes} of {verdict.model}: {names}."


def _share_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """How often each class was drawn, matched by name because data sets differ. Without classes that no model was trained on
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


def _cell(each: Measure | Reading) -> str:
    return f"{_short(each.value)} ({_short(each.low)} to {_short(each.high)})"


def _short(value: float) -> str:
    if 0 < abs(value) < 0.01:
        return f"{value:.2g}"
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 10 else f"{value:.3f}"


def _card(card: dict[str, Any], command: str) -> str:
    """The judge's card as Markdown."""
    made = ", ".join(f"{package} {number}" for package, number in card["versions"].items())
    nouns = nouns_of(card["classes"])
    classifier = "digit classifier" if nouns == DIGITS else f"classifier of {len(card['classes'])} classes"
    return f"""# A judge of {card["data"]}

A convolutional {classifier}, of the architecture "{card["architecture"]}". Distances between pictures are measured in its 64 features; its labels and
probabilities say which {nouns.classes} a model draws, and how clearly.

| | |
| --- | --- |
| made by | `{command}` |
| seed | {card["seed"]} |
| trained on | {card["training_images"]:,} training pictures, {card["steps"]:,} steps of 100, jittered |
| took | {card["seconds"]:.0f} s with {card["threads"]} threads |
| versions | {made} |
| accuracy | {card["test_accuracy"]:.2%} of {card["test_images"]:,} test pictures |

`weights.safetensors` holds the network, in {card["weights"]}; `gencmp/evaluation/judges/networks.py` defines it.
`card.json` says the same as this page.
"""
