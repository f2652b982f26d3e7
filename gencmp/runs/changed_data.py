"""Whether a user's folder still holds what a run was trained on, and what is said where it does not. Imports no torch."""

from __future__ import annotations

from gencmp.data.fingerprint import fingerprint
from gencmp.errors import DataError
from gencmp.runs.run import Run


def changed_data(run: Run) -> str:
    """The fingerprint of what the run's folder holds now, where that is not what the run has been trained on; else empty.

    Empty as well for a data set known by name, for a run without an epoch to go on from or recorded by a version that
    kept no fingerprint, for one that cannot be resumed, and for a folder that is not there, which the reading of it tells.
    """
    known = run.data.get("fingerprint", "")
    can_go_on = run.epoch > 0 and run.state in ("stopped", "failed", "lost")
    found = fingerprint(run.config["dataset"]) if known and can_go_on else ""
    return found if found != known else ""


def refuse_changed(run: Run, found: str) -> None:
    """Raise DataError unless the folder with the fingerprint `found` holds what the run has been trained on."""
    known = run.data.get("fingerprint", "")
    if known and known != found:
        raise DataError(
            f"{changed_words(run)} Resume it and say that it shall go on with them as they are now"
            f" (python -m gencmp resume {run.id} --anyway), or train a new run on them."
        )


def changed_words(run: Run) -> str:
    return (
        f"The pictures in {run.config['dataset']} have changed since {run.name} was trained on them, up to epoch {run.epoch}:"
        " some were added, removed, renamed or overwritten."
    )
