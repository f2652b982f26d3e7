"""python -m gencmp, or the installed command gencmp: one group of commands, one file per topic."""

from __future__ import annotations

import os
import sys

import click
from click.shell_completion import shell_complete

from gencmp.cli import (
    bench,
    by_hand,
    dashboard,
    data,
    doctor,
    evaluation,
    export,
    lessons,
    models,
    panels,
    shipped,
    training,
)
from gencmp.cli.clusters.show import cluster
from gencmp.cli.clusters.sweeping import sweep
from gencmp.cli.command import Group, refuse_usage
from gencmp.console import make_output_legible, while_read
from gencmp.version import VERSION

COMPLETE = "_GENCMP_COMPLETE"  # set by the completion script that click writes for a shell

gencmp = Group(
    help="Train, explore and compare the paper's GAN and VAE.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120, "show_default": True},
    commands=[
        training.train, training.runs, training.resume, training.roll_back_, training.set_,
        by_hand.pause, by_hand.continue_, by_hand.step, by_hand.slow, export.sample, export.export, evaluation.train_judge,
        evaluation.evaluate, evaluation.study, lessons.lessons, panels.panel, panels.figures, bench.bench, data.data,
        dashboard.dashboard, models.describe, models.diagnose, cluster, sweep, doctor.doctor, doctor.repair, shipped.convert_shipped, shipped.fuzz,
        bench.soak,
    ],
)  # fmt: skip
click.version_option(VERSION, message="%(version)s")(gencmp)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status. Errors are one sentence on standard error, with status 2.

    Raises SystemExit after --help and for a mistyped command.
    """
    make_output_legible()
    if instruction := os.environ.get(COMPLETE):
        return shell_complete(gencmp, {}, "gencmp", COMPLETE, instruction)
    return while_read(lambda: _run(sys.argv[1:] if arguments is None else arguments))


def _run(arguments: list[str]) -> int:
    """Not click's own main: it would exit with status 1 when the output is piped into a program that has ended."""
    try:
        with gencmp.make_context("python -m gencmp", list(arguments)) as context:
            status: int = gencmp.invoke(context)
            return status
    except click.UsageError as error:
        refuse_usage(error)
    except click.exceptions.Exit as done:
        raise SystemExit(done.exit_code) from None
