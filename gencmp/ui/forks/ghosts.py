"""Whose faint curves stand behind a run's own: those of a fork's ancestors, and of the run that it repeats."""

from __future__ import annotations

from typing import Any

from gencmp.errors import RunNotFound
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.forks.fork import ancestors
from gencmp.runs.run import Run


def ghosts_of(run: Run, catalog: Catalog) -> list[dict[str, Any]]:
    """For static/train/ghosts.js: each with its model, the epochs "since" and "until" which the run's own curves are
    missing, whether it is also shown "beyond" these, and its label. Deleted runs leave no ghost."""
    line, repeats = ancestors(run), run.origin.get("repeats", "")
    starts = [0, *(each["epoch"] for each in line)]
    ghosts = [
        {"model": each["run"], "since": since, "until": each["epoch"], "beyond": each is line[-1], "label": "parent"}
        for since, each in zip(starts, line, strict=False)
    ]
    if repeats and repeats not in [ghost["model"] for ghost in ghosts]:
        ghosts.append({"model": repeats, "since": 0, "until": 0, "beyond": True})
    earlier = f"seed {run.origin.get('seed')}, earlier"
    named = [ghost | {"label": earlier} if ghost["model"] == repeats else ghost for ghost in ghosts]
    return [ghost for ghost in named if found(catalog, ghost["model"])]


def parent_of(run: Run, catalog: Catalog) -> ModelRecord | None:
    """The run that a fork started from; None if it was deleted, or for a run that is no fork."""
    line = ancestors(run)
    return found(catalog, line[-1]["run"]) if line else None


def found(catalog: Catalog, model: str) -> ModelRecord | None:
    try:
        return catalog.find(model)
    except RunNotFound:
        return None
