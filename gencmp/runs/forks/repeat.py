"""The same run with another seed, which shows how much of a result is chance. Imports no torch."""

from __future__ import annotations

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.forks.fork import fork
from gencmp.runs.forks.words import is_fork
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of


def repeat(store: RunStore, record: ModelRecord, seed: int) -> Run:
    """Queue the run again with this seed; its `origin` names the earlier one. A fork begins where the earlier one began."""
    run = record.run
    facts = {"repeats": run.id, "seed": run.config["seed"]}
    if is_fork(run) and run.origin["epoch"]:
        return fork(store, record, {"seed": seed}, run.origin["epoch"], facts=facts)
    return store.create(config_of(run).replace(seed=seed), run.preset, origin=facts, based_on=run.based_on)
