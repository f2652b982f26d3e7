"""Detects whether a user's folder has changed since a run was trained on it. Imports no torch."""

from __future__ import annotations

from gencmp.data.fingerprint import fingerprint
from gencmp.errors import DataError
from gencmp.runs.run import Run


def changed_data(run: Run) -> str:
    """The current fingerprint of the run's folder if it differs from the one the run was trained on; else empty.

    Also empty for data sets known by name, for runs that have no finished epoch, cannot be resumed or have no recorded
    fingerprint (early versions), and for a missing folder, which is reported when it is read.
    """
    known = run.data.get("fingerprint", "")
    can_go_on = run.epoch > 0 and run.state in ("stopped", "failed", "lost")
    found = fingerprint(run.config["dataset"]) if known and can_go_on else ""
    return found if found != known else ""


def refuse_changed(run: Run, found: str) -> None:
    """Raise DataError if `found`, the fingerprint of the folder now, differs from the one the run was trained on."""
    known = run.data.get("fingerprint", "")
    if known and known != found:
        raise DataError(
            f"{changed_words(run)} Resume it with the changed pictures"
            f" (python -m gencmp resume {run.id} --anyway), or train a new run on them."
        )


def changed_words(run: Run) -> str:
    return (
        f"The pictures in {run.config['dataset']} have changed since {run.name} was trained on them, up to epoch {run.epoch}:"
        " some were added, removed, renamed or overwritten."
    )
