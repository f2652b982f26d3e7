"""What the processes that train have in common: their option, and how they begin and fail."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click

from gencmp.console import make_output_legible
from gencmp.errors import GencmpError
from gencmp.files import home
from gencmp.runs.safety.look_after import look_after
from gencmp.runs.store import RunStore

PRIORITY = 5  # of Unix, where 0 is usual and 19 the last

home_option = click.option(
    "--home", "folder", type=click.Path(path_type=Path), default=home, show_default="GENCMP_HOME, or runs/",
    help="Folder of the runs.",
)  # fmt: skip


def serve(folder: Path, work: Callable[[RunStore], None], log: logging.Logger) -> None:
    """Work for the runs in a folder. What goes wrong is a sentence in the log, and exit status 1."""
    make_output_legible()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        store = RunStore(folder)
        look_after(store)
        work(store)
    except GencmpError as error:
        log.error("%s", error)
        raise SystemExit(1) from None


def give_way() -> None:
    """Let this computer's pages go first where its cores are all busy: nobody notices that a step of training waits 10 ms, but sixty
    viewers do when their page does. On Windows, the launcher asks for it.
    """
    if os.name == "nt":
        return
    os.nice(PRIORITY)
    # Linux may share its processor among sessions: then the number above counts only within the worker's own, and the session has another
    if os.getsid(0) == os.getpid():  # begun for this worker; of a terminal, all that runs in it would give way
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(PRIORITY), encoding="ascii")
