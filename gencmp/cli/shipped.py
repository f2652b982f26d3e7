"""python -m gencmp convert-shipped, fuzz: commands for developers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gencmp.cli.command import SEED, Whole, command, say
from gencmp.cli.progress_bar import progress_bar
from gencmp.evaluation.verdicts import Verdict
from gencmp.files import SHIPPED, home, write_whole
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore


@command("convert-shipped", "for developers: add to the shipped models what this version saves with a run")
def convert_shipped() -> dict[str, Any]:
    """Trains and measures nothing. What is there stays as it is, so running it twice changes nothing."""
    from gencmp.runs.evaluations.fill_in import fill_in

    before = _sizes()
    with progress_bar() as progress:
        for record in Catalog(RunStore(home())).shipped():
            fill_in(record, progress)
    for path in sorted((SHIPPED / "verdicts").glob("*.json")):
        _rewrite(path, rewritten, indent=None)
    _rewrite(SHIPPED / "study.json", _without_sentences, indent=1)
    after = _sizes()
    changed = [name for name, facts in after.items() if before.get(name) != facts]
    grown = sum(size for size, _ in after.values()) - sum(size for size, _ in before.values())
    print(f"{SHIPPED}: {len(changed)} files changed, {grown:+,} bytes", file=sys.stderr)
    return {"changed": changed, "bytes": grown}


@command(
    "fuzz", "for developers: change real files at random, and read them", "Fails if anything but a sentence comes out."
)
@click.option("--count", type=Whole(1, 10_000_000), default=10_000, help="Number of files.")
@click.option("--seed", type=SEED, default=0, help="Seed of the changes.")
@click.option("--only", default="", show_default="all", help="Kinds of files, such as cards,IDX.")
def fuzz(count: int, seed: int, only: str) -> dict[str, Any]:
    from gencmp.fuzzing.run import as_table
    from gencmp.fuzzing.run import fuzz as try_files

    with progress_bar() as progress:
        outcomes = try_files(count, seed, [word for word in only.split(",") if word], progress)
    say(as_table(outcomes))
    defects = sum(each.defects.total() for each in outcomes)
    return {"ok": not defects, "kinds": [vars(each) | {"defects": dict(each.defects)} for each in outcomes]}


def rewritten(held: dict[str, Any]) -> dict[str, Any]:
    """A verdict in this version's format, with the same figures."""
    return Verdict.from_dict(held).to_dict()


def _without_sentences(held: dict[str, Any]) -> dict[str, Any]:
    """A study with all verdicts in this version's format."""
    runs = [run | {"verdict": rewritten(run["verdict"])} for run in held["runs"]]
    return held | {"floor": rewritten(held["floor"]), "runs": runs}


def _rewrite(path: Path, change: Callable[[dict[str, Any]], dict[str, Any]], indent: int | None) -> None:
    content = path.read_bytes()
    changed = json.dumps(change(json.loads(content)), indent=indent).encode()
    if changed != content:
        write_whole(path, changed)


def _sizes() -> dict[str, tuple[int, int]]:
    """Shipped file -> (bytes, modification time)."""
    files = (path for path in sorted(SHIPPED.rglob("*")) if path.is_file())
    return {path.relative_to(SHIPPED).as_posix(): (path.stat().st_size, path.stat().st_mtime_ns) for path in files}
