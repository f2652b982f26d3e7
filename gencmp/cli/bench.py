"""python -m gencmp bench: how fast this machine trains, serves and shows, and the README's table of it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from gencmp.bench import TOPICS, table
from gencmp.bench.targets import TARGETS
from gencmp.cli.progress_bar import progress_bar
from gencmp.errors import ConfigError
from gencmp.version import installed, machine, versions

TABLE = "table"
PACKAGES = ("torch", "streamlit")


def register(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the command line; `command` makes one."""
    bench = command(commands, "bench", _bench, "measure how fast this machine trains, serves and shows")
    topics = "; ".join(f"{name}: {what}" for name, what in TOPICS.items())
    made = f"{TABLE}: write README.md's table from what was kept"
    bench.add_argument(
        "topic", nargs="?", choices=(*TOPICS, TABLE), default="train", help=f"{topics}; {made} (default train)"
    )
    bench.add_argument("--keep", action="store_true", help="write the figures to docs/bench/TOPIC.json, for the table")


def _bench(options: argparse.Namespace) -> dict[str, Any]:
    if options.topic == TABLE:
        return _table(options)
    topic = import_module(f"gencmp.bench.{options.topic}")  # some load torch, some must not
    with progress_bar() as told:
        measured = topic.measure(told)
    if not options.json:
        print("\n".join([measured["words"], *topic.say(measured)]))
    made_with = {package: number for package in PACKAGES if (number := installed(package))}
    facts = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "versions": versions(**made_with)}
    answer = {"topic": options.topic, **facts, **measured}
    if options.keep:
        print(f"{table.keep(answer, table.KEPT)}: kept for `python -m gencmp bench {TABLE}`", file=sys.stderr)
    return answer


def _table(options: argparse.Namespace) -> dict[str, Any]:
    if options.keep:
        raise ConfigError("keep", "--keep keeps what a topic measures; the table is made from what was kept.")
    rows = table.rows(table.kept(table.KEPT), TARGETS)
    table.rewrite(rows, table.README)
    if not options.json:
        print("\n".join([table.words(rows), *(f"{row.state}: {row.what}" for row in rows if row.state != "met")]))
    return table.facts(rows)
