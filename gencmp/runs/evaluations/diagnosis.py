"""The diagnosis of a model in the catalog, and what may cure it. Imports no torch."""

from __future__ import annotations

from typing import Any

from gencmp.data.classes import nouns_of
from gencmp.evaluation.diagnosis.rules import History, diagnose
from gencmp.evaluation.diagnosis.words import Diagnosis, in_words
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.runs.store import config_now
from gencmp.settings.levers import LEVERS

AT_MOST = 300  # epochs that are looked at; of a longer run, evenly spaced ones


def diagnosis_of(record: ModelRecord) -> Diagnosis | None:
    """None while it is too early to say."""
    run = record.run
    history = History(run.kind, run.config, record.epochs(points=AT_MOST), record.checkups(), run.has_diverged)
    finding = diagnose(history)
    if finding is None:
        return None
    return in_words(finding, config_now(run, record.changes()).to_dict(), nouns_of(class_names(run)))


def cure_of(record: ModelRecord) -> tuple[int, dict[str, Any]] | None:
    """The changes that may cure the run, and the kept epoch before its illness to start from if it has ended; None if there
    is nothing to change."""
    found = diagnosis_of(record)
    if found is None or not found.changes:
        return None
    if record.run.is_live and not set(found.changes) <= set(LEVERS[record.run.kind]):
        return None
    kept = [epoch for epoch in record.folder.kept() if epoch < found.since]
    return max(kept, default=0), dict(found.changes)
