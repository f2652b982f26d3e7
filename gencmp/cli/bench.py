"""python -m gencmp bench: how fast this machine trains and serves pages, and the README's table of results."""

from __future__ import annotations

import sys
import time
from importlib import import_module
from typing import Any

import click

from gencmp.bench import TOPICS, diagnosed, table
from gencmp.bench.targets import TARGETS
from gencmp.cli.command import SEED, Whole, command, say
from gencmp.cli.progress_bar import progress_bar
from gencmp.errors import ConfigError, GencmpError
from gencmp.files import write_whole
from gencmp.version import installed, machine, versions

TABLE = "table"
PACKAGES = ("torch", "streamlit")


WORDS = {**TOPICS, TABLE: "write README.md's table from the saved figures"}
TOPIC = click.Choice(tuple(WORDS))


@command("bench", "measure how fast this machine trains and serves pages")
@click.argument(
    "topic", type=TOPIC, default="train", metavar="[TOPIC]",
    help="; ".join(f"{name}: {what}" for name, what in WORDS.items()) + ". Without a topic: train.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Save the figures in docs/bench/TOPIC.json, for the table.")
def bench(topic: str, keep: bool) -> dict[str, Any]:
    if topic == TABLE:
        return _table(keep)
    module = _module(topic)
    with progress_bar() as progress:
        measured = module.measure(progress)
    say("\n".join([measured["words"], *module.say(measured)]))
    made_with = {package: number for package in PACKAGES if (number := installed(package))}
    facts = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "versions": versions(**made_with)}
    answer = {"topic": topic, **facts, **measured}
    if keep:
        print(f"{table.keep(answer, table.KEPT)}: saved for `python -m gencmp bench {TABLE}`", file=sys.stderr)
    return answer


@command("soak", "for developers: a class of viewers, voters and students at one server", "Fails if anything is lost.")
@click.option("--minutes", type=Whole(1, 600), default=10, help="How long.")
@click.option("--viewers", type=Whole(0, 500), default=60, help="Who only look.")
@click.option("--voters", type=Whole(0, 500), default=60, help="Who vote in each round.")
@click.option("--students", type=Whole(0, 60), default=6, help="Who train runs of their own.")
@click.option("--seed", type=SEED, default=0, help="Seed of what everybody does.")
def soak(minutes: int, viewers: int, voters: int, students: int, seed: int) -> dict[str, Any]:
    tools = _module("soak.soak")
    from gencmp.bench.soak.account import as_lines

    people = tools.People(viewers, voters, students)
    with progress_bar() as progress:
        account = tools.soak(minutes, people, progress, seed)
    say("\n".join(as_lines(account, minutes, people.words)))
    return {"ok": account.is_good, "minutes": minutes, **vars(people), **account.facts()}


def _module(topic: str) -> Any:
    try:
        return import_module(f"gencmp.bench.{topic}")  # only now: some topics load torch, others must not
    except ModuleNotFoundError as error:
        advice = "Run: pip install -r requirements-dev.txt"
        raise GencmpError(f"bench {topic} needs {error.name}, which is not installed. {advice}") from error


def _table(keep: bool) -> dict[str, Any]:
    if keep:
        raise ConfigError(
            "keep", "--keep saves the figures of a topic; the table is made from saved figures and has none of its own."
        )
    found = table.kept(table.KEPT)
    rows = table.rows(found, TARGETS)
    table.rewrite(rows, table.README)
    if "diagnosis" in found:
        write_whole(diagnosed.PAGE, diagnosed.page(found["diagnosis"]).encode())
    say("\n".join([table.words(rows), *(f"{row.state}: {row.what}" for row in rows if row.state != "met")]))
    return table.facts(rows)
