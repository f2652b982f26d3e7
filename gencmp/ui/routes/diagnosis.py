"""The diagnosis of a run for its card: found once for each epoch and checkup, however many viewers ask. Imports no torch."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.diagnosis import cure_of, diagnosis_of
from gencmp.runs.store import config_now
from gencmp.settings.levers import change_words

_LABEL = re.compile(
    r"(?:^|(?<=, ))[A-Z](?=[a-z])"
)  # the first letter of a setting's name, which stands within a sentence


def diagnosis_facts(record: ModelRecord, checkup: int) -> dict[str, Any] | None:
    """For the card. checkup: the epoch of the newest one."""
    run = record.run
    return _facts(_Known(run.id, run.state, run.epoch, checkup, len(record.changes()), record))


@dataclass(frozen=True)
class _Known:
    """What is known of a run when it is diagnosed; with nothing new, the diagnosis holds."""

    run: str
    state: str
    epoch: int
    checkup: int
    changes: int
    record: ModelRecord = field(compare=False)


@lru_cache(maxsize=256)
def _facts(known: _Known) -> dict[str, Any] | None:
    record = known.record
    found = diagnosis_of(record)
    if found is None:
        return None
    shown = {name: getattr(found, name) for name in ("name", "level", "since", "sentence", "meaning", "advice")}
    return shown | {"cure": _cure_words(record)}


def _cure_words(record: ModelRecord) -> str:
    """The button that does it: "Try learning rate of D 0.001 → 0.0001, at once", or "… , from epoch 3"."""
    cure = cure_of(record)
    if cure is None or record.is_shipped:
        return ""
    epoch, changes = cure
    now = config_now(record.run, record.changes())
    words = change_words(now, {name: (getattr(now, name), value) for name, value in changes.items()})
    when = "at once" if record.run.is_live else f"from epoch {epoch}" if epoch else "from the start"
    return f"Try {_LABEL.sub(lambda found: found[0].lower(), words)}, {when}"
