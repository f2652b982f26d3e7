"""python -m gencmp lessons: the twelve lessons, their effects checked, their full experiments recorded, their time, hand-outs."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from gencmp.bench.table import KEPT
from gencmp.bench.table import kept as kept_measurements
from gencmp.cli.clusters.following import executor_option, on_cluster
from gencmp.cli.command import FILE, SEED, Whole, command, say
from gencmp.cli.progress_bar import progress_bar
from gencmp.errors import ConfigError, StoreError
from gencmp.files import home, trouble_writing, write_whole
from gencmp.lessons.effects import EFFECTS, expected_seconds
from gencmp.lessons.handouts.content import newest_handout
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.recorded import PLACE, SEEDS, Timed, minutes_of, record_of, write_time
from gencmp.lessons.twelve import LESSONS, lesson_of
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config
from gencmp.training.cores import let_threads_sleep
from gencmp.version import installed, machine, versions

LIMIT = 180  # seconds that a lesson may take on two cores


def _kept(out: Path, **_: Any) -> str:
    return (
        f"The finished runs are in {out}; run the same command to continue." if out.exists() else "No run was finished."
    )


@command(
    "lessons", "list the lessons of the Learn page, check their effects, record their full experiments, time them, or print one",
    "Without --check, --record, --time and --handout it lists them.", kept=_kept,
)  # fmt: skip
@click.argument("names", metavar="[LESSON]...", nargs=-1)
@click.option(
    "--check", is_flag=True, help="Train the smallest runs that show each lesson's effect, and say whether it is seen."
)
@click.option(
    "--record",
    is_flag=True,
    help="Train the full experiments from several seeds, and keep their figures; says first how long it takes, and goes on where it stopped.",
)
@click.option(
    "--time",
    "timed",
    is_flag=True,
    help="Time each from press to reveal, with workers as on the page, and keep it for the cards' minutes. Leave the computer alone.",
)
@click.option(
    "--handout", type=FILE, help="Write the hand-out of one lesson, as its reveal offers: .pdf, .svg or .png."
)
@click.option("--seeds", type=Whole(1, 100), default=SEEDS, help="Number of seeds to record, counted from 0.")
@click.option("--seed", type=SEED, default=0, help="Seed of the check.")
@click.option(
    "--out",
    type=FILE,
    default=PLACE,
    show_default="docs/lessons.json",
    help="File of the record and of the times, updated after every run.",
)
@executor_option
def lessons(
    names: tuple[str, ...],
    check: bool,
    record: bool,
    timed: bool,
    handout: Path | None,
    seeds: int,
    seed: int,
    out: Path,
) -> dict[str, Any]:
    asked = [name for name, is_asked in (("--check", check), ("--record", record), ("--time", timed)) if is_asked]
    if len(asked) > 1:
        raise ConfigError("check", f"{' and '.join(asked)} were given together: choose one of them.")
    if handout and (asked or len(names) != 1):
        raise ConfigError("handout", "--handout wants one lesson, without --check, --record and --time.")
    if handout:
        return _handout(lesson_of(names[0]), handout)
    chosen = [lesson_of(name) for name in names] or list(LESSONS.values())
    if not asked:
        return _list(chosen, out)
    with_runs = _with_runs(chosen)
    if timed:
        return _time(with_runs, out)
    let_threads_sleep()
    return _check(with_runs, seed) if check else _record(with_runs, seeds, out)


def _handout(lesson: Lesson, path: Path) -> dict[str, Any]:
    """Of the runs that were made last."""
    form = path.suffix.lstrip(".").lower()
    if form not in ("pdf", "svg", "png"):
        raise ConfigError("handout", f"--handout: found {path.name!r}, wanted a name that ends in .pdf, .svg or .png.")
    if trouble := trouble_writing(path.absolute().parent):
        raise StoreError(f"{path.parent} cannot be written to: {trouble}. Choose another place.")
    from gencmp.lessons.handouts.page import handout_file

    catalog = Catalog(RunStore(home()))
    content = handout_file(newest_handout(lesson, catalog), form)
    write_whole(path, content)
    say(f"{path}: {len(content) / 1000:,.0f} kB")
    return {"out": str(path), "lesson": lesson.key, "bytes": len(content)}


def _with_runs(chosen: Sequence[Lesson]) -> list[Lesson]:
    """Raises ConfigError if none of them has any."""
    found = [lesson for lesson in chosen if lesson.variants]
    if not found:
        raise ConfigError(
            "lesson", f"No runs belong to {', '.join(each.key for each in chosen)}. Some do to {', '.join(EFFECTS)}."
        )
    return found


def _list(chosen: Sequence[Lesson], out: Path) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "lesson": each.key, "number": each.number, "claim": each.claim.words, "minutes": minutes_of(each, out),
            "runs": [variant.label for variant in each.variants], "recorded_seeds": len(record_of(each, out).by_seed),
        }
        for each in chosen
    ]  # fmt: skip
    for each, row in zip(chosen, rows, strict=True):
        recorded = f"{record_of(each, out).count} seeds recorded"
        runs = f"{len(each.variants)} runs, {recorded}" if each.variants else "no runs"
        say(f"{row['number']:2}  {row['lesson']:<12} {row['claim']}\n    {'':<12} {row['minutes']:g} minutes, {runs}")
    return {"lessons": rows}


def _check(chosen: Sequence[Lesson], seed: int) -> dict[str, Any]:
    from gencmp.lessons.experiment import checked

    with progress_bar() as progress:
        found = checked(chosen, seed, progress)
    for key, (seen, results) in found.items():
        figures = "; ".join(f"{variant} {_figures(each)}" for variant, each in results.items())
        say(f"{'seen    ' if seen else 'NOT SEEN'}  {key}: {EFFECTS[key].words}\n          {figures}")
    facts = {key: {"seen": seen, "figures": results} for key, (seen, results) in found.items()}
    return {"ok": all(seen for seen, _ in found.values()), "lessons": facts}


def _figures(figures: Any) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in figures.items())


def _time(chosen: Sequence[Lesson], out: Path) -> dict[str, Any]:
    """The workers train here; this process only waits."""
    _refuse_unwritable(out)
    from gencmp.lessons import timing

    found: dict[str, float] = {}
    with progress_bar() as progress:
        for lesson in chosen:
            seconds = timing.seconds_of(lesson, progress)
            made = versions(torch=installed("torch") or "")
            timed = Timed(round(seconds, 1), time.strftime("%Y-%m-%d"), machine(), made)
            write_time(lesson.key, timed, LESSONS, out)
            found[lesson.key] = timed.seconds
    for key, seconds in found.items():
        say(f"{key:<12} {seconds:6.1f} s{'' if seconds <= LIMIT else f', more than {LIMIT} s'}")
    return {"ok": all(seconds <= LIMIT for seconds in found.values()), "out": str(out), "seconds": found}


def _refuse_unwritable(out: Path) -> None:
    if trouble := trouble_writing(out.parent):
        raise StoreError(f"{out.parent} cannot be written to: {trouble}. Choose another place with --out.")


def _record(chosen: Sequence[Lesson], seeds: int, out: Path) -> dict[str, Any]:
    _refuse_unwritable(out)
    far = on_cluster()
    from gencmp.cli.clusters.studying import Queued
    from gencmp.lessons import experiment

    _announce(chosen, experiment.missing(chosen, seeds, out, experiment.full))
    with progress_bar() as progress:
        trainer = Queued(RunStore(home()), "lessons") if far else None
        runs = experiment.record(chosen, seeds, out, progress, experiment.full, trainer)
    print(f"{out}: {len(runs)} runs", file=sys.stderr)
    return {"out": str(out), "runs": len(runs)}


def _announce(chosen: Sequence[Lesson], missing: Sequence[tuple[Lesson, str, Config]]) -> None:
    """How many runs of each lesson are to be trained, and about how long they take where they are alone on two cores."""
    took = _milliseconds()
    for lesson in chosen:
        configs = [config for each, _, config in missing if each.key == lesson.key]
        say(f"{lesson.key:<12} {_amount(configs, took)}")
    if len(chosen) > 1:
        say(f"{'in all':<12} {_amount([config for _, _, config in missing], took)}")
    if took and missing:
        say("On two cores with nothing else running, by the steps that `gencmp bench train` has measured.")


def _amount(configs: Sequence[Config], took: Mapping[str, float]) -> str:
    if not configs:
        return "all recorded"
    runs = f"{len(configs)} run{'' if len(configs) == 1 else 's'} to train"
    minutes = sum(expected_seconds(config, took) for config in configs) / 60 if took else 0
    return f"{runs}, about {duration(minutes)}" if minutes else runs


def duration(minutes: float) -> str:
    """A rough estimate in words.

    >>> duration(0.4), duration(1.4), duration(17.6), duration(151)
    ('a minute', 'a minute', '18 minutes', '2.5 hours')
    """
    if minutes < 1.5:
        return "a minute"
    return f"{minutes:.0f} minutes" if minutes < 100 else f"{minutes / 60:.1f} hours"


def _milliseconds() -> dict[str, float]:
    """A training step by the kind of model, from docs/bench/train.json; {} where that is missing."""
    measured = kept_measurements(KEPT).get("train", {})
    return {each["model"]: float(each["ours_ms"]) for each in measured.get("models", [])}
