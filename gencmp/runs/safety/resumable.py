"""Whether a run can be resumed from what is on disk. Imports no torch."""

from __future__ import annotations

from gencmp.errors import RunStateError, SnapshotError
from gencmp.models.weights_file import read_content, read_facts
from gencmp.runs.folder import RunFolder
from gencmp.runs.names import quoted
from gencmp.runs.run import Run


def refuse_lost_state(run: Run, folder: RunFolder) -> None:
    """Raise RunStateError if the run has finished epochs but its state is missing or damaged: it would start again from its
    first epoch, and forget the recorded ones. The sentence offers its newest kept weights."""
    try:
        read_facts(read_content(folder.state), str(folder.state))
        return
    except FileNotFoundError:
        if not _has_lost_epochs(run):
            return
        why = f"{folder.state} is missing, which holds its weights, its optimiser and its random state"
    except (OSError, SnapshotError) as error:
        why = str(error).rstrip(".")
    raise RunStateError(f"{run.name} cannot be resumed after epoch {run.epoch}: {why}. {_instead(run, folder)}")


def _has_lost_epochs(run: Run) -> bool:
    """A worker killed at the end of the first epoch has recorded it, but not yet written the state: that epoch is trained again."""
    done = run.epoch - int(run.origin.get("epoch", 0))
    return done > 1 or (done == 1 and run.state in ("finished", "stopped"))


def _instead(run: Run, folder: RunFolder) -> str:
    kept = [epoch for epoch in folder.kept() if _is_whole(folder, epoch)]
    if not kept:
        return "No weights were kept that a new run could start from. Train a new run."
    command = f"python -m gencmp resume {quoted(run.name)} --from-epoch {kept[-1]}"
    return f"Its newest kept weights are those of epoch {kept[-1]}. To go on from them as a new run: `{command}`; or use the Runs page."


def _is_whole(folder: RunFolder, epoch: int) -> bool:
    try:
        read_facts(read_content(folder.weights(epoch)), "")
    except (OSError, SnapshotError):
        return False
    return True
