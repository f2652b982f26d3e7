"""python -m gencmp pause, continue, step, slow: the pace of a run, wherever it trains."""

from __future__ import annotations

from typing import Any

import click

from gencmp.cli.command import Whole, command, say
from gencmp.cli.models import store_and_run
from gencmp.runs.by_hand.commands import MOST, RATES

RUN = "Name or id of a run that trains."
SAME_BITS = "However a run is paused, stepped and slowed, its weights are the same to the bit."


@command("pause", "pause a run, wherever it trains", f"`continue`, `step` and `slow` go on. {SAME_BITS}")
@click.argument("model", metavar="RUN", help=RUN)
def pause(model: str) -> dict[str, Any]:
    store, run = store_and_run(model)
    store.command(run.id, "pause")
    say(f"{run.name} is held before its next minibatch; in slow motion, at its next phase.")
    return {"run": run.id}


@command("continue", "let a run that is paused or in slow motion go on at full speed")
@click.argument("model", metavar="RUN", help=RUN)
def continue_(model: str) -> dict[str, Any]:
    store, run = store_and_run(model)
    store.command(run.id, "go on")
    say(f"{run.name} goes on at full speed.")
    return {"run": run.id}


@command(
    "step", "let a paused run go on by a phase, or by some, and hold it again",
    "The phases of a GAN's step: the minibatch is laid out, each turn of D, each turn of G. A VAE's: it is laid out, and both"
    f" networks learn. {SAME_BITS}",
)  # fmt: skip
@click.argument("model", metavar="RUN", help="Name or id of a paused run.")
@click.option("--phases", type=Whole(1, MOST), metavar="N", show_default="1", help="So many phases.")
@click.option(
    "--steps",
    type=Whole(1, MOST),
    metavar="N",
    help="So many whole steps; the rest of one that has begun counts as one.",
)
def step(model: str, phases: int | None, steps: int | None) -> dict[str, Any]:
    if phases is not None and steps is not None:
        raise click.UsageError("--phases and --steps exclude each other: found both, wanted one")
    store, run = store_and_run(model)
    store.step(run.id, phases or 1, steps)
    unit, count = ("phase", phases or 1) if steps is None else ("step", steps)
    say(f"{run.name} goes on by {count} {unit}{'s' * (count > 1)}.")
    return {"run": run.id, f"{unit}s": count}


@command("slow", "let a run go on in slow motion", SAME_BITS)
@click.argument("model", metavar="RUN", help=RUN)
@click.argument("rate", type=float, help=f"Steps per second, {RATES[0]} to {RATES[1]}.")
def slow(model: str, rate: float) -> dict[str, Any]:
    store, run = store_and_run(model)
    store.slow(run.id, rate)
    say(f"{run.name} goes on at {rate:g} steps per second.")
    return {"run": run.id, "rate": rate}
