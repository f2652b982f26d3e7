"""An evaluation: its models, progress and result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.schema import Misfit, check, parse_json

LIVE = ("starting", "running")
STATES = ("queued", *LIVE, "finished", "stopped", "failed", "lost")
TRUSTED = 0.03  # share of the work done; before that, an estimate of the time left is unreliable


@dataclass(frozen=True)
class EvaluationJob:
    """One row of the store. state: "lost" for a live job without a recent heartbeat. Times are seconds since 1970.

    models: (id, epoch) of each.
    """

    id: int
    models: tuple[tuple[str, int], ...]
    count: int  # pictures per model
    seed: int
    state: str  # "queued", "starting", "running", "finished", "stopped", "failed" or "lost"
    reason: str = ""  # why it failed
    words: str = ""  # what it is doing
    share: float = 0.0  # of the work that is done
    wants_stop: bool = False
    queued: float = 0.0
    started: float | None = None
    ended: float | None = None
    heartbeat: float | None = None

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or live."""
        return self.state in LIVE or self.state == "queued"

    def progress_words(self, now: float) -> str:
        """The label of a progress bar: the current stage and the time left."""
        if self.state == "queued":
            return "Waiting for a worker, about 5 s"
        if self.wants_stop:
            return "Stopping; completed measurements are saved"
        seconds = now - (self.started or now)
        left = _left(seconds * (1 - self.share) / self.share) if self.share >= TRUSTED else ""
        return f"{self.words or 'Starting'}{left}"

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> EvaluationJob:
        """Raises Misfit."""
        check(str | bytes, row["models"], "models")
        values = {**dict(row), "models": parse_json(row["models"]), "wants_stop": bool(row["wants_stop"])}
        check(EvaluationJob, values)
        if values["state"] not in STATES:
            raise Misfit(f"state is {values['state']!r:.40}, wanted one of {', '.join(STATES)}")
        return cls(**{**values, "models": tuple((name, epoch) for name, epoch in values["models"])})


def _left(seconds: float) -> str:
    if seconds < 90:
        return f" · about {max(10, round(seconds, -1)):.0f} s left"
    return f" · about {seconds / 60:.0f} minutes left"
