"""python -m gencmp bench: how fast this machine trains, serves and shows."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from gencmp.bench import TOPICS
from gencmp.cli_verdict import progress_bar, share_the_cores
from gencmp.version import machine, versions


def register(commands: Any, command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the command line; `command` makes one."""
    bench = command(commands, "bench", _bench, "measure how fast this machine trains, serves and shows")
    topics = "; ".join(f"{name}: {what}" for name, what in TOPICS.items())
    bench.add_argument("topic", nargs="?", choices=tuple(TOPICS), default="train", help=f"{topics} (default train)")


def _bench(options: argparse.Namespace) -> dict[str, Any]:
    share_the_cores()
    topic = import_module(f"gencmp.bench.{options.topic}")  # some load torch, some must not
    with progress_bar() as told:
        measured = topic.measure(told)
    if not options.json:
        print("\n".join([measured["words"], *topic.say(measured)]))
    return {
        "topic": options.topic,
        "date": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions(),
        **measured,
    }
